package netio_test

import (
	"net"
	"runtime"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// A drain looks twice at a connection that was reset, and the kernel tells of that once: the
// Handler learns of it nevertheless, and not of an orderly end.
func TestDrainAfterReset(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	calls, fd, got := 0, -1, make(chan error, 1)
	_, addr := h.listen(netio.ListenConfig{Handle: func(_ *exec.Co, c *netio.Conn) error {
		if calls++; calls > 1 {
			err := c.Await()
			got <- err
			return err
		}
		fd = c.FD()
		_, err := c.Read(make([]byte, 8))
		require.NoError(t, err)
		return netio.Wait
	}})
	c := dial(t, addr)
	_, err := c.Write([]byte("x"))
	require.NoError(t, err)
	eventually(t, "it waits", func() bool { return h.r.Stats().Waiting == 1 })
	h.do(func(*exec.Local) {
		require.NoError(t, c.(*net.TCPConn).SetLinger(0))
		require.NoError(t, c.Close())
		const closed = 7 // TCP_CLOSE
		for info := new(unix.TCPInfo); info.State != closed; runtime.Gosched() {
			var err error
			info, err = unix.GetsockoptTCPInfo(fd, unix.IPPROTO_TCP, unix.TCP_INFO)
			require.NoError(t, err)
		}
		h.r.Drain()
	})
	require.ErrorIs(t, take(t, got), syscall.ECONNRESET)
}
