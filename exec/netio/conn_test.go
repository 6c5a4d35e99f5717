package netio_test

import (
	"bytes"
	"io"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

func TestEcho(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	_, addr := h.listen(netio.ListenConfig{Handle: echo})
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			c := dial(t, addr)
			rng := rand.New(rand.NewPCG(uint64(i), 1))
			for range 50 {
				b := make([]byte, 1+rng.IntN(20_000))
				for i := range b {
					b[i] = byte(rng.Uint32())
				}
				go func() { _, _ = c.Write(b) }()
				got := make([]byte, len(b))
				if _, err := io.ReadFull(c, got); err != nil || !bytes.Equal(b, got) {
					t.Errorf("%v", err)
					return
				}
			}
			_ = c.Close()
		})
	}
	wg.Wait()
	eventually(t, "all are closed", func() bool { return h.r.Stats().Conns == 0 })
	s := h.r.Stats()
	require.EqualValues(t, 20, s.Accepted)
	require.Equal(t, s.BytesIn, s.BytesOut)
	require.Zero(t, s.Failed)
}

// A megabyte between two coroutines of one loop, through the kernel: the writer waits for
// the reader.
func TestDialAndBackPressure(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	const total = 8 << 20
	_, addr := h.listen(netio.ListenConfig{Handle: func(_ *exec.Co, c *netio.Conn) error {
		n, err := c.Write(make([]byte, total))
		require.Equal(t, total, n)
		return err
	}})
	h.co(func(co *exec.Co) {
		c, err := h.r.Dial("tcp", addr, netio.DialConfig{Timeout: time.Second})
		require.NoError(t, err)
		require.NoError(t, co.Sleep(20*time.Millisecond))
		n, err := io.Copy(io.Discard, c)
		require.NoError(t, err)
		require.EqualValues(t, total, n)
		require.NoError(t, c.Close())
	})
	eventually(t, "all are closed", func() bool { return h.r.Stats().Conns == 0 })
	require.NotZero(t, h.r.Stats().Held)
}

// A coroutine that always finds something to read lets others have their turn.
func TestReadsInARow(t *testing.T) {
	const reads = 1000
	h := begin(t, exec.Config{}, netio.Config{})
	result := make(chan int, 1)
	_, addr := h.listen(netio.ListenConfig{Handle: func(co *exec.Co, c *netio.Conn) error {
		if _, err := c.Peek(reads); err != nil {
			return err
		}
		turns, over := 0, false
		require.NoError(t, co.Local().Go(func(co *exec.Co) {
			for ; !over && co.Yield() == nil; turns++ {
			}
		}))
		b := make([]byte, 1)
		for range reads {
			if _, err := c.Read(b); err != nil {
				return err
			}
		}
		over = true
		result <- turns
		return nil
	}})
	_, err := dial(t, addr).Write(make([]byte, reads))
	require.NoError(t, err)
	require.Greater(t, take(t, result), reads/100)
}
