package netio_test

import (
	"errors"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// A handler that returns what Await has told it of a drain has not failed.
func TestAwaitDrainIsNoFailure(t *testing.T) {
	reported := make(chan error, 1)
	h := begin(t, exec.Config{}, netio.Config{ReadBuffer: 8 << 10, OnError: func(_ *netio.Conn, err error) { reported <- err }})
	require.Equal(t, 8<<10, h.r.ReadBuffer())
	returned := make(chan error, 1)
	_, addr := h.listen(netio.ListenConfig{IdleTimeout: time.Hour, Handle: func(co *exec.Co, c *netio.Conn) error {
		if c.IdleTimeout() != time.Hour {
			return errors.New("the idle timeout of the listener is not that of the connection")
		}
		_, err := c.Read(make([]byte, 1))
		if err != nil {
			return err
		}
		for !h.r.Draining() {
			if err := co.Sleep(time.Millisecond); err != nil {
				return err
			}
		}
		err = c.Await()
		returned <- err
		return err
	}})
	c := dial(t, addr)
	_, err := c.Write([]byte("x"))
	require.NoError(t, err)
	eventually(t, "it is served", func() bool { return h.r.Stats().BytesIn == 1 })
	require.NoError(t, drain(t, h.x, time.Minute))
	require.ErrorIs(t, take(t, returned), netio.ErrDraining)
	_, err = c.Read(make([]byte, 1))
	require.Equal(t, io.EOF, err)
	require.Zero(t, h.r.Stats().Failed)
	require.Empty(t, reported)
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
