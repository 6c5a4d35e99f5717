package netio_test

import (
	"errors"
	"io"
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// reset ends a connection as a peer does that crashes.
func reset(t testing.TB, c net.Conn) {
	t.Helper()
	require.NoError(t, c.(*net.TCPConn).SetLinger(0))
	require.NoError(t, c.Close())
}

// A peer that is gone is an error of the operation that was under way, whichever, and the
// end of its connection only.
func TestResetInEveryPhase(t *testing.T) {
	began := make(chan struct{}, 10)
	gone := make(chan struct{})
	for name, handle := range map[string]netio.Handler{
		"in Read": func(_ *exec.Co, c *netio.Conn) error {
			began <- struct{}{}
			_, err := c.Read(make([]byte, 1))
			return err
		},
		"in Peek": func(_ *exec.Co, c *netio.Conn) error {
			began <- struct{}{}
			_, err := c.Peek(1000)
			return err
		},
		"in Await": func(_ *exec.Co, c *netio.Conn) error { began <- struct{}{}; return c.Await() },
		"in Write": func(_ *exec.Co, c *netio.Conn) error {
			began <- struct{}{}
			_, err := c.Write(make([]byte, 64<<20))
			return err
		},
		"in Writev": func(_ *exec.Co, c *netio.Conn) error {
			began <- struct{}{}
			_, err := c.Writev(&net.Buffers{make([]byte, 32<<20), make([]byte, 32<<20)})
			return err
		},
		"in Wait": func(_ *exec.Co, c *netio.Conn) error {
			if c.Data == nil {
				c.Data = 1
				began <- struct{}{}
				return netio.Wait
			}
			_, err := c.Read(make([]byte, 1))
			return err
		},
		"before Wait": func(_ *exec.Co, c *netio.Conn) error {
			if c.Data == nil {
				c.Data = 1
				began <- struct{}{}
				<-gone // the loop is blocked: it has not heard of it when it looks whether to wait
				return netio.Wait
			}
			_, err := c.Read(make([]byte, 1))
			return err
		},
		"after it was read": func(co *exec.Co, c *netio.Conn) (err error) {
			began <- struct{}{}
			for err == nil {
				if _, err = c.Write([]byte("x")); err == nil {
					err = co.Sleep(time.Millisecond)
				}
			}
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			noLeak(t)
			errs := make(chan error, 10)
			h := begin(t, exec.Config{}, netio.Config{OnError: func(_ *netio.Conn, err error) { errs <- err }})
			_, addr := h.listen(netio.ListenConfig{Handle: handle})
			c := dial(t, addr)
			<-began
			reset(t, c)
			if name == "before Wait" {
				close(gone)
			}
			err := take(t, errs)
			require.Contains(t, []string{"ECONNRESET", "EPIPE"}, errnoName(err))
			eventually(t, "it is closed", func() bool { s := h.r.Stats(); return s.Conns == 0 && s.Failed == 1 })
			c = dial(t, addr)
			<-began // others go on
			require.NoError(t, c.Close())
		})
	}
}

// errnoName names the two errors of a peer that is gone.
func errnoName(err error) string {
	switch {
	case errors.Is(err, syscall.ECONNRESET):
		return "ECONNRESET"
	case errors.Is(err, syscall.EPIPE):
		return "EPIPE"
	}
	return err.Error()
}

// Connections that are gone before they are accepted.
func TestResetBeforeAccept(t *testing.T) {
	noLeak(t)
	h := begin(t, exec.Config{}, netio.Config{})
	_, addr := h.listen(netio.ListenConfig{Handle: echo})
	h.do(func(*exec.Local) { // nothing is accepted meanwhile
		for range 20 {
			reset(t, dial(t, addr))
		}
	})
	eventually(t, "all are settled", func() bool {
		s := h.r.Stats()
		return s.Accepted+s.AcceptErrors == 20 && s.Conns == 0
	})
	roundTrip(t, dial(t, addr))
}

func roundTrip(t testing.TB, c net.Conn) {
	t.Helper()
	_, err := c.Write([]byte("hello"))
	require.NoError(t, err)
	b := make([]byte, 5)
	_, err = io.ReadFull(c, b)
	require.NoError(t, err)
	require.Equal(t, "hello", string(b))
}

// A peer that has closed its writing side still gets all of its answer.
func TestHalfOpenPeer(t *testing.T) {
	noLeak(t)
	h := begin(t, exec.Config{}, netio.Config{})
	_, addr := h.listen(netio.ListenConfig{Handle: func(co *exec.Co, c *netio.Conn) error {
		n, err := io.Copy(io.Discard, c)
		require.NoError(t, err)
		require.EqualValues(t, 100_000, n)
		require.NoError(t, co.Sleep(5*time.Millisecond))
		_, err = c.Write(make([]byte, 4<<20))
		return err
	}})
	c := dial(t, addr)
	_, err := c.Write(make([]byte, 100_000))
	require.NoError(t, err)
	require.NoError(t, c.(*net.TCPConn).CloseWrite())
	n, err := io.Copy(io.Discard, c)
	require.NoError(t, err)
	require.EqualValues(t, 4<<20, n)
	eventually(t, "it is closed", func() bool { return h.r.Stats().Conns == 0 })
	require.Zero(t, h.r.Stats().Failed)
}

// One that has, and then crashes while it is written to.
func TestResetAfterHalfClose(t *testing.T) {
	noLeak(t)
	errs := make(chan error, 1)
	h := begin(t, exec.Config{}, netio.Config{OnError: func(_ *netio.Conn, err error) { errs <- err }})
	writes := make(chan struct{})
	_, addr := h.listen(netio.ListenConfig{Handle: func(_ *exec.Co, c *netio.Conn) error {
		_, err := io.Copy(io.Discard, c)
		require.NoError(t, err)
		close(writes)
		_, err = c.Write(make([]byte, 64<<20))
		return err
	}})
	c := dial(t, addr)
	require.NoError(t, c.(*net.TCPConn).CloseWrite())
	<-writes
	reset(t, c)
	err := take(t, errs)
	require.Contains(t, []string{"ECONNRESET", "EPIPE"}, errnoName(err))
	eventually(t, "it is closed", func() bool { s := h.r.Stats(); return s.Conns == 0 && s.Failed == 1 })
}

// CloseWrite of the handler's: the other side reads the end, and is still read.
func TestCloseWrite(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	got := make(chan string, 1)
	_, addr := h.listen(netio.ListenConfig{Handle: func(_ *exec.Co, c *netio.Conn) error {
		_, err := c.Write([]byte("question"))
		require.NoError(t, err)
		require.NoError(t, c.CloseWrite())
		_, err = c.Write([]byte("more"))
		require.ErrorIs(t, err, syscall.EPIPE)
		b, err := io.ReadAll(c)
		got <- string(b)
		return err
	}})
	c := dial(t, addr)
	b, err := io.ReadAll(c)
	require.NoError(t, err)
	require.Equal(t, "question", string(b))
	_, err = c.Write([]byte("answer"))
	require.NoError(t, err)
	require.NoError(t, c.Close())
	require.Equal(t, "answer", take(t, got))
}
