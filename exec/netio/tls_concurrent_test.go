package netio_test

import (
	"bufio"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// Deadlines, limits of the coroutine and Abort end a Read or Write, and not the connection.
func TestTLSInterruptions(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	done := make(chan struct{})
	addr := h.listenTLS(serverTLS(), func(co *exec.Co, c *netio.TLSConn) error {
		defer close(done)
		b := make([]byte, 100)
		require.NoError(t, c.SetReadDeadline(time.Now().Add(5*time.Millisecond)))
		_, err := c.Read(b)
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
		require.True(t, err.(net.Error).Timeout())
		require.NoError(t, c.SetReadDeadline(time.Time{}))
		err = co.Within(5*time.Millisecond, func() error { _, err := c.Read(b); return err })
		require.ErrorIs(t, err, exec.ErrTimeout)
		j, err := exec.Go(co.Local(), func(*exec.Co) (int, error) { return c.Read(b) })
		require.NoError(t, err)
		require.NoError(t, co.Sleep(5*time.Millisecond))
		j.Abort()
		_, err = j.Await(co)
		require.ErrorIs(t, err, exec.ErrCancelled)
		_, err = c.Write([]byte("go"))
		require.NoError(t, err)
		n, err := c.Read(b)
		require.NoError(t, err)
		require.Equal(t, "on", string(b[:n]))
		require.NoError(t, c.SetDeadline(time.Now().Add(-time.Second)))
		_, err = c.Read(b)
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
		_, err = c.Write(b)
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
		require.NoError(t, c.SetDeadline(time.Time{}))
		go func() { time.Sleep(5 * time.Millisecond); _ = c.Close() }()
		_, err = c.Read(b)
		require.ErrorIs(t, err, net.ErrClosed)
		_, err = c.Peek(1)
		require.ErrorIs(t, err, net.ErrClosed)
		return nil
	})
	c := dialTLS(t, addr, clientTLS())
	got := make([]byte, 2)
	_, err := io.ReadFull(c, got)
	require.NoError(t, err)
	_, err = c.Write([]byte("on"))
	require.NoError(t, err)
	_, err = c.Read(got)
	require.Equal(t, io.EOF, err)
	await(t, done)
}

// Writes of several coroutines are whole, and so are their Reads.
func TestTLSConcurrent(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	const writers, lines, length = 5, 6, 500_000
	addr := h.listenTLS(serverTLS(), func(co *exec.Co, c *netio.TLSConn) error {
		var joins []*exec.Join[int]
		for i := range writers {
			line := []byte(strings.Repeat(string(rune('a'+i)), length) + "\n")
			j, err := exec.Go(co.Local(), func(*exec.Co) (n int, err error) {
				for range lines {
					if _, err = c.Write(line); err != nil {
						return n, err
					}
				}
				return lines, nil
			})
			require.NoError(t, err)
			joins = append(joins, j)
		}
		for _, j := range joins {
			n, err := j.Await(co)
			require.NoError(t, err)
			require.Equal(t, lines, n)
		}
		return nil
	})
	c := dialTLS(t, addr, clientTLS())
	eventually(t, "one is held up", func() bool { return h.r.Stats().Held > 0 })
	time.Sleep(20 * time.Millisecond) // the others come, too
	s := bufio.NewScanner(c)
	s.Buffer(nil, 2*length)
	n := 0
	for s.Scan() {
		require.Equal(t, strings.Repeat(s.Text()[:1], length), s.Text())
		n++
	}
	require.NoError(t, s.Err())
	require.Equal(t, writers*lines, n)
}

// Code that blocks has the connection through Outside.
func TestTLSOutside(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	addr := h.listenTLS(serverTLS(), func(co *exec.Co, c *netio.TLSConn) error {
		o := c.Outside()
		_, err := exec.Blocking(co, func() (struct{}, error) {
			line, err := bufio.NewReader(o).ReadString('\n')
			if err == nil {
				_, err = io.WriteString(o, strings.ToUpper(line))
			}
			return struct{}{}, err
		})
		require.NoError(t, err)
		_, err = o.Read(make([]byte, 1))
		require.ErrorIs(t, err, exec.ErrOnLoop)
		return nil
	})
	c := dialTLS(t, addr, clientTLS())
	_, err := io.WriteString(c, "hello\n")
	require.NoError(t, err)
	got, err := io.ReadAll(c)
	require.NoError(t, err)
	require.Equal(t, "HELLO\n", string(got))
}
