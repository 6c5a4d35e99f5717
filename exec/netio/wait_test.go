package netio_test

import (
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// calls counts the calls of a handler that answers requests of four bytes.
type calls struct{ n int }

func (k *calls) handle(_ *exec.Co, c *netio.Conn) error {
	k.n++
	b, err := c.Peek(4)
	if err == io.EOF {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = c.Write(b[:4])
	c.Discard(4)
	if err != nil {
		return err
	}
	return netio.Wait
}

// partial answers in Wait with a part of a request in the buffer: it is not called before
// there is more.
func partial(k *calls) netio.Handler {
	return func(_ *exec.Co, c *netio.Conn) error {
		k.n++
		b, err := c.Peek(c.Buffered() + 1)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if len(b) < 4 {
			return netio.Wait
		}
		_, err = c.Write(b[:4])
		c.Discard(4)
		if err != nil {
			return err
		}
		return netio.Wait
	}
}

// An idle connection has no coroutine and no buffer.
func TestWaitCostsNothing(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	k := &calls{}
	_, addr := h.listen(netio.ListenConfig{Handle: k.handle})
	const n = 30
	for range n {
		c := dial(t, addr)
		_, err := c.Write([]byte("ping"))
		require.NoError(t, err)
		_, err = io.ReadFull(c, make([]byte, 4))
		require.NoError(t, err)
	}
	eventually(t, "all wait", func() bool { s := h.r.Stats(); return s.Waiting == n && s.Conns == n })
	eventually(t, "no coroutine is left", func() bool { return h.x.Stats().Coroutines == 0 })
	h.do(func(*exec.Local) { require.Zero(t, netio.BuffersInUse(h.r)) })
}

// The handler is called again for data, for the end, and for a reset.
func TestWaitIsCalledAgain(t *testing.T) {
	w := walk(t, exec.Config{}, netio.Config{})
	k := &calls{}
	_, addr := w.listen(netio.ListenConfig{Handle: k.handle})
	a, b := dial(t, addr), dial(t, addr)
	for i := range 5 {
		_, err := a.Write([]byte("ping"))
		require.NoError(t, err)
		w.until("it is answered", func() bool { return w.stats().BytesOut == uint64(4*(i+1)) })
		_, err = io.ReadFull(a, make([]byte, 4))
		require.NoError(t, err)
	}
	w.until("one waits, one has a coroutine", func() bool { return w.stats().Waiting == 1 })
	require.Equal(t, 1+5, k.n, "the first call of each, and one for each request but the first")
	_, err := b.Write([]byte("pong"))
	require.NoError(t, err)
	w.until("both wait", func() bool { return w.stats().Waiting == 2 })
	n := k.n
	for range 50 {
		w.x.Step()
	}
	require.Equal(t, n, k.n, "nobody calls them for nothing")
	require.NoError(t, a.Close())
	w.until("the end is seen", func() bool { return w.stats().Conns == 1 })
	require.Zero(t, w.stats().Failed)
	reset(t, b)
	w.until("the reset is seen", func() bool { return w.stats().Conns == 0 })
	s := w.stats()
	require.EqualValues(t, 1, s.Failed)
	require.Zero(t, s.Waiting)
	require.Equal(t, n+2, k.n)
}

// A part of a request in the buffer does not make it spin, and stays.
func TestWaitWithAPart(t *testing.T) {
	w := walk(t, exec.Config{}, netio.Config{})
	k := &calls{}
	_, addr := w.listen(netio.ListenConfig{Handle: partial(k)})
	c := dial(t, addr)
	for i, part := range []string{"p", "i", "n"} {
		_, err := c.Write([]byte(part))
		require.NoError(t, err)
		w.until("it has come", func() bool { s := w.stats(); return s.BytesIn == uint64(i+1) && s.Waiting == 1 })
		n := k.n
		for range 50 {
			w.x.Step()
		}
		require.Equal(t, n, k.n)
	}
	require.Equal(t, 3, k.n)
	_, err := c.Write([]byte("g"))
	require.NoError(t, err)
	w.until("it is answered", func() bool { return w.stats().BytesOut == 4 })
	b := make([]byte, 4)
	_, err = io.ReadFull(c, b)
	require.NoError(t, err)
	require.Equal(t, "ping", string(b))
}

// Without a coroutine for it a connection is closed, and counted.
func TestWaitWithoutACoroutine(t *testing.T) {
	errs := make(chan error, 1)
	h := begin(t, exec.Config{MaxCoroutines: 2}, netio.Config{OnError: func(_ *netio.Conn, err error) { errs <- err }})
	k := &calls{}
	_, addr := h.listen(netio.ListenConfig{Handle: k.handle, Refuse: func(c *netio.Conn) { _, _ = c.TryWrite([]byte("full")) }})
	c := dial(t, addr)
	_, err := c.Write([]byte("ping"))
	require.NoError(t, err)
	eventually(t, "it waits", func() bool { return h.r.Stats().Waiting == 1 })
	eventually(t, "others have all coroutines", func() bool {
		ok := 0
		h.do(func(l *exec.Local) {
			for range 2 {
				if l.Go(func(co *exec.Co) { _ = co.Sleep(time.Hour) }) == nil {
					ok++
				}
			}
		})
		return ok == 0
	})
	_, err = c.Write([]byte("ping"))
	require.NoError(t, err)
	require.ErrorIs(t, take(t, errs), exec.ErrTooMany)
	eventually(t, "it is closed", func() bool { s := h.r.Stats(); return s.Conns == 0 && s.Waiting == 0 && s.Failed == 1 })
	// A new one is refused, with a word.
	b, err := io.ReadAll(dial(t, addr))
	require.NoError(t, err)
	require.Equal(t, "full", string(b))
	eventually(t, "it is counted", func() bool { return h.r.Stats().Refused == 1 })
}

// A read that took all there was, without noticing, is no reason to call the handler.
func TestWaitAfterAnExactRead(t *testing.T) {
	w := walk(t, exec.Config{}, netio.Config{})
	n := 0
	_, addr := w.listen(netio.ListenConfig{Handle: func(_ *exec.Co, c *netio.Conn) error {
		n++
		if _, err := io.ReadFull(c, make([]byte, 4)); err != nil {
			return err
		}
		return netio.Wait
	}})
	c := dial(t, addr)
	for i := range 3 {
		_, err := c.Write([]byte("ping"))
		require.NoError(t, err)
		w.until("it is read", func() bool { s := w.stats(); return s.BytesIn == uint64(4*(i+1)) && s.Waiting == 1 })
		require.Equal(t, i+1, n)
	}
	// Two at once are two calls, without another event.
	_, err := c.Write([]byte("pingping"))
	require.NoError(t, err)
	w.until("both are read", func() bool { s := w.stats(); return s.BytesIn == 20 && s.Waiting == 1 })
	require.Equal(t, 5, n)
}

// A Handler that returns Wait without having taken anything is called again when something
// happens, and not at once, for ever.
func TestWaitWithoutReading(t *testing.T) {
	w := walk(t, exec.Config{}, netio.Config{})
	calls := 0
	_, addr := w.listen(netio.ListenConfig{Handle: func(_ *exec.Co, c *netio.Conn) error {
		if calls++; c.Data == nil {
			return netio.Wait
		}
		b, err := c.Peek(2)
		if err != nil {
			return err
		}
		_, err = c.Write(b)
		return err
	}})
	c := dial(t, addr)
	_, err := c.Write([]byte("a"))
	require.NoError(t, err)
	w.until("it waits", func() bool { return calls > 0 && w.stats().Waiting == 1 })
	for range 100 {
		w.x.Step()
	}
	require.Less(t, calls, 10)
}
