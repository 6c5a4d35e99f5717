package netio_test

import (
	"crypto/tls"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// A handler that waits is called again for every bit of data, however it comes: whole records
// that crypto/tls has read ahead, what is left of one, pieces of one.
func TestTLSWait(t *testing.T) {
	versions(t, func(t *testing.T, server, client *tls.Config) {
		h := begin(t, exec.Config{}, netio.Config{})
		var calls, bytesRead atomic.Int64
		addr := h.listenTLS(server, func(_ *exec.Co, c *netio.TLSConn) error {
			calls.Add(1)
			var b [3]byte
			n, err := c.Read(b[:]) // less than there is
			bytesRead.Add(int64(n))
			if err != nil {
				require.Equal(t, io.EOF, err)
				return nil
			}
			if _, err := c.Write(b[:n]); err != nil {
				return err
			}
			return netio.Wait
		})
		raw := &pieces{Conn: dial(t, addr)}
		c := tls.Client(raw, client)
		require.NoError(t, c.Handshake())
		text := func(s string) {
			got := make([]byte, len(s))
			_, err := io.ReadFull(c, got)
			require.NoError(t, err)
			require.Equal(t, s, string(got))
		}
		send := func(s string) {
			_, err := c.Write([]byte(s))
			require.NoError(t, err)
		}
		send("one record of which the handler takes three bytes at a time")
		text("one record of which the handler takes three bytes at a time")
		raw.hold = true // several records in one segment
		send("abc")
		send("def")
		send("ghi")
		raw.hold = false
		require.NoError(t, raw.flush(1<<20))
		text("abcdefghi")
		eventually(t, "it waits", func() bool { return h.r.Stats().Waiting == 1 })
		before := calls.Load()
		raw.hold = true // one record in pieces, each of which is an event
		send("jkl")
		raw.hold = false
		for len(raw.kept) > 0 {
			events := h.r.Stats().Events
			require.Equal(t, before, calls.Load()) // nobody is called for a part of a record
			require.NoError(t, raw.flush(5))
			eventually(t, "it has come", func() bool { return h.r.Stats().Events > events })
		}
		text("jkl")
		eventually(t, "it waits", func() bool { return h.r.Stats().Waiting == 1 })
		require.NoError(t, c.CloseWrite())
		_, err := c.Read(make([]byte, 1))
		require.Equal(t, io.EOF, err)
		require.EqualValues(t, len("one record of which the handler takes three bytes at a time")+12, bytesRead.Load())
		eventually(t, "all are closed", func() bool { s := h.r.Stats(); return s.Conns == 0 && s.Waiting == 0 && s.Failed == 0 })
	})
}

// pieces is a connection that keeps what is written until it is told to send some of it.
type pieces struct {
	net.Conn
	hold bool
	kept []byte
}

func (p *pieces) Write(b []byte) (int, error) {
	if p.hold {
		p.kept = append(p.kept, b...)
		return len(b), nil
	}
	return p.Conn.Write(b)
}

func (p *pieces) flush(n int) error {
	n = min(n, len(p.kept))
	_, err := p.Conn.Write(p.kept[:n])
	p.kept = p.kept[n:]
	return err
}

// What Peek has shown is kept over a Wait, and is no reason to be called again.
func TestTLSPeek(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{ReadBuffer: 1000})
	var calls atomic.Int64
	addr := h.listenTLS(serverTLS(), func(_ *exec.Co, c *netio.TLSConn) error {
		calls.Add(1)
		b, err := c.Peek(1)
		if err != nil {
			return nil
		}
		if b[len(b)-1] != '\n' {
			return netio.Wait
		}
		_, err = c.Peek(1001)
		require.ErrorContains(t, err, "1001 bytes are more than the 1000 of Config.ReadBuffer")
		require.Panics(t, func() { c.Discard(len(b) + 1) })
		require.Equal(t, len(b), c.Buffered())
		if _, err := c.Write(b); err != nil {
			return err
		}
		c.Discard(len(b))
		return netio.Wait
	})
	c := dialTLS(t, addr, clientTLS())
	for i := range int64(3) {
		for j, part := range []string{"he", "ll", "o\n"} {
			eventually(t, "it waits", func() bool { return h.r.Stats().Waiting == 1 || i+int64(j) == 0 })
			_, err := c.Write([]byte(part))
			require.NoError(t, err)
			eventually(t, "it was called", func() bool { return calls.Load() >= 3*i+int64(j)+1 })
		}
		got := make([]byte, 6)
		_, err := io.ReadFull(c, got)
		require.NoError(t, err)
		require.Equal(t, "hello\n", string(got))
		require.Equal(t, 3*(i+1), calls.Load())
	}
	// A line that comes at once in many records.
	long := strings.Repeat("x", 998) + "\n"
	eventually(t, "it waits", func() bool { return h.r.Stats().Waiting == 1 })
	for i := range len(long) {
		_, err := c.Write([]byte(long[i : i+1]))
		require.NoError(t, err)
	}
	got := make([]byte, len(long))
	_, err := io.ReadFull(c, got)
	require.NoError(t, err)
	require.Equal(t, long, string(got))
	_ = c.Close()
	eventually(t, "all are closed", func() bool { s := h.r.Stats(); return s.Conns == 0 && s.Failed == 0 })
}

// A handler that looks only at what is there, and not for more, gets to see all that has come:
// several records may be in what the kernel has told of once.
func TestTLSWaitSeesAllRecords(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	addr := h.listenTLS(serverTLS(), func(_ *exec.Co, c *netio.TLSConn) error {
		b, err := c.Peek(1)
		if err != nil {
			return err
		}
		if len(b) < 4 {
			return netio.Wait
		}
		_, err = c.Write(b)
		return err
	})
	w := &corked{Conn: dial(t, addr)}
	c := tls.Client(w, clientTLS())
	require.NoError(t, c.Handshake())
	w.cork = true
	for _, b := range []string{"a", "b", "c", "d"} {
		_, err := c.Write([]byte(b))
		require.NoError(t, err)
	}
	_, err := w.Conn.Write(w.held)
	require.NoError(t, err)
	b, err := io.ReadAll(c)
	require.NoError(t, err)
	require.Equal(t, "abcd", string(b))
}

// corked holds back what is written, to send it at once.
type corked struct {
	net.Conn
	cork bool
	held []byte
}

func (c *corked) Write(b []byte) (int, error) {
	if !c.cork {
		return c.Conn.Write(b)
	}
	c.held = append(c.held, b...)
	return len(b), nil
}
