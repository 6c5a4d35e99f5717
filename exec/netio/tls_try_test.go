package netio_test

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// A handler of TryRead, TryWrite and Wait serves a TLS connection with one buffer for all of
// them. What the other side does not take at once is written by a Write.
func TestTLSTryReadAndWait(t *testing.T) {
	versions(t, func(t *testing.T, server, client *tls.Config) {
		h := begin(t, exec.Config{}, netio.Config{})
		b := make([]byte, 50_000)
		addr := h.listenTLS(server, func(_ *exec.Co, c *netio.TLSConn) error {
			for {
				n, err := c.TryRead(b)
				if err == io.EOF {
					return nil
				}
				if err != nil {
					return err
				}
				if n == 0 {
					return netio.Wait
				}
				m, err := c.TryWrite(b[:n])
				if err == nil && m < n {
					_, err = c.Write(append([]byte(nil), b[m:n]...))
				}
				if err != nil {
					return err
				}
			}
		})
		c := dialTLS(t, addr, client)
		exchange(t, c, 1, 20)
		eventually(t, "it waits", func() bool { return h.r.Stats().Waiting == 1 })
		require.NoError(t, c.CloseWrite())
		n, err := c.Read(make([]byte, 1))
		require.Zero(t, n)
		require.Equal(t, io.EOF, err)
		eventually(t, "it is closed", func() bool { return h.r.Stats().Conns == 0 })
		require.Zero(t, h.r.Stats().Failed)
	})
}

// TryWrite stops where the kernel does, and never takes more than it says; Flush waits until
// the other side has made room for all of it.
func TestTLSTryWriteAndFlush(t *testing.T) {
	const chunk = 100_000
	h := begin(t, exec.Config{}, netio.Config{})
	wrote, flushed := make(chan int, 1), make(chan error, 1)
	addr := h.listenTLS(serverTLS(), func(_ *exec.Co, c *netio.TLSConn) error {
		b, total := make([]byte, chunk), 0
		for {
			for i := range b {
				b[i] = byte((total + i) % 251)
			}
			n, err := c.TryWrite(b)
			if err != nil {
				return err
			}
			if total += n; n < chunk {
				break
			}
		}
		n, err := c.TryWrite(b)
		require.NoError(t, err)
		require.Zero(t, n, "what was written before has not been sent")
		wrote <- total
		err = c.Flush()
		flushed <- err
		return err
	})
	c := dialTLS(t, addr, clientTLS())
	total := take(t, wrote)
	h.do(func(*exec.Local) {}) // a turn later
	require.Empty(t, flushed, "nobody has read")
	got, err := io.ReadAll(c)
	require.NoError(t, err)
	require.Len(t, got, total)
	for i, v := range got {
		if v != byte(i%251) {
			t.Fatalf("byte %d is %d", i, v)
		}
	}
	require.NoError(t, take(t, flushed))
	require.Zero(t, h.r.Stats().Unsent)
}

// What TryWrite says it has written arrives, and it stops where it would have to wait.
func TestTLSTryWrite(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	type result struct {
		n   int
		err error
	}
	results, conns := make(chan result, 1), make(chan *netio.TLSConn, 1)
	addr := h.listenTLS(serverTLS(), func(co *exec.Co, c *netio.TLSConn) error {
		conns <- c // it has room: this does not block
		b := make([]byte, 1<<20)
		total := 0
		for turns := 0; ; turns++ {
			n, err := c.TryWrite(b)
			total += n
			if n >= len(b) && err == nil {
				err = errors.New("a megabyte in one turn")
			}
			if err == nil && n > 0 {
				err = co.Yield()
			}
			if err != nil || n == 0 {
				results <- result{total, err}
				break
			}
		}
		_, err := c.Read(make([]byte, 1))
		return err
	})
	c := dialTLS(t, addr, clientTLS())
	r := take(t, results)
	require.NoError(t, r.err)
	require.Positive(t, r.n)
	_, err := io.ReadFull(c, make([]byte, r.n))
	require.NoError(t, err)
	server := take(t, conns)
	_, err = server.TryWrite([]byte("x"))
	require.ErrorIs(t, err, netio.ErrNotOnLoop)
	require.NoError(t, c.Close())
	eventually(t, "it is closed", func() bool { return h.r.Stats().Conns == 0 })
	h.do(func(*exec.Local) {
		_, err := server.TryWrite([]byte("x"))
		require.ErrorIs(t, err, net.ErrClosed)
	})
	require.Zero(t, h.r.Stats().Failed)
}

// While a Write is under way TryWrite does not write into the middle of it.
func TestTLSTryWriteInWrite(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	const size = 20 << 20
	conns := make(chan *netio.TLSConn, 1)
	addr := h.listenTLS(serverTLS(), func(_ *exec.Co, c *netio.TLSConn) error {
		conns <- c
		_, err := c.Write(make([]byte, size))
		return err
	})
	c := dialTLS(t, addr, clientTLS())
	server := take(t, conns)
	eventually(t, "it is held up", func() bool { return h.r.Stats().Held > 0 })
	h.do(func(*exec.Local) {
		n, err := server.TryWrite([]byte("x"))
		require.NoError(t, err)
		require.Zero(t, n)
	})
	n, err := io.Copy(io.Discard, c)
	require.NoError(t, err)
	require.EqualValues(t, size, n)
}

// Not even where a Write that never had to wait has given way.
func TestTLSTryWriteInYield(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	const size = 4 << 20
	results := make(chan [2]int, 1)
	addr := h.listenTLS(serverTLS(), func(co *exec.Co, c *netio.TLSConn) error {
		under, looks, wrote := true, 0, 0
		var look exec.Func
		look = func(l *exec.Local) {
			if !under {
				return
			}
			n, err := c.TryWrite([]byte("x"))
			if err == nil {
				looks, wrote = looks+1, wrote+n
			}
			l.Spawn(look)
		}
		co.Local().Spawn(look)
		_, err := c.Write(make([]byte, size))
		under = false
		results <- [2]int{looks, wrote}
		return err
	})
	n, err := io.Copy(io.Discard, dialTLS(t, addr, clientTLS()))
	require.NoError(t, err)
	require.EqualValues(t, size, n)
	r := take(t, results)
	require.Positive(t, r[0])
	require.Zero(t, r[1])
}
