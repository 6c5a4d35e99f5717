package netio_test

import (
	"net"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// A connection that nobody reads or writes tells that it was reset, and not that its other
// side has ended in order.
func TestOnReset(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	var told atomic.Int32
	closed := make(chan struct{}, 2)
	_, addr := h.listen(netio.ListenConfig{Handle: func(co *exec.Co, c *netio.Conn) error {
		var over exec.Signal
		over.Init(co.Local())
		c.OnClose(func(*netio.Conn, error) { over.WakeAll(); closed <- struct{}{} })
		c.OnReset(func(c *netio.Conn) { told.Add(1); _ = c.Close() })
		if _, err := c.Write([]byte("x")); err != nil {
			return err
		}
		return over.Wait(co) // something else than the connection
	}})
	open := func() net.Conn {
		c := dial(t, addr)
		_, err := c.Read(make([]byte, 1))
		require.NoError(t, err)
		return c
	}
	c := open()
	events := h.r.Stats().Events
	require.NoError(t, c.(*net.TCPConn).CloseWrite())
	eventually(t, "it has heard of the end", func() bool { return h.r.Stats().Events > events })
	require.Zero(t, told.Load())
	reset(t, open())
	take(t, closed)
	require.EqualValues(t, 1, told.Load())
	require.Empty(t, closed, "the other one is still open")
}
