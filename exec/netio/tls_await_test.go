package netio_test

import (
	"crypto/tls"
	"io"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// What has been decrypted is still to be answered in a drain, as with a Conn.
func TestTLSAwaitInDrain(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	errs := make(chan error, 2)
	addr := h.listenTLS(serverTLS(), func(co *exec.Co, c *netio.TLSConn) error {
		if _, err := c.Peek(2); err != nil {
			return err
		}
		errs <- nil
		for !c.Conn().Reactor().Draining() {
			if err := co.Sleep(time.Millisecond); err != nil {
				return err
			}
		}
		c.Discard(1)
		errs <- c.Await()
		c.Discard(1)
		err := c.Await()
		errs <- err
		return err
	})
	c := dialTLS(t, addr, clientTLS())
	_, err := c.Write([]byte("ab"))
	require.NoError(t, err)
	require.NoError(t, take(t, errs))
	go func() { _ = drain(t, h.x, 20*time.Second) }()
	require.NoError(t, take(t, errs))
	require.ErrorIs(t, take(t, errs), netio.ErrDraining)
}

// A handler that looks only at what is there, and not for more, gets to see all that has come:
// several records may be in what the kernel has told of once.
func TestTLSWaitSeesAllRecords(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	addr := h.listenTLS(serverTLS(), func(_ *exec.Co, c *netio.TLSConn) error {
		b, err := c.Peek(1)
		if err != nil {
			return err
		}
		if len(b) < 4 {
			return netio.Wait
		}
		_, err = c.Write(b)
		return err
	})
	w := &corked{Conn: dial(t, addr)}
	c := tls.Client(w, clientTLS())
	require.NoError(t, c.Handshake())
	w.cork = true
	for _, b := range []string{"a", "b", "c", "d"} {
		_, err := c.Write([]byte(b))
		require.NoError(t, err)
	}
	_, err := w.Conn.Write(w.held)
	require.NoError(t, err)
	b, err := io.ReadAll(c)
	require.NoError(t, err)
	require.Equal(t, "abcd", string(b))
}

// corked holds back what is written, to send it at once.
type corked struct {
	net.Conn
	cork bool
	held []byte
}

func (c *corked) Write(b []byte) (int, error) {
	if !c.cork {
		return c.Conn.Write(b)
	}
	c.held = append(c.held, b...)
	return len(b), nil
}
