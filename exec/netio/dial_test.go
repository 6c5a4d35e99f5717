//go:build linux

package netio_test

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// full returns the address of a listener whose backlog is full, so that nobody gets
// through to it, until open is called.
func full(t *testing.T) (addr string, open func()) {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	require.NoError(t, err)
	require.NoError(t, syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
	require.NoError(t, syscall.Listen(fd, 0))
	t.Cleanup(func() { _ = syscall.Close(fd) })
	sa, err := syscall.Getsockname(fd)
	require.NoError(t, err)
	addr = fmt.Sprintf("127.0.0.1:%d", sa.(*syscall.SockaddrInet4).Port)
	for {
		c, err := net.DialTimeout("tcp", addr, 200*time.Millisecond)
		if err != nil {
			break
		}
		t.Cleanup(func() { _ = c.Close() })
	}
	return addr, func() {
		for range 2 {
			nfd, _, err := syscall.Accept(fd)
			require.NoError(t, err)
			_ = syscall.Close(nfd)
		}
	}
}

func TestDialErrors(t *testing.T) {
	noLeak(t)
	h := begin(t, exec.Config{}, netio.Config{})
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	nobody := ln.Addr().String()
	require.NoError(t, ln.Close())
	h.co(func(co *exec.Co) {
		var op *net.OpError
		for _, c := range []struct {
			network, address string
			is               error
			says             string
		}{
			{"tcp", nobody, syscall.ECONNREFUSED, nobody},
			{"unix", filepath.Join(t.TempDir(), "none"), syscall.ENOENT, "none"},
			{"unix", "", nil, "must have from 1 to"},
			{"tcp", "nonsense", nil, "missing port"},
			{"tcp", "127.0.0.1:http", nil, "must be a number"},
			{"tcp", "127.0.0.1:70000", nil, `"70000"`},
			{"tcp6", "127.0.0.1:80", nil, "no IPv6"},
			{"udp7", "127.0.0.1:80", nil, "unknown network udp7"},
			{"tcp", "no-such-host.invalid:80", nil, "no-such-host.invalid"},
		} {
			_, err := h.r.Dial(c.network, c.address, netio.DialConfig{Timeout: 10 * time.Second})
			require.ErrorAs(t, err, &op)
			require.Equal(t, "dial", op.Op)
			require.ErrorContains(t, err, c.says)
			if c.is != nil {
				require.ErrorIs(t, err, c.is)
			}
		}
		// The local address.
		_, err := h.r.Dial("tcp", nobody, netio.DialConfig{Local: netip.MustParseAddrPort("192.0.2.1:0")})
		require.ErrorIs(t, err, syscall.EADDRNOTAVAIL)
	})
	_, err = h.r.Dial("tcp", nobody, netio.DialConfig{})
	require.ErrorIs(t, err, netio.ErrNotOnLoop)
	eventually(t, "they are counted", func() bool { s := h.r.Stats(); return s.DialErrors == 10 && s.Conns == 0 })
}

// Nobody answers: the timeout, a cancel and the end of the Exec end a Dial, and nothing of it
// is left.
func TestDialThatHangs(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("no sockets here")
	}
	addr, open := full(t)
	noLeak(t)
	h := begin(t, exec.Config{}, netio.Config{})
	h.co(func(co *exec.Co) {
		start := time.Now()
		_, err := h.r.Dial("tcp", addr, netio.DialConfig{Timeout: 30 * time.Millisecond})
		require.ErrorIs(t, err, exec.ErrTimeout)
		require.GreaterOrEqual(t, time.Since(start), 30*time.Millisecond)
		var timeout net.Error
		require.ErrorAs(t, err, &timeout)
		require.True(t, timeout.Timeout())
	})
	var j *exec.Join[*netio.Conn]
	dialled := make(chan struct{})
	h.do(func(l *exec.Local) {
		var err error
		j, err = exec.Go(l, func(*exec.Co) (*netio.Conn, error) {
			close(dialled)
			return h.r.Dial("tcp", addr, netio.DialConfig{})
		})
		require.NoError(t, err)
	})
	await(t, dialled)
	eventually(t, "its socket is there", func() bool { return h.r.Stats().Conns == 1 })
	h.do(func(*exec.Local) { j.Abort() })
	eventually(t, "it is closed", func() bool { s := h.r.Stats(); return s.Conns == 0 && s.DialErrors == 2 })
	// Patience is rewarded.
	go func() {
		time.Sleep(20 * time.Millisecond)
		open()
	}()
	h.co(func(*exec.Co) {
		c, err := h.r.Dial("tcp", addr, netio.DialConfig{Timeout: 15 * time.Second})
		require.NoError(t, err)
		require.NoError(t, c.Close())
	})
	// One is under way when the Exec ends.
	addr, _ = full(t)
	h.do(func(l *exec.Local) {
		require.NoError(t, l.Go(func(*exec.Co) { _, _ = h.r.Dial("tcp", addr, netio.DialConfig{}) }))
	})
	eventually(t, "its socket is there", func() bool { return h.r.Stats().Conns == 1 })
	h.x.Stop()
	h.ended()
	require.Zero(t, h.r.Stats().Conns)
}

