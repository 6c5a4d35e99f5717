package netio_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// pair returns the two ends of a connection between coroutines of one loop.
func (h *host) pair(network, address string) (a, b *netio.Conn) {
	h.t.Helper()
	ln, err := h.r.Listen(network, address, netio.ListenConfig{})
	require.NoError(h.t, err)
	a, err = h.r.Dial(network, ln.Addr().String(), netio.DialConfig{Timeout: 10 * time.Second})
	require.NoError(h.t, err)
	c, err := ln.Accept()
	require.NoError(h.t, err)
	require.NoError(h.t, ln.Close())
	return a, c.(*netio.Conn)
}

// networks runs f in a coroutine, with a pair of each kind.
func networks(t *testing.T, f func(h *host, co *exec.Co, a, b *netio.Conn)) {
	for _, network := range []string{"tcp", "unix"} {
		t.Run(network, func(t *testing.T) {
			h := begin(t, exec.Config{}, netio.Config{})
			address := "127.0.0.1:0"
			if network == "unix" {
				address = t.TempDir() + "/s"
			}
			h.co(func(co *exec.Co) {
				a, b := h.pair(network, address)
				f(h, co, a, b)
				_, _ = a.Close(), b.Close()
			})
		})
	}
}

// failedAs requires an error that package net would have returned.
func failedAs(t testing.TB, err error, op string, c *netio.Conn, target error) {
	t.Helper()
	require.ErrorIs(t, err, target)
	var e *net.OpError
	require.True(t, errors.As(err, &e), "%T", err)
	require.Equal(t, op, e.Op)
	require.Equal(t, c.LocalAddr().Network(), e.Net)
	require.Equal(t, c.LocalAddr(), e.Source)
	require.Equal(t, c.RemoteAddr(), e.Addr)
	require.Equal(t, target == os.ErrDeadlineExceeded, e.Timeout())
}

func TestErrorsOfDeadlines(t *testing.T) {
	networks(t, func(h *host, co *exec.Co, a, b *netio.Conn) {
		buf := make([]byte, 10)
		_, err := b.Write([]byte("x")) // there is something, but it is too late for it
		require.NoError(h.t, err)
		for _, past := range []time.Time{time.Unix(1, 0), time.Now().Add(-time.Second), time.Now()} {
			require.NoError(h.t, a.SetDeadline(past))
			_, err := a.Read(buf)
			failedAs(h.t, err, "read", a, os.ErrDeadlineExceeded)
			_, err = a.Write(buf)
			failedAs(h.t, err, "write", a, os.ErrDeadlineExceeded)
			_, err = a.Peek(1)
			failedAs(h.t, err, "read", a, os.ErrDeadlineExceeded)
			_, err = a.TryWrite(buf)
			failedAs(h.t, err, "write", a, os.ErrDeadlineExceeded)
			_, err = a.Writev(&net.Buffers{buf})
			failedAs(h.t, err, "write", a, os.ErrDeadlineExceeded)
		}
		require.NoError(h.t, a.SetDeadline(time.Now().Add(time.Hour)))
		n, err := a.Read(buf)
		require.NoError(h.t, err)
		require.Equal(h.t, 1, n)
		// One that comes while somebody waits, and one that is moved.
		require.NoError(h.t, a.SetReadDeadline(time.Now().Add(5*time.Millisecond)))
		_, err = a.Read(buf)
		failedAs(h.t, err, "read", a, os.ErrDeadlineExceeded)
		require.NoError(h.t, a.SetReadDeadline(time.Now().Add(time.Hour)))
		go func() { _ = a.SetReadDeadline(time.Now().Add(5 * time.Millisecond)) }()
		_, err = a.Read(buf)
		failedAs(h.t, err, "read", a, os.ErrDeadlineExceeded)
		require.NoError(h.t, a.SetWriteDeadline(time.Now().Add(20*time.Millisecond)))
		n, err = a.Write(make([]byte, 100<<20)) // nobody reads
		failedAs(h.t, err, "write", a, os.ErrDeadlineExceeded)
		require.Less(h.t, n, 100<<20)
		require.NoError(h.t, a.CloseWrite())
		got, err := io.Copy(io.Discard, b)
		require.NoError(h.t, err)
		require.EqualValues(h.t, n, got) // it has said how much it wrote
	})
}

func TestErrorsOfClose(t *testing.T) {
	networks(t, func(h *host, co *exec.Co, a, b *netio.Conn) {
		buf := make([]byte, 10)
		reader, err := exec.Go(co.Local(), func(*exec.Co) (int, error) { return a.Read(make([]byte, 1)) })
		require.NoError(h.t, err)
		writer, err := exec.Go(co.Local(), func(*exec.Co) (int, error) { return a.Write(make([]byte, 100<<20)) })
		require.NoError(h.t, err)
		require.NoError(h.t, co.Sleep(5*time.Millisecond))
		require.NoError(h.t, a.Close())
		_, err = reader.Await(co)
		failedAs(h.t, err, "read", a, net.ErrClosed)
		_, err = writer.Await(co)
		failedAs(h.t, err, "write", a, net.ErrClosed)
		_, err = a.Read(buf)
		failedAs(h.t, err, "read", a, net.ErrClosed)
		_, err = a.Read(nil)
		failedAs(h.t, err, "read", a, net.ErrClosed)
		_, err = a.Write(buf)
		failedAs(h.t, err, "write", a, net.ErrClosed)
		_, err = a.ReadFrom(bytes.NewReader(buf))
		failedAs(h.t, err, "write", a, net.ErrClosed)
		failedAs(h.t, a.Close(), "close", a, net.ErrClosed)
		failedAs(h.t, a.CloseWrite(), "close", a, net.ErrClosed)
		failedAs(h.t, a.CloseRead(), "close", a, net.ErrClosed)
		failedAs(h.t, a.SetDeadline(time.Time{}), "set", a, net.ErrClosed)
	})
}

