package netio_test

import (
	"io"
	"net"
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

// A splice stops in front of it for good: Forward reads then.
func TestForwardUrgentData(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	ends := make(chan error, 1)
	sink, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = sink.Close() })
	_, addr := h.listen(netio.ListenConfig{Handle: func(co *exec.Co, c *netio.Conn) error {
		to, err := h.r.Dial("tcp", sink.Addr().String(), netio.DialConfig{})
		if err != nil {
			return err
		}
		defer func() { _ = to.Close() }()
		_, err = netio.ForwardSpliced(to, c)
		ends <- err
		return err
	}})
	c := dial(t, addr)
	raw, err := c.(syscall.Conn).SyscallConn()
	require.NoError(t, err)
	require.NoError(t, raw.Control(func(fd uintptr) {
		require.NoError(t, unix.Sendto(int(fd), []byte("ab"), 0, nil))
		require.NoError(t, unix.Sendto(int(fd), []byte("!"), unix.MSG_OOB, nil))
		require.NoError(t, unix.Sendto(int(fd), []byte("cd"), 0, nil))
	}))
	require.NoError(t, c.Close())
	to, err := sink.Accept()
	require.NoError(t, err)
	defer func() { _ = to.Close() }()
	require.NoError(t, to.SetDeadline(time.Now().Add(20*time.Second)))
	got, err := io.ReadAll(to)
	require.NoError(t, err)
	require.Equal(t, "abcd", string(got))
	require.NoError(t, take(t, ends))
}