// A name is resolved elsewhere; its addresses are tried in turn.
func TestDialNames(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	_, addr := h.listen(netio.ListenConfig{Handle: echo})
	_, port, err := net.SplitHostPort(addr)
	require.NoError(t, err)
	h.co(func(*exec.Co) {
		for _, host := range []string{"localhost", "127.0.0.1", "", "::ffff:127.0.0.1"} {
			c, err := h.r.Dial("tcp", net.JoinHostPort(host, port), netio.DialConfig{Timeout: 10 * time.Second})
			require.NoError(t, err, host)
			_, err = c.Write([]byte("hello"))
			require.NoError(t, err)
			b, err := c.Peek(5)
			require.NoError(t, err)
			require.Equal(t, "hello", string(b))
			require.Equal(t, "127.0.0.1:"+port, c.RemoteAddr().String())
			require.NoError(t, c.Close())
		}
	})
	require.EqualValues(t, 4, func() uint64 {
		eventually(t, "all are closed", func() bool { return h.r.Stats().Conns == 0 })
		return h.r.Stats().Dialled
	}())
}

// The backlog of a Unix domain socket is full at once, and the kernel says so.
func TestDialUnixBacklog(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("no sockets here")
	}
	noLeak(t)
	path := filepath.Join(t.TempDir(), "s")
	fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	require.NoError(t, err)
	t.Cleanup(func() { _ = syscall.Close(fd) })
	require.NoError(t, syscall.Bind(fd, &syscall.SockaddrUnix{Name: path}))
	require.NoError(t, syscall.Listen(fd, 0))
	h := begin(t, exec.Config{}, netio.Config{})
	h.co(func(*exec.Co) {
		first, err := h.r.Dial("unix", path, netio.DialConfig{})
		require.NoError(t, err)
		_, err = h.r.Dial("unix", path, netio.DialConfig{Timeout: 20 * time.Millisecond})
		require.ErrorIs(t, err, exec.ErrTimeout)
		go func() {
			time.Sleep(20 * time.Millisecond)
			nfd, _, err := syscall.Accept(fd)
			if err == nil {
				_ = syscall.Close(nfd)
			}
		}()
		second, err := h.r.Dial("unix", path, netio.DialConfig{Timeout: 15 * time.Second})
		require.NoError(t, err)
		require.Equal(t, path, second.RemoteAddr().String())
		require.NoError(t, first.Close())
		require.NoError(t, second.Close())
	})
}

// Outgoing connections count against MaxConns.
func TestDialMaxConns(t *testing.T) {
	noLeak(t)
	h := begin(t, exec.Config{}, netio.Config{MaxConns: 3})
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer ln.Close()
	h.co(func(*exec.Co) {
		var conns []*netio.Conn
		for range 3 {
			c, err := h.r.Dial("tcp", ln.Addr().String(), netio.DialConfig{})
			require.NoError(t, err)
			conns = append(conns, c)
		}
		_, err := h.r.Dial("tcp", ln.Addr().String(), netio.DialConfig{})
		require.ErrorIs(t, err, netio.ErrTooMany)
		require.ErrorContains(t, err, "3 connections are open (Config.MaxConns)")
		require.NoError(t, conns[0].Close())
		_, err = h.r.Dial("tcp", ln.Addr().String(), netio.DialConfig{})
		require.NoError(t, err)
	})
}

// TCP connects to a port at which nobody listens if the kernel picks that port for the near end,
// too, which it does once in some ten thousand times: that is no connection to anybody.
func TestDialItself(t *testing.T) {
	if raceEnabled {
		t.Skip("it takes many dials")
	}
	h := begin(t, exec.Config{}, netio.Config{})
	h.co(func(*exec.Co) {
		var itself netip.AddrPort
		for {
			ln, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			port := uint16(ln.Addr().(*net.TCPAddr).Port) &^ 1 // the kernel connects from even ports, most of the time
			require.NoError(t, ln.Close())
			itself = netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), port)
			c, err := h.r.Dial("tcp", itself.String(), netio.DialConfig{Local: itself})
			if errors.Is(err, syscall.EADDRINUSE) { // somebody has the even one
				continue
			}
			require.NoError(t, err, "who wants it may have it")
			require.NoError(t, c.SetLinger(0))
			require.NoError(t, c.Close())
			break
		}
		for start := time.Now(); time.Since(start) < 2*time.Second; {
			c, err := h.r.Dial("tcp", itself.String(), netio.DialConfig{})
			if err == nil {
				require.NotEqual(t, itself, c.LocalAddrPort())
				t.Skip("somebody else listens there")
			}
			require.ErrorIs(t, err, syscall.ECONNREFUSED)
		}
	})
}
