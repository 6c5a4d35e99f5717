package netio_test

import (
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// An idle connection is closed, and what is read or written moves the time.
func TestIdleTimeout(t *testing.T) {
	for name, waits := range map[string]bool{"in Read": false, "in Wait": true} {
		t.Run(name, func(t *testing.T) {
			noLeak(t)
			w := walk(t, exec.Config{}, netio.Config{})
			var ended error
			_, addr := w.listen(netio.ListenConfig{IdleTimeout: 10 * time.Second, Handle: func(_ *exec.Co, c *netio.Conn) error {
				if waits && c.Data == nil {
					c.Data = 1
					return netio.Wait
				}
				for {
					b := make([]byte, 1)
					if _, err := c.Read(b); err != nil {
						ended = err
						return err
					}
					if b[0] == 'w' {
						return netio.Wait
					}
				}
			}})
			c := dial(t, addr)
			w.until("it is there", func() bool { return w.stats().Conns == 1 })
			for i := range 3 {
				w.pass(9 * time.Second)
				require.Equal(t, 1, w.stats().Conns, "before it is time")
				_, err := c.Write([]byte(map[bool]string{false: "x", true: "w"}[waits]))
				require.NoError(t, err)
				w.until("it is read", func() bool { return w.stats().BytesIn == uint64(i+1) })
			}
			w.pass(9 * time.Second)
			require.Equal(t, 1, w.stats().Conns)
			w.pass(2 * time.Second)
			s := w.stats()
			require.Zero(t, s.Conns)
			require.EqualValues(t, 1, s.Idle)
			require.Zero(t, s.Failed, "the handler's error is the same thing")
			require.Equal(t, waits, ended == nil)
			if !waits {
				require.ErrorIs(t, ended, netio.ErrIdle)
			}
			_, err := c.Read(make([]byte, 1))
			require.Equal(t, io.EOF, err)
		})
	}
}

// Writes count, also while nothing happens on any socket.
func TestIdleTimeoutOfAWriter(t *testing.T) {
	w := walk(t, exec.Config{}, netio.Config{})
	_, addr := w.listen(netio.ListenConfig{IdleTimeout: 10 * time.Second, Handle: func(co *exec.Co, c *netio.Conn) error {
		for {
			if err := co.Sleep(6 * time.Second); err != nil {
				return err
			}
			if _, err := c.Write([]byte("x")); err != nil {
				return err
			}
		}
	}})
	dial(t, addr)
	w.until("it is there", func() bool { return w.stats().Conns == 1 })
	for i := range 10 {
		w.pass(6 * time.Second)
		s := w.stats()
		require.Equal(t, 1, s.Conns)
		require.EqualValues(t, i+1, s.BytesOut)
	}
}

func TestMaxLifetime(t *testing.T) {
	w := walk(t, exec.Config{}, netio.Config{})
	var ended error
	_, addr := w.listen(netio.ListenConfig{MaxLifetime: time.Minute, IdleTimeout: time.Hour, Handle: func(_ *exec.Co, c *netio.Conn) error {
		ended = echo(nil, c)
		return ended
	}})
	c := dial(t, addr)
	w.until("it is there", func() bool { return w.stats().Conns == 1 })
	w.pass(59 * time.Second)
	_, err := c.Write([]byte("x"))
	require.NoError(t, err)
	w.until("it is answered", func() bool { return w.stats().BytesOut == 1 })
	w.pass(2 * time.Second)
	s := w.stats()
	require.EqualValues(t, []uint64{0, 1, 0, 0}, []uint64{uint64(s.Conns), s.Lifetime, s.Idle, s.Failed})
	require.ErrorIs(t, ended, netio.ErrLifetime)
}

// Both can be changed while the connection lives.
func TestSetIdleTimeoutAndLifetime(t *testing.T) {
	w := walk(t, exec.Config{}, netio.Config{})
	var c *netio.Conn
	_, addr := w.listen(netio.ListenConfig{IdleTimeout: time.Second, Handle: func(_ *exec.Co, conn *netio.Conn) error {
		c = conn
		return echo(nil, c)
	}})
	dial(t, addr)
	w.until("it is served", func() bool { return c != nil })
	require.Equal(t, time.Second, c.IdleTimeout())
	set := func(f func() error) { w.on(func(*exec.Local) { require.NoError(t, f()) }) }
	set(func() error { return c.SetIdleTimeout(time.Hour) })
	w.pass(59 * time.Minute)
	require.Equal(t, 1, w.stats().Conns)
	set(func() error { return c.SetIdleTimeout(0) })
	w.pass(100 * time.Hour)
	require.Equal(t, 1, w.stats().Conns, "no limit")
	set(func() error { return c.SetLifetime(time.Hour) })
	w.pass(time.Minute)
	set(func() error { return c.SetLifetime(0) })
	w.pass(time.Hour)
	require.Equal(t, 1, w.stats().Conns, "no limit")
	set(func() error { return c.SetLifetime(time.Second) })
	w.pass(2 * time.Second)
	require.EqualValues(t, 1, w.stats().Lifetime)
	w.on(func(*exec.Local) { require.Zero(t, netio.BuffersInUse(w.r)) })
}

// Timers that cannot be armed refuse the connection.
func TestLimitsWithoutTimers(t *testing.T) {
	w := walk(t, exec.Config{MaxTimers: 1}, netio.Config{})
	_, addr := w.listen(netio.ListenConfig{IdleTimeout: time.Hour, Handle: echo, Refuse: func(c *netio.Conn) { _, _ = c.TryWrite([]byte("full")) }})
	dial(t, addr)
	second := dial(t, addr)
	w.until("one is refused", func() bool { return w.stats().Refused == 1 })
	require.Equal(t, 1, w.stats().Conns)
	b, err := io.ReadAll(second)
	require.NoError(t, err)
	require.Equal(t, "full", string(b))
}

// Limits of the listener, and of the Reactor: those beyond are told, in a storm, too.
func TestMaxConnsInAStorm(t *testing.T) {
	for name, cfg := range map[string]struct {
		of   netio.Config
		each netio.ListenConfig
	}{
		"Config":       {of: netio.Config{MaxConns: 50}},
		"ListenConfig": {each: netio.ListenConfig{MaxConns: 50}},
	} {
		t.Run(name, func(t *testing.T) {
			noLeak(t)
			h := begin(t, exec.Config{}, cfg.of)
			cfg.each.Handle = echo
			cfg.each.Refuse = func(c *netio.Conn) { _, _ = c.TryWrite([]byte("full!")) }
			_, addr := h.listen(cfg.each)
			n := 1000
			if testing.Short() {
				n = 300
			}
			answers := make(chan string, n)
			over := make(chan struct{})
			for range n {
				go func() {
					c, err := net.DialTimeout("tcp", addr, 20*time.Second)
					if err != nil {
						answers <- err.Error()
						return
					}
					defer c.Close()
					_ = c.SetDeadline(time.Now().Add(20 * time.Second))
					_, _ = c.Write([]byte("hello")) // it is refused before this is read, or after
					b := make([]byte, 5)
					_, err = io.ReadFull(c, b)
					if err != nil && !errors.Is(err, net.ErrClosed) {
						b = []byte("reset")
					}
					answers <- string(b)
					if string(b) == "hello" {
						<-over
					}
				}()
			}
			got := map[string]int{}
			for range n {
				got[<-answers]++
			}
			close(over)
			require.Equal(t, 50, got["hello"])
			require.Equal(t, n, got["hello"]+got["full!"]+got["reset"], "%v", got)
			require.Positive(t, got["full!"])
			eventually(t, "all are counted", func() bool {
				s := h.r.Stats()
				return s.Accepted == uint64(n) && s.Refused == uint64(n-50) && s.Conns == 0
			})
			require.LessOrEqual(t, got["reset"], n/2, "%v: most hear why", got)
			roundTrip(t, dial(t, addr))
		})
	}
}
