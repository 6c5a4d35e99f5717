package netio_test

import (
	"errors"
	"io"
	"net"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// A handler of TryRead, TryWrite and Wait serves a connection without ever holding a
// coroutine, and reads once for each message.
func TestTryReadAndWait(t *testing.T) {
	h := begin(t, exec.Config{StallAfter: -1}, netio.Config{})
	b := make([]byte, 4096) // one for all connections: nothing in the handler waits
	_, addr := h.listen(netio.ListenConfig{Handle: func(_ *exec.Co, c *netio.Conn) error {
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
			if m, err := c.TryWrite(b[:n]); err != nil || m != n {
				return errors.New("not written")
			}
		}
	}})
	c := dial(t, addr)
	const messages = 500
	ping, got := []byte("ping"), make([]byte, 4)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for i := range messages {
		_, err := c.Write(ping)
		if err == nil {
			_, err = io.ReadFull(c, got)
		}
		if err != nil || string(got) != "ping" {
			t.Fatalf("message %d: %q, %v", i, got, err)
		}
	}
	runtime.ReadMemStats(&after)
	if testing.AllocsPerRun(10, func() { exec.OnLoop() }) == 0 { // some builds allocate to know where they are
		require.Less(t, after.Mallocs-before.Mallocs, uint64(messages)/2, "a message allocates nothing")
	}
	eventually(t, "it waits", func() bool { s := h.r.Stats(); return s.Waiting == 1 && s.Writes >= messages })
	s := h.r.Stats()
	require.LessOrEqual(t, s.Reads, uint64(messages+1)) // one that finds nothing, right after the accept
	require.EqualValues(t, messages, s.Writes)
	require.NoError(t, c.Close())
	eventually(t, "it is closed", func() bool { return h.r.Stats().Conns == 0 })
	require.Zero(t, h.r.Stats().Failed)
}

// TryRead sees what Peek has left, and is refused outside.
func TestTryReadAfterPeek(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	conns := make(chan *netio.Conn, 1)
	type result struct {
		first, second string
		err           error
	}
	results := make(chan result, 1)
	_, addr := h.listen(netio.ListenConfig{Handle: func(_ *exec.Co, c *netio.Conn) error {
		conns <- c // it has room: this does not block
		_, err := c.Peek(4)
		b := make([]byte, 3)
		n, err1 := c.TryRead(b)
		first := string(b[:n])
		n, err2 := c.TryRead(b)
		second := string(b[:n])
		n, err3 := c.TryRead(b)
		results <- result{first, second + string(b[:n]), errors.Join(err, err1, err2, err3)}
		_, err = c.Peek(1)
		return err
	}})
	c := dial(t, addr)
	_, err := c.Write([]byte("abcd"))
	require.NoError(t, err)
	r := <-results
	require.NoError(t, r.err)
	require.Equal(t, "abc", r.first)
	require.Equal(t, "d", r.second)
	_, err = (<-conns).TryRead(make([]byte, 1))
	require.ErrorIs(t, err, netio.ErrNotOnLoop)
}

// A connection that nobody serves, because its handler waits, is closed from within, and
// OnClose says why; it also says so when the other side closes.
func TestOnClose(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	why := make(chan error, 2)
	handle := func(_ *exec.Co, c *netio.Conn) error {
		c.OnClose(func(_ *netio.Conn, err error) { why <- err })
		if _, err := c.TryRead(make([]byte, 1)); err == io.EOF {
			return nil
		}
		return netio.Wait
	}
	_, addr := h.listen(netio.ListenConfig{Handle: handle, IdleTimeout: 20 * time.Millisecond})
	c := dial(t, addr)
	_, err := c.Read(make([]byte, 1))
	require.Equal(t, io.EOF, err)
	require.ErrorIs(t, take(t, why), netio.ErrIdle)

	_, addr = h.listen(netio.ListenConfig{Handle: handle})
	require.NoError(t, dial(t, addr).Close())
	require.NoError(t, take(t, why))
	select {
	case err := <-why:
		t.Fatal("it was called twice: ", err)
	default:
	}
}

// A Close after SetLinger(0) is a reset for the other side, and not an end.
func TestSetLinger(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	_, addr := h.listen(netio.ListenConfig{Handle: func(_ *exec.Co, c *netio.Conn) error {
		if _, err := c.Read(make([]byte, 1)); err != nil {
			return err
		}
		return c.SetLinger(0)
	}})
	c := dial(t, addr)
	_, err := c.Write([]byte("x"))
	require.NoError(t, err)
	_, err = c.Read(make([]byte, 1))
	require.ErrorIs(t, err, syscall.ECONNRESET)
	var op *net.OpError
	require.ErrorAs(t, err, &op)
}