func TestErrorsOfPeers(t *testing.T) {
	networks(t, func(h *host, _ *exec.Co, a, b *netio.Conn) {
		buf := make([]byte, 10)
		require.NoError(h.t, b.CloseWrite())
		for range 3 { // io.EOF is not wrapped, and stays
			n, err := a.Read(buf)
			require.Zero(h.t, n)
			require.True(h.t, err == io.EOF)
		}
		n, err := a.Read(nil)
		require.NoError(h.t, err)
		require.Zero(h.t, n)
		require.NoError(h.t, a.CloseWrite())
		_, err = a.Write(buf)
		failedAs(h.t, err, "write", a, syscall.EPIPE)
	})
	networks(t, func(h *host, co *exec.Co, a, b *netio.Conn) {
		_, err := a.Write([]byte("nobody reads it"))
		require.NoError(h.t, err)
		require.NoError(h.t, b.Close()) // which makes it a reset
		_, err = a.Read(make([]byte, 10))
		failedAs(h.t, err, "read", a, syscall.ECONNRESET)
		for err = error(nil); err == nil; {
			_, err = a.Write([]byte("x"))
		}
		failedAs(h.t, err, "write", a, syscall.EPIPE)
	})
	h := begin(t, exec.Config{}, netio.Config{})
	h.co(func(*exec.Co) {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		require.NoError(t, ln.Close())
		_, err = h.r.Dial("tcp", ln.Addr().String(), netio.DialConfig{})
		require.ErrorIs(t, err, syscall.ECONNREFUSED)
		require.ErrorAs(t, err, new(*net.OpError))
		_, err = h.r.Dial("unix", t.TempDir()+"/none", netio.DialConfig{})
		require.ErrorIs(t, err, syscall.ENOENT)
	})
}

// What belongs to coroutines of the loop says so elsewhere: on other goroutines, and on the
// loop itself.
func TestErrNotOnLoop(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	var a *netio.Conn
	h.co(func(*exec.Co) { a, _ = h.pair("tcp", "127.0.0.1:0") })
	buf := make([]byte, 10)
	for name, f := range map[string]func() error{
		"Read":       func() error { _, err := a.Read(buf); return err },
		"Peek":       func() error { _, err := a.Peek(1); return err },
		"Write":      func() error { _, err := a.Write(buf); return err },
		"Writev":     func() error { _, err := a.Writev(&net.Buffers{buf}); return err },
		"ReadFrom":   func() error { _, err := a.ReadFrom(bytes.NewReader(buf)); return err },
		"TryWrite":   func() error { _, err := a.TryWrite(buf); return err },
		"CloseWrite": a.CloseWrite,
		"CloseRead":  a.CloseRead,
		"Dial":       func() error { _, err := h.r.Dial("tcp", "127.0.0.1:1", netio.DialConfig{}); return err },
	} {
		require.ErrorIs(t, f(), netio.ErrNotOnLoop, name)
	}
	h.do(func(*exec.Local) {
		_, err := a.Read(buf)
		require.ErrorIs(t, err, netio.ErrNotOnLoop)
		_, err = a.Write(buf)
		require.ErrorIs(t, err, netio.ErrNotOnLoop)
		_, err = a.TryWrite(buf) // which waits for nothing
		require.NoError(t, err)
	})
	other := begin(t, exec.Config{}, netio.Config{})
	other.co(func(*exec.Co) { // of another Exec
		_, err := a.Read(buf)
		require.ErrorIs(t, err, netio.ErrNotOnLoop)
	})
}

// The end of a wait by other means is that of the wait alone.
func TestInterruptedRead(t *testing.T) {
	networks(t, func(h *host, co *exec.Co, a, b *netio.Conn) {
		buf := make([]byte, 10)
		err := co.Within(5*time.Millisecond, func() error { _, err := a.Read(buf); return err })
		failedAs(h.t, err, "read", a, exec.ErrTimeout)
		require.NoError(h.t, a.SetReadDeadline(time.Now().Add(time.Hour)))
		err = co.Within(5*time.Millisecond, func() error { _, err := a.Read(buf); return err })
		failedAs(h.t, err, "read", a, exec.ErrTimeout)
		j, err := exec.Go(co.Local(), func(*exec.Co) (int, error) { return a.Read(buf) })
		require.NoError(h.t, err)
		require.NoError(h.t, co.Yield())
		j.Abort()
		_, err = j.Await(co)
		failedAs(h.t, err, "read", a, exec.ErrCancelled)
		_, err = b.Write([]byte("still here"))
		require.NoError(h.t, err)
		n, err := a.Read(buf)
		require.NoError(h.t, err)
		require.Equal(h.t, "still here", string(buf[:n]))
	})
}
