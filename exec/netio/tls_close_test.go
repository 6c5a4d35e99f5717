package netio_test

import (
	"crypto/tls"
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

// What was written and not taken is sent after Close, also if the Exec drains meanwhile.
func TestTLSLinger(t *testing.T) {
	for _, how := range []string{"close", "drain", "close elsewhere", "never read"} {
		t.Run(how, func(t *testing.T) {
			h := begin(t, exec.Config{}, netio.Config{})
			total := make(chan int, 1)
			timeout := time.Minute
			if how == "never read" {
				timeout = 50 * time.Millisecond
			}
			handle, err := netio.ServeTLS(netio.TLSConfig{TLS: serverTLS(), CloseTimeout: timeout}, func(_ *exec.Co, c *netio.TLSConn) error {
				sent := h.fill(c)
				if how == "close elsewhere" {
					go func() { time.Sleep(5 * time.Millisecond); _ = c.Close() }()
					n, err := c.Write(make([]byte, 100<<20))
					require.ErrorIs(t, err, net.ErrClosed)
					sent += n
				}
				total <- sent
				return nil
			})
			require.NoError(t, err)
			_, addr := h.listen(netio.ListenConfig{Handle: handle})
			w := &watched{Conn: dial(t, addr)}
			c := tls.Client(w, clientTLS())
			require.NoError(t, c.Handshake())
			sent := take(t, total)
			require.EqualValues(t, 1, h.r.Stats().Conns)
			drained := make(chan error, 1)
			if how == "drain" {
				go func() { drained <- drain(t, h.x, time.Minute) }()
				time.Sleep(20 * time.Millisecond)
			}
			if how == "never read" {
				eventually(t, "it gives up", func() bool { s := h.r.Stats(); return s.Conns == 0 && s.Unsent == 1 })
				return
			}
			n, err := io.Copy(io.Discard, c)
			require.NoError(t, err)
			require.EqualValues(t, sent, n)
			require.False(t, w.eof, "there is a close_notify")
			if how == "drain" {
				require.NoError(t, take(t, drained))
			}
			eventually(t, "all are closed", func() bool { return h.r.Stats().Conns == 0 })
			s := h.r.Stats()
			require.Zero(t, s.Unsent+s.Abandoned)
		})
	}
}

// An idle connection is closed from within, and the other side is told.
func TestTLSIdle(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	for name, handler := range map[string]func(*exec.Co, *netio.TLSConn) error{
		"reads": func(_ *exec.Co, c *netio.TLSConn) error {
			require.NoError(t, c.Conn().SetIdleTimeout(20*time.Millisecond))
			_, err := c.Read(make([]byte, 1))
			require.ErrorIs(t, err, netio.ErrIdle)
			return nil
		},
		"waits": func(_ *exec.Co, c *netio.TLSConn) error {
			require.NoError(t, c.Conn().SetIdleTimeout(20*time.Millisecond))
			return netio.Wait
		},
	} {
		handle, err := netio.ServeTLS(netio.TLSConfig{TLS: serverTLS()}, handler)
		require.NoError(t, err)
		_, addr := h.listen(netio.ListenConfig{Handle: handle, IdleTimeout: 100 * time.Millisecond})
		w := &watched{Conn: dial(t, addr)}
		c := tls.Client(w, clientTLS())
		_, err = io.ReadAll(c)
		require.NoError(t, err, name)
		require.False(t, w.eof, name)
	}
	eventually(t, "both are counted", func() bool { s := h.r.Stats(); return s.Idle == 2 && s.Conns == 0 })
}

// The idle timeout can be set through the TLSConn.
func TestTLSIdleTimeout(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	addr := h.listenTLS(serverTLS(), func(_ *exec.Co, c *netio.TLSConn) error {
		if err := c.SetIdleTimeout(20 * time.Millisecond); err != nil || c.IdleTimeout() != 20*time.Millisecond {
			return errors.New("it is not set")
		}
		return netio.Wait
	})
	_, err := dialTLS(t, addr, clientTLS()).Read(make([]byte, 1))
	require.Equal(t, io.EOF, err)
	eventually(t, "it was idle", func() bool { s := h.r.Stats(); return s.Idle == 1 && s.Failed == 0 })
}

// A peer that is gone is noticed by Reads and Writes. The kernel says only once that it was a
// reset; who comes later learns that the stream was cut.
func TestTLSReset(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	errs := make(chan error, 3)
	addr := h.listenTLS(serverTLS(), func(co *exec.Co, c *netio.TLSConn) error {
		writer, err := exec.Go(co.Local(), func(*exec.Co) (n int, err error) {
			for err == nil {
				n, err = c.Write(make([]byte, 100_000))
			}
			return n, err
		})
		require.NoError(t, err)
		_, err = c.Read(make([]byte, 1))
		errs <- err
		_, err = writer.Await(co)
		errs <- err
		_, err = c.Write([]byte("x"))
		errs <- err
		return nil
	})
	raw := dial(t, addr)
	require.NoError(t, tls.Client(raw, clientTLS()).Handshake())
	eventually(t, "our side is held up", func() bool { return h.r.Stats().Held > 0 })
	require.NoError(t, raw.(*net.TCPConn).SetLinger(0))
	require.NoError(t, raw.Close())
	for range 3 {
		err := take(t, errs)
		require.True(t, errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || err == io.ErrUnexpectedEOF, err)
	}
	eventually(t, "all are closed", func() bool { s := h.r.Stats(); return s.Conns == 0 && s.Unsent == 0 })
}

// What is reset is not called whole by a close_notify.
func TestTLSResetIsNoEnd(t *testing.T) {
	versions(t, func(t *testing.T, server, client *tls.Config) {
		h := begin(t, exec.Config{}, netio.Config{})
		addr := h.listenTLS(server, func(_ *exec.Co, c *netio.TLSConn) error {
			if _, err := c.Read(make([]byte, 1)); err != nil {
				return err
			}
			return c.Conn().SetLinger(0)
		})
		c := dialTLS(t, addr, client)
		_, err := c.Write([]byte("x"))
		require.NoError(t, err)
		_, err = c.Read(make([]byte, 1))
		require.ErrorIs(t, err, syscall.ECONNRESET)
	})
}
