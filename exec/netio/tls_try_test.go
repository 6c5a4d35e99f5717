package netio_test

import (
	"crypto/tls"
	"io"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// A handler of TryRead, TryWrite and Wait serves a TLS connection with one buffer for all of
// them. What the other side does not take at once is written by a Write.
func TestTLSTryReadAndWait(t *testing.T) {
	versions(t, func(t *testing.T, server, client *tls.Config) {
		h := begin(t, exec.Config{}, netio.Config{})
		b := make([]byte, 50_000)
		addr := h.listenTLS(server, func(_ *exec.Co, c *netio.TLSConn) error {
			for {
				n, err := c.TryRead(b)
				if err == io.EOF {
					return nil
				}
				if err != nil {
					return err
				}
				if n == 0 {
					return netio.Wait
				}
				m, err := c.TryWrite(b[:n])
				if err == nil && m < n {
					_, err = c.Write(append([]byte(nil), b[m:n]...))
				}
				if err != nil {
					return err
				}
			}
		})
		c := dialTLS(t, addr, client)
		exchange(t, c, 1, 20)
		eventually(t, "it waits", func() bool { return h.r.Stats().Waiting == 1 })
		require.NoError(t, c.CloseWrite())
		n, err := c.Read(make([]byte, 1))
		require.Zero(t, n)
		require.Equal(t, io.EOF, err)
		eventually(t, "it is closed", func() bool { return h.r.Stats().Conns == 0 })
		require.Zero(t, h.r.Stats().Failed)
	})
}

// TryWrite stops where the kernel does, and never takes more than it says; Flush waits until
// the other side has made room for all of it.
func TestTLSTryWriteAndFlush(t *testing.T) {
	const chunk = 100_000
	h := begin(t, exec.Config{}, netio.Config{})
	wrote, flushed := make(chan int, 1), make(chan error, 1)
	addr := h.listenTLS(serverTLS(), func(_ *exec.Co, c *netio.TLSConn) error {
		b, total := make([]byte, chunk), 0
		for {
			for i := range b {
				b[i] = byte((total + i) % 251)
			}
			n, err := c.TryWrite(b)
			if err != nil {
				return err
			}
			if total += n; n < chunk {
				break
			}
		}
		n, err := c.TryWrite(b)
		require.NoError(t, err)
		require.Zero(t, n, "what was written before has not been sent")
		wrote <- total
		err = c.Flush()
		flushed <- err
		return err
	})
	c := dialTLS(t, addr, clientTLS())
	total := take(t, wrote)
	h.do(func(*exec.Local) {}) // a turn later
	require.Empty(t, flushed, "nobody has read")
	got, err := io.ReadAll(c)
	require.NoError(t, err)
	require.Len(t, got, total)
	for i, v := range got {
		if v != byte(i%251) {
			t.Fatalf("byte %d is %d", i, v)
		}
	}
	require.NoError(t, take(t, flushed))
	require.Zero(t, h.r.Stats().Unsent)
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
