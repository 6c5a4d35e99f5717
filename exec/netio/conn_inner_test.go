package netio_test

import (
	"io"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// An event of a closed connection that is told late is not taken for one of the connection
// that has its descriptor, and its place in the table, now.
func TestStaleEvent(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	var calls atomic.Int64
	var conns []*netio.Conn
	_, addr := h.listen(netio.ListenConfig{Handle: func(_ *exec.Co, c *netio.Conn) error {
		if calls.Add(1); c.Data == nil {
			c.Data = true
			conns = append(conns, c)
		}
		return netio.Wait
	}})
	old := dial(t, addr)
	eventually(t, "it waits", func() bool { return h.r.Stats().Waiting == 1 })
	h.do(func(*exec.Local) {
		key, fd := conns[0].Key(), conns[0].FD()
		require.NoError(t, conns[0].Close())
		var again *netio.Conn
		// The next socket has its number.
		require.NoError(t, h.r.Local().Go(func(*exec.Co) {
			a, err := h.r.Dial("tcp", addr, netio.DialConfig{})
			require.NoError(t, err)
			again = a
			require.Equal(t, fd, a.FD())
			require.Equal(t, uint32(key), uint32(a.Key()))
			require.NotEqual(t, key, a.Key())
			require.NoError(t, a.Serve(func(*exec.Co, *netio.Conn) error { calls.Add(100); return netio.Wait }))
		}))
		h.r.Local().Spawn(exec.Func(func(*exec.Local) {
			_ = again
			h.r.Ready(key)
		}))
	})
	eventually(t, "both wait", func() bool { return h.r.Stats().Waiting == 2 })
	before := calls.Load()
	h.do(func(*exec.Local) { h.r.Ready(conns[0].Key()) })
	h.do(func(*exec.Local) {})
	require.Equal(t, before, calls.Load())
	require.EqualValues(t, 102, before)
	_, err := old.Read(make([]byte, 1))
	require.Equal(t, io.EOF, err)
}

func TestAllocations(t *testing.T) {
	countable(t)
	networks(t, func(h *host, co *exec.Co, a, b *netio.Conn) {
		buf, in := make([]byte, 100), make([]byte, 100)
		bufs := make(net.Buffers, 2)
		step := func(err error) {
			if err != nil {
				h.t.Fatal(err)
			}
		}
		for name, f := range map[string]func(){
			"Read and Write": func() {
				_, err := a.Write(buf)
				step(err)
				_, err = io.ReadFull(b, in)
				step(err)
			},
			"Peek and Discard": func() {
				_, err := a.Write(buf)
				step(err)
				_, err = b.Peek(len(buf))
				step(err)
				b.Discard(len(buf))
			},
			"TryWrite": func() {
				_, err := a.TryWrite(buf)
				step(err)
				_, err = io.ReadFull(b, in)
				step(err)
			},
			"Writev": func() {
				bufs = bufs[:2]
				bufs[0], bufs[1] = buf[:50], buf[50:]
				v := bufs
				_, err := a.Writev(&v)
				step(err)
				_, err = io.ReadFull(b, in)
				step(err)
			},
		} {
			most := 0.0
			if name == "Writev" {
				most = 1 // v, which is the test's
			}
			require.LessOrEqual(h.t, testing.AllocsPerRun(100, f), most, name)
		}
	})
}

// Reads that wait for the other coroutine, which is the usual case.
func TestAllocationsOfPingPong(t *testing.T) {
	countable(t)
	networks(t, func(h *host, co *exec.Co, a, b *netio.Conn) {
		j, err := exec.Go(co.Local(), func(*exec.Co) (struct{}, error) {
			in := make([]byte, 100)
			for {
				n, err := b.Read(in)
				if err == nil {
					_, err = b.Write(in[:n])
				}
				if err != nil {
					return struct{}{}, err
				}
			}
		})
		require.NoError(h.t, err)
		buf := make([]byte, 100)
		allocs := testing.AllocsPerRun(200, func() {
			if _, err := a.Write(buf); err != nil {
				h.t.Fatal(err)
			}
			if _, err := io.ReadFull(a, buf); err != nil {
				h.t.Fatal(err)
			}
		})
		require.Zero(h.t, allocs)
		require.NoError(h.t, a.CloseWrite())
		_, err = j.Await(co)
		require.Equal(h.t, io.EOF, err)
	})
}

// Outside is a net.Conn for anyone, until the Exec ends, also while it drains.
func TestOutside(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	served := make(chan error, 1)
	began := make(chan struct{})
	_, addr := h.listen(netio.ListenConfig{Handle: func(co *exec.Co, c *netio.Conn) error {
		o := c.Outside()
		_, err := exec.Blocking(co, func() (struct{}, error) {
			close(began)
			b, err := io.ReadAll(o)
			if err == nil {
				_, err = o.Write(b)
			}
			if err == nil {
				err = o.(interface{ CloseWrite() error }).CloseWrite()
			}
			return struct{}{}, err
		})
		served <- err
		return err
	}})
	c := dial(t, addr)
	await(t, began)
	drained := make(chan error, 1)
	go func() { drained <- drain(t, h.x, time.Minute) }()
	eventually(t, "it drains", func() bool { return !h.x.TrySend(exec.Func(func(*exec.Local) {})) })
	_, err := c.Write([]byte("hello"))
	require.NoError(t, err)
	require.NoError(t, c.(*net.TCPConn).CloseWrite())
	got, err := io.ReadAll(c)
	require.NoError(t, err)
	require.Equal(t, "hello", string(got))
	require.NoError(t, take(t, served))
	require.NoError(t, take(t, drained))

	// The end of the Exec ends what is under way, and what comes then.
	h = begin(t, exec.Config{}, netio.Config{})
	var o net.Conn
	h.co(func(*exec.Co) {
		a, _ := h.pair("tcp", "127.0.0.1:0")
		o = a.Outside()
		_, err := o.Read(make([]byte, 1))
		require.ErrorIs(t, err, exec.ErrOnLoop)
		_, err = o.Write(make([]byte, 1))
		require.ErrorIs(t, err, exec.ErrOnLoop)
	})
	errs := make(chan error, 3)
	for range 3 { // two of them wait for the first one
		go func() { _, err := o.Read(make([]byte, 1)); errs <- err }()
	}
	time.Sleep(5 * time.Millisecond)
	h.x.Stop()
	for range 3 {
		require.ErrorIs(t, take(t, errs), net.ErrClosed)
	}
	_, err = o.Write([]byte("x"))
	require.ErrorIs(t, err, net.ErrClosed)
}

// However the end of the Exec meets them, operations from outside end, too.
func TestOutsideEnds(t *testing.T) {
	for range 30 {
		h := begin(t, exec.Config{}, netio.Config{})
		ends := make(chan net.Conn, 2)
		h.co(func(*exec.Co) {
			a, b := h.pair("tcp", "127.0.0.1:0")
			ends <- a.Outside()
			ends <- b.Outside()
		})
		a, b := take(t, ends), take(t, ends)
		errs := make(chan error, 2)
		go func() { _, err := io.Copy(onlyWriter{a}, onlyReader{a}); errs <- err }()
		go func() {
			var err error
			for buf := make([]byte, 100); err == nil; {
				if _, err = b.Write(buf); err == nil {
					_, err = io.ReadFull(b, buf)
				}
			}
			errs <- err
		}()
		time.Sleep(time.Millisecond)
		h.x.Stop()
		for range 2 {
			require.ErrorIs(t, take(t, errs), net.ErrClosed)
		}
	}
}

type onlyWriter struct{ io.Writer }

// A handler that returns what Await says when the Exec drains has not failed.
func TestDrainOfAwait(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{OnError: func(_ *netio.Conn, err error) { t.Error(err) }})
	_, addr := h.listen(netio.ListenConfig{Handle: func(co *exec.Co, c *netio.Conn) error {
		if b, err := c.Peek(1); err != nil || b[0] == 'l' { // this one comes to Await late
			for err == nil && !c.Reactor().Draining() {
				err = co.Sleep(time.Millisecond)
			}
			if err != nil {
				return err
			}
		}
		c.Discard(1)
		return c.Await()
	}})
	for _, b := range []string{"a", "l"} {
		_, err := io.WriteString(dial(t, addr), b)
		require.NoError(t, err)
	}
	eventually(t, "both are served", func() bool { return h.r.Stats().BytesIn == 2 })
	require.NoError(t, drain(t, h.x, time.Minute))
	s := h.r.Stats()
	require.EqualValues(t, []uint64{2, 0, 0}, []uint64{s.Drained, s.Failed, s.Abandoned})
}
