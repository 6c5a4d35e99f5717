package netio_test

import (
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// An Exec that ends closes what is open, however it is, and counts it.
func TestStopClosesAll(t *testing.T) {
	noLeak(t)
	h := begin(t, exec.Config{}, netio.Config{})
	_, served := h.listen(netio.ListenConfig{Handle: echo})
	_, waits := h.listen(netio.ListenConfig{Handle: func(*exec.Co, *netio.Conn) error { return netio.Wait }})
	accepting, _ := h.listen(netio.ListenConfig{})
	var conns []net.Conn
	for range 5 {
		conns = append(conns, dial(t, served), dial(t, waits))
	}
	accepts := make(chan error, 1)
	h.do(func(l *exec.Local) {
		require.NoError(t, l.Go(func(*exec.Co) {
			_, err := accepting.Accept()
			accepts <- err
		}))
	})
	h.co(func(*exec.Co) { // of nobody
		_, err := h.r.Dial("tcp", accepting.Addr().String(), netio.DialConfig{})
		require.NoError(t, err)
	})
	require.NoError(t, take(t, accepts)) // the connection is nobody's, too
	h.do(func(l *exec.Local) {
		require.NoError(t, l.Go(func(*exec.Co) {
			_, err := accepting.Accept()
			accepts <- err
		}))
	})
	eventually(t, "all are served", func() bool { s := h.r.Stats(); return s.Conns == 12 && s.Waiting == 5 })
	h.x.Stop()
	h.ended()
	require.ErrorIs(t, take(t, accepts), exec.ErrClosed)
	s := h.r.Stats()
	require.EqualValues(t, []uint64{12, 0, 0}, []uint64{s.Abandoned, s.Failed, uint64(s.Conns + s.Waiting)})
	for _, c := range conns {
		_, err := c.Read(make([]byte, 1))
		require.Equal(t, io.EOF, err)
		require.NoError(t, c.Close())
	}
	_, err := net.Dial("tcp", served)
	require.Error(t, err)
}

// A Close from elsewhere that the loop has not seen when it ends.
func TestCloseJustBeforeTheEnd(t *testing.T) {
	noLeak(t)
	w := walk(t, exec.Config{}, netio.Config{})
	var conns []*netio.Conn
	_, addr := w.listen(netio.ListenConfig{Handle: func(_ *exec.Co, c *netio.Conn) error {
		conns = append(conns, c)
		return netio.Wait
	}})
	var peers []net.Conn
	for range 3 {
		peers = append(peers, dial(t, addr))
	}
	w.until("all are there", func() bool { return len(conns) == 3 && w.stats().Waiting == 3 })
	done := make(chan struct{})
	go func() {
		defer close(done)
		for _, c := range conns[:2] {
			require.NoError(t, c.Close())
		}
	}()
	await(t, done)
	w.x.Stop()
	require.EqualValues(t, 1, w.r.Stats().Abandoned, "the others were closed")
	require.Zero(t, w.r.Stats().Conns)
	for _, c := range append(conns, conns[0]) {
		require.ErrorIs(t, c.Close(), net.ErrClosed)
	}
	for _, c := range peers {
		_, err := c.Read(make([]byte, 1))
		require.Equal(t, io.EOF, err)
		_ = c.Close()
	}
}

// Goroutines close connections, and move their deadlines, while the loop reads and writes:
// each ends, once, and no descriptor is closed twice.
func TestCloseStorm(t *testing.T) {
	noLeak(t)
	h := begin(t, exec.Config{}, netio.Config{})
	made := make(chan *netio.Conn, 1000)
	_, addr := h.listen(netio.ListenConfig{Handle: func(_ *exec.Co, c *netio.Conn) error {
		made <- c
		return echo(nil, c)
	}})
	n := 60
	var wg sync.WaitGroup
	var ended atomic.Int32
	for range n {
		wg.Go(func() {
			c := dial(t, addr)
			b := make([]byte, 100)
			for {
				if _, err := c.Write(b); err != nil {
					break
				}
				if _, err := io.ReadFull(c, b); err != nil {
					break
				}
			}
			ended.Add(1)
			_ = c.Close()
		})
	}
	for range n {
		c := <-made
		var first atomic.Int32
		for range 4 {
			wg.Go(func() {
				for range 10 {
					_ = c.SetReadDeadline(time.Now().Add(time.Hour))
					_ = c.SetDeadline(time.Time{})
					_ = c.RemoteAddr()
				}
				if err := c.Close(); err == nil {
					first.Add(1)
				} else if !errors.Is(err, net.ErrClosed) {
					t.Error(err)
				}
				if _, err := c.Read(make([]byte, 1)); !errors.Is(err, netio.ErrNotOnLoop) {
					t.Error(err)
				}
				if _, err := c.Write(make([]byte, 1)); !errors.Is(err, netio.ErrNotOnLoop) {
					t.Error(err)
				}
				if _, err := c.TryWrite(make([]byte, 1)); !errors.Is(err, netio.ErrNotOnLoop) {
					t.Error(err)
				}
			})
		}
		wg.Go(func() {
			eventually(t, "it was closed once", func() bool { return first.Load() == 1 })
		})
	}
	wg.Wait()
	require.EqualValues(t, n, ended.Load())
	eventually(t, "all are closed", func() bool { s := h.r.Stats(); return s.Conns == 0 && s.Accepted == uint64(n) })
	roundTrip(t, dial(t, addr))
}

// What other goroutines want of a connection while the loop is busy is one look at it.
func TestAttentionIsOneLook(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	made := make(chan *netio.Conn, 1)
	_, addr := h.listen(netio.ListenConfig{Handle: func(_ *exec.Co, c *netio.Conn) error {
		made <- c
		return echo(nil, c)
	}})
	peer := dial(t, addr)
	roundTrip(t, peer)
	c := <-made
	var before uint64
	h.do(func(l *exec.Local) {
		before = l.Stats().Resumes
		done := make(chan struct{})
		go func() {
			defer close(done)
			for range 1000 {
				_ = c.SetReadDeadline(time.Now().Add(time.Hour))
			}
		}()
		await(t, done)
	})
	roundTrip(t, peer)
	h.do(func(l *exec.Local) {
		resumes := l.Stats().Resumes - before
		require.LessOrEqual(t, resumes, uint64(20), "of the coroutine: for the 1000 of them, and for the round trip")
	})
}

// One Exec has one Reactor.
func TestSecondReactor(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	before := descriptors(t)
	h.do(func(l *exec.Local) {
		for range 10 {
			_, err := netio.New(l, netio.Config{})
			require.ErrorIs(t, err, exec.ErrTooMany)
		}
	})
	require.Equal(t, before, descriptors(t))
	_, addr := h.listen(netio.ListenConfig{Handle: echo})
	roundTrip(t, dial(t, addr))
}

func TestWrongConfig(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	h.do(func(l *exec.Local) {
		for want, cfg := range map[string]netio.Config{
			"Config.MaxConns is -1":     {MaxConns: -1},
			"Config.ReadBuffer is 63":   {ReadBuffer: 63},
			"Config.KeepBuffers is -7":  {KeepBuffers: -7},
			"Config.MaxConns is 100000": {MaxConns: 100_000_000},
		} {
			_, err := netio.New(l, cfg)
			require.ErrorContains(t, err, want)
		}
		nothing := func(*exec.Local, netio.Accepted) {}
		for want, cfg := range map[string]netio.ListenConfig{
			"both Handle and Dispatch": {Handle: echo, Dispatch: nothing},
			"negative":                 {MaxConns: -1},
			"Steer and First are for":  {First: true},
		} {
			_, err := h.r.Listen("tcp", "127.0.0.1:0", cfg)
			require.ErrorContains(t, err, want)
		}
		for want, address := range map[string]string{"missing port": "x", "must be a number": "127.0.0.1:http", "needs an IP address": "example.org:80"} {
			_, err := h.r.Listen("tcp", address, netio.ListenConfig{})
			require.ErrorContains(t, err, want)
		}
		for _, cfg := range []netio.ListenConfig{{}, {Handle: echo, Dispatch: nothing}, {Handle: echo, IdleTimeout: -1}} {
			_, err := h.r.Entry(cfg)
			require.Error(t, err)
		}
	})
}

// Hooks that panic lose their connection, and no other.
func TestHooksThatPanic(t *testing.T) {
	for name, cfg := range map[string]netio.ListenConfig{
		"Refuse":   {MaxConns: 1, Handle: echo, Refuse: func(*netio.Conn) { panic("a Refuse's") }},
		"Dispatch": {Dispatch: func(_ *exec.Local, a netio.Accepted) { a.Close(); panic("a Dispatch's") }},
		"OnError":  {Handle: func(*exec.Co, *netio.Conn) error { return io.ErrNoProgress }},
		"Handle":   {Handle: func(*exec.Co, *netio.Conn) error { panic("a Handle's") }},
	} {
		t.Run(name, func(t *testing.T) {
			noLeak(t)
			var panics atomic.Int32
			h := begin(t, exec.Config{OnPanic: func(exec.Panic) { panics.Add(1) }}, netio.Config{OnError: func(*netio.Conn, error) { panic("an OnError's") }})
			_, addr := h.listen(cfg)
			kept := 0
			if name == "Refuse" {
				roundTrip(t, dial(t, addr))
				kept = 1
			}
			var conns []net.Conn
			h.do(func(*exec.Local) { // all at once
				for range 10 {
					conns = append(conns, dial(t, addr))
				}
			})
			for _, c := range conns {
				_, err := c.Read(make([]byte, 1))
				require.Error(t, err)
				require.NotContains(t, err.Error(), "timeout")
			}
			eventually(t, "ten panics", func() bool { return panics.Load() == 10 })
			eventually(t, "all are closed", func() bool { return h.r.Stats().Conns == kept })
		})
	}
}

// A listener without a Handler is a net.Listener for coroutines, as many as like.
func TestAccept(t *testing.T) {
	noLeak(t)
	h := begin(t, exec.Config{}, netio.Config{})
	ln, addr := h.listen(netio.ListenConfig{MaxConns: 200})
	_, err := ln.Accept()
	require.ErrorIs(t, err, netio.ErrNotOnLoop)
	var got [4]int
	ends := make(chan error, 4)
	h.do(func(l *exec.Local) {
		for i := range got {
			require.NoError(t, l.Go(func(co *exec.Co) {
				for {
					c, err := ln.Accept()
					if err != nil {
						ends <- err
						return
					}
					got[i]++
					_, err = io.Copy(c, io.LimitReader(c, 5))
					require.NoError(t, err)
					require.NoError(t, c.Close())
				}
			}))
		}
	})
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() { roundTrip(t, dial(t, addr)) })
	}
	wg.Wait()
	h.do(func(*exec.Local) {
		require.NoError(t, ln.Close())
		require.ErrorIs(t, ln.Close(), net.ErrClosed)
	})
	for range got {
		require.ErrorIs(t, take(t, ends), net.ErrClosed)
	}
	require.Equal(t, 100, got[0]+got[1]+got[2]+got[3])
}

// A connection of a Lazy listener has a coroutine when it has something to read.
func TestLazy(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	_, addr := h.listen(netio.ListenConfig{Lazy: true, Handle: echo})
	speaks, silent, leaves := dial(t, addr), dial(t, addr), dial(t, addr)
	eventually(t, "all wait", func() bool { return h.r.Stats().Waiting == 3 })
	require.Zero(t, h.x.Stats().Coroutines)
	require.Zero(t, h.r.Stats().Reads)
	roundTrip(t, speaks)
	require.NoError(t, leaves.Close())
	eventually(t, "one has gone", func() bool { s := h.r.Stats(); return s.Conns == 2 && s.Waiting == 1 })
	go func() { _ = drain(t, h.x, time.Minute) }() // which the one that speaks holds up
	_, err := silent.Read(make([]byte, 1))
	require.Equal(t, io.EOF, err, "nobody was serving it")
	require.NoError(t, speaks.Close())
	require.NoError(t, h.x.Wait())
	s := h.r.Stats()
	require.EqualValues(t, []uint64{3, 1, 0}, []uint64{s.Accepted, s.Drained, s.Failed})
}
