package netio_test

import (
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

func TestReadDeadline(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	errs := make(chan error, 3)
	_, addr := h.listen(netio.ListenConfig{Handle: func(_ *exec.Co, c *netio.Conn) error {
		b := make([]byte, 1)
		require.NoError(t, c.SetReadDeadline(time.Now().Add(20*time.Millisecond)))
		_, err := c.Read(b)
		errs <- err
		require.NoError(t, c.SetReadDeadline(time.Time{}))
		go func() { time.Sleep(10 * time.Millisecond); _ = c.SetReadDeadline(time.Now().Add(-1)) }()
		_, err = c.Read(b)
		errs <- err
		require.NoError(t, c.SetReadDeadline(time.Time{}))
		go func() { time.Sleep(10 * time.Millisecond); _ = c.Close() }()
		_, err = c.Read(b)
		errs <- err
		return nil
	}})
	dial(t, addr)
	require.ErrorIs(t, take(t, errs), os.ErrDeadlineExceeded)
	require.ErrorIs(t, take(t, errs), os.ErrDeadlineExceeded)
	require.ErrorIs(t, take(t, errs), net.ErrClosed)
}

// A loop that sleeps is woken in time for a deadline.
func TestDeadlineEndsSleep(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	_, addr := h.listen(netio.ListenConfig{Handle: func(_ *exec.Co, c *netio.Conn) error {
		if err := c.SetReadDeadline(time.Now().Add(1100 * time.Millisecond)); err != nil { // seconds, and parts of one
			return err
		}
		_, _ = c.Read(make([]byte, 1))
		return nil
	}})
	_, err := dial(t, addr).Read(make([]byte, 1))
	require.Equal(t, io.EOF, err)
}
