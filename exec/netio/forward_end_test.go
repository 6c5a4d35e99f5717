package netio_test

import (
	"errors"
	"io"
	"net"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// A reset is an error of the side that it has happened on.
func TestForwardResets(t *testing.T) {
	t.Run("of the source", func(t *testing.T) {
		for _, size := range []int{10, 1_000_000} {
			h := begin(t, exec.Config{}, netio.Config{})
			release := make(chan struct{})
			p := forwards(h, backend(t, func(c *net.TCPConn) { <-release; _, _ = io.Copy(io.Discard, c) }), nil)
			c := dial(t, p.addr)
			go func() {
				_, _ = c.Write(make([]byte, size))
			}()
			eventually(t, "some is forwarded", func() bool { return h.r.Stats().BytesOut > 0 })
			require.NoError(t, c.(*net.TCPConn).SetLinger(0))
			require.NoError(t, c.Close())
			close(release)
			up := <-p.up
			var op *net.OpError
			require.True(t, errors.As(up.err, &op), "%v", up.err)
			require.Equal(t, "read", op.Op)
			require.ErrorIs(t, up.err, syscall.ECONNRESET)
		}
	})
	t.Run("of the destination", func(t *testing.T) {
		h := begin(t, exec.Config{}, netio.Config{})
		release := make(chan struct{})
		p := forwards(h, backend(t, func(c *net.TCPConn) {
			<-release
			_ = c.SetLinger(0)
		}), nil)
		c := dial(t, p.addr)
		go func() {
			for {
				if _, err := c.Write(make([]byte, 100_000)); err != nil {
					return
				}
			}
		}()
		eventually(t, "there is something in the pipe", func() bool {
			s := h.r.Stats()
			return s.Pipes == 1 && s.Held > 0 && s.BytesIn > s.BytesOut
		})
		close(release)
		up := <-p.up
		var op *net.OpError
		require.True(t, errors.As(up.err, &op), "%v", up.err)
		require.Equal(t, "write", op.Op)
		eventually(t, "a pipe that is not empty is not kept", func() bool {
			s := h.r.Stats()
			return s.Conns == 0 && s.Pipes == 0
		})
		require.EqualValues(t, h.r.Stats().BytesOut, up.n)
	})
}

// A reader that does not read makes the sender stop, and costs a pipe at most.
func TestForwardBackPressure(t *testing.T) {
	const conns = 5
	h := begin(t, exec.Config{}, netio.Config{MaxPipes: 2})
	release := make(chan struct{})
	p := forwards(h, backend(t, func(c *net.TCPConn) {
		_ = c.SetReadBuffer(64 << 10)
		<-release
		_, _ = io.Copy(io.Discard, c)
	}), nil)
	var wg sync.WaitGroup
	const each = 24 << 20
	for range conns {
		c := dial(t, p.addr)
		wg.Go(func() {
			_, err := c.Write(make([]byte, each))
			if err == nil {
				err = c.(*net.TCPConn).CloseWrite()
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	eventually(t, "all writers wait", func() bool { return h.r.Stats().Held >= conns })
	s := h.r.Stats()
	require.LessOrEqual(t, s.Pipes, 2)
	eventually(t, "what is in hand is bounded", func() bool {
		s := h.r.Stats()
		return s.BytesIn > 0 && int64(s.BytesIn-s.BytesOut) <= 2*256<<10+conns*netio.DefaultReadBuffer
	})
	close(release)
	wg.Wait()
	for range conns {
		require.Equal(t, forwarded{each, nil}, take(t, p.up))
	}
	eventually(t, "all is told", func() bool { return h.r.Stats().BytesOut == conns*each })
	require.NotZero(t, h.r.Stats().NoPipe)
}

// A coroutine that is cancelled while it forwards leaves nothing behind.
func TestForwardCancelled(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	release := make(chan struct{})
	p := forwards(h, backend(t, func(c *net.TCPConn) { <-release }), func(co *exec.Co, c, up *netio.Conn) error {
		return co.Within(50*time.Millisecond, func() error {
			_, err := netio.Forward(up, c)
			return err
		})
	})
	defer close(release)
	c := dial(t, p.addr)
	go func() { _, _ = c.Write(make([]byte, 64<<20)) }()
	up := <-p.up
	require.ErrorIs(t, up.err, exec.ErrTimeout)
	// And one whose source is closed from elsewhere.
	conns := make(chan *netio.Conn, 1)
	p = forwards(h, backend(t, tcpEcho), func(_ *exec.Co, c, _ *netio.Conn) error { conns <- c; return nil })
	dial(t, p.addr)
	require.NoError(t, (<-conns).Close())
	require.ErrorIs(t, (<-p.up).err, net.ErrClosed)
}

// A source that is closed while its destination is waited for: what is in hand is delivered.
func TestForwardSourceClosed(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	release := make(chan struct{})
	conns := make(chan *netio.Conn, 1)
	p := forwards(h, backend(t, func(c *net.TCPConn) {
		<-release
		_, _ = io.Copy(io.Discard, c)
	}), func(_ *exec.Co, c, _ *netio.Conn) error { conns <- c; return nil })
	c := dial(t, p.addr)
	go func() { _, _ = c.Write(make([]byte, 64<<20)) }()
	eventually(t, "the upstream is waited for", func() bool {
		s := h.r.Stats()
		return s.Held > 0 && s.BytesIn > s.BytesOut
	})
	require.NoError(t, (<-conns).Close())
	eventually(t, "it is closed", func() bool { return h.r.Stats().Conns == 1 })
	close(release)
	up := <-p.up
	var op *net.OpError
	require.True(t, errors.As(up.err, &op), "%v", up.err)
	require.Equal(t, "read", op.Op)
	require.ErrorIs(t, up.err, net.ErrClosed)
	s := h.r.Stats()
	eventually(t, "all is counted", func() bool { s = h.r.Stats(); return s.BytesOut == s.BytesIn })
	require.EqualValues(t, s.BytesIn, up.n)
}

// A Forward that never has to wait lets others have their turn, and tasks.
func TestForwardFair(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	p := forwards(h, backend(t, func(c *net.TCPConn) { _, _ = io.Copy(io.Discard, c) }), nil)
	c := dial(t, p.addr)
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for b := make([]byte, 1<<20); ; {
			select {
			case <-stop:
				_ = c.Close()
				return
			default:
				_, _ = c.Write(b)
			}
		}
	})
	eventually(t, "it streams", func() bool { return h.r.Stats().Spliced > 10<<20 })
	for range 100 {
		h.do(func(*exec.Local) {})
	}
	close(stop)
	wg.Wait()
	<-p.up
}

func TestForwardMisuse(t *testing.T) {
	a, b := begin(t, exec.Config{}, netio.Config{}), begin(t, exec.Config{}, netio.Config{})
	conns := make(chan *netio.Conn, 2)
	keep := netio.ListenConfig{Handle: func(_ *exec.Co, c *netio.Conn) error {
		if c.Data != nil {
			return nil
		}
		c.Data = true
		conns <- c
		return netio.Wait
	}}
	_, addr := a.listen(keep)
	dial(t, addr)
	c := <-conns
	_, addr = b.listen(keep)
	dial(t, addr)
	d := <-conns
	_, err := netio.Forward(c, c)
	require.ErrorIs(t, err, netio.ErrNotOnLoop)
	a.co(func(*exec.Co) {
		_, err := netio.Forward(d, c)
		require.ErrorContains(t, err, "two Execs")
	})
}
