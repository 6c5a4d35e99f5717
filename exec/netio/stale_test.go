package netio_test

import (
	"io"
	"sync/atomic"
	"testing"

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
