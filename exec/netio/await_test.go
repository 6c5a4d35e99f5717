package netio_test

import (
	"errors"
	"io"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// A handler that returns what Await has told it of a drain has not failed.
func TestAwaitDrainIsNoFailure(t *testing.T) {
	reported := make(chan error, 1)
	h := begin(t, exec.Config{}, netio.Config{ReadBuffer: 8 << 10, OnError: func(_ *netio.Conn, err error) { reported <- err }})
	require.Equal(t, 8<<10, h.r.ReadBuffer())
	returned := make(chan error, 1)
	_, addr := h.listen(netio.ListenConfig{IdleTimeout: time.Hour, Handle: func(co *exec.Co, c *netio.Conn) error {
		if c.IdleTimeout() != time.Hour {
			return errors.New("the idle timeout of the listener is not that of the connection")
		}
		_, err := c.Read(make([]byte, 1))
		if err != nil {
			return err
		}
		for !h.r.Draining() {
			if err := co.Sleep(time.Millisecond); err != nil {
				return err
			}
		}
		err = c.Await()
		returned <- err
		return err
	}})
	c := dial(t, addr)
	_, err := c.Write([]byte("x"))
	require.NoError(t, err)
	eventually(t, "it is served", func() bool { return h.r.Stats().BytesIn == 1 })
	require.NoError(t, drain(t, h.x, time.Minute))
	require.ErrorIs(t, <-returned, netio.ErrDraining)
	_, err = c.Read(make([]byte, 1))
	require.Equal(t, io.EOF, err)
	require.Zero(t, h.r.Stats().Failed)
	require.Empty(t, reported)
}

// Bytes come and go without costing memory.
func TestEchoAllocates(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	_, addr := h.listen(netio.ListenConfig{Handle: func(_ *exec.Co, c *netio.Conn) error {
		if err := c.Await(); err != nil {
			return err
		}
		b, _ := c.Peek(0)
		if _, err := c.Write(b); err != nil {
			return err
		}
		c.Discard(len(b))
		return netio.Wait
	}})
	c, b := dial(t, addr), make([]byte, 100)
	round := func() {
		if _, err := c.Write(b); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(c, b); err != nil {
			t.Fatal(err)
		}
	}
	for range 100 {
		round()
	}
	const rounds = 1000
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range rounds {
		round()
	}
	runtime.ReadMemStats(&after)
	require.Less(t, float64(after.Mallocs-before.Mallocs)/rounds, 0.1) // other goroutines allocate, too, now and then
}
