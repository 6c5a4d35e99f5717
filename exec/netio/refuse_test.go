package netio_test

import (
	"io"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// A connection that Refuse has served is left to that Handler, whatever it was refused for: what
// the other side goes on to send meets no reset.
func TestRefuseMayServe(t *testing.T) {
	handled := func(*exec.Co, *netio.Conn) error { panic("it was refused") }
	forget := func(_ *exec.Co, c *netio.Conn) error {
		if err := c.CloseWrite(); err != nil {
			return err
		}
		_, err := io.Copy(io.Discard, c)
		return err
	}
	refuse := func(c *netio.Conn) {
		_, _ = c.TryWrite([]byte("full"))
		_ = c.Serve(forget)
	}
	send := func(t *testing.T, h *host, addr string) {
		c := dial(t, addr)
		eventually(t, "it is refused", func() bool { return h.r.Stats().Refused == 1 })
		for range 3 {
			_, err := c.Write([]byte("more"))
			require.NoError(t, err)
			time.Sleep(time.Millisecond)
		}
		require.NoError(t, c.(*net.TCPConn).CloseWrite())
		b, err := io.ReadAll(c)
		require.NoError(t, err)
		require.Equal(t, "full", string(b))
		eventually(t, "it has ended", func() bool { n := h.r.Stats(); return n.BytesIn == 12 && n.Failed == 0 })
	}
	t.Run("connections", func(t *testing.T) {
		h := begin(t, exec.Config{}, netio.Config{})
		_, addr := h.listen(netio.ListenConfig{MaxConns: 1, Refuse: refuse, Handle: func(co *exec.Co, _ *netio.Conn) error { return co.Sleep(time.Hour) }})
		dial(t, addr)
		eventually(t, "one is there", func() bool { return h.r.Stats().Conns == 1 })
		send(t, h, addr)
		eventually(t, "one is left", func() bool { return h.r.Stats().Conns == 1 })
	})
	t.Run("timers", func(t *testing.T) {
		h := begin(t, exec.Config{MaxTimers: 1}, netio.Config{})
		h.do(func(l *exec.Local) { _, ok := l.After(time.Hour, exec.Func(func(*exec.Local) {})); require.True(t, ok) })
		_, addr := h.listen(netio.ListenConfig{IdleTimeout: time.Hour, Refuse: refuse, Handle: handled})
		send(t, h, addr)
		eventually(t, "nobody is left", func() bool { return h.r.Stats().Conns == 0 })
	})
	t.Run("coroutines", func(t *testing.T) { // there is none for the linger either: it is closed
		h := begin(t, exec.Config{MaxCoroutines: 1}, netio.Config{})
		h.do(func(l *exec.Local) { require.NoError(t, l.Go(func(co *exec.Co) { _ = co.Sleep(time.Hour) })) })
		_, addr := h.listen(netio.ListenConfig{Refuse: refuse, Handle: handled})
		b, err := io.ReadAll(dial(t, addr))
		require.NoError(t, err)
		require.Equal(t, "full", string(b))
		eventually(t, "nobody is left", func() bool { n := h.r.Stats(); return n.Conns == 0 && n.Refused == 1 })
	})
}
