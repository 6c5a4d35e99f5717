package netio_test

import (
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// Urgent data ends a read before there is no more to read.
func TestUrgentData(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	got := make(chan string, 10)
	arrived, read := make(chan struct{}), make(chan struct{})
	_, addr := h.listen(netio.ListenConfig{Handle: func(co *exec.Co, c *netio.Conn) error {
		close(arrived)
		if _, err := exec.Blocking(co, func() (struct{}, error) { <-read; return struct{}{}, nil }); err != nil {
			return err
		}
		if err := co.Sleep(20 * time.Millisecond); err != nil { // all events are there
			return err
		}
		b := make([]byte, 100)
		for {
			n, err := c.Read(b)
			if err != nil {
				return err
			}
			got <- string(b[:n])
		}
	}})
	c := dial(t, addr)
	await(t, arrived)
	raw, err := c.(interface {
		SyscallConn() (syscall.RawConn, error)
	}).SyscallConn()
	require.NoError(t, err)
	require.NoError(t, raw.Control(func(fd uintptr) {
		require.NoError(t, unix.Sendto(int(fd), []byte("ab"), 0, nil))
		require.NoError(t, unix.Sendto(int(fd), []byte("!"), unix.MSG_OOB, nil))
		require.NoError(t, unix.Sendto(int(fd), []byte("cd"), 0, nil))
	}))
	close(read)
	s := ""
	for len(s) < 4 {
		s += take(t, got)
	}
	require.Equal(t, "abcd", s)
}
