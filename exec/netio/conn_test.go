package netio_test

import (
	"bytes"
	"io"
	"math/rand/v2"
	"net"
	"os"
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

func TestReadDeadline(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	errs := make(chan error, 3)
	_, addr := h.listen(netio.ListenConfig{Handle: func(_ *exec.Co, c *netio.Conn) error {
		b := make([]byte, 1)
		require.NoError(t, c.SetReadDeadline(time.Now().Add(20*time.Millisecond)))
		_, err := c.Read(b)
		errs <- err
		require.NoError(t, c.SetReadDeadline(time.Time{}))
		go func() { time.Sleep(10 * time.Millisecond); _ = c.SetReadDeadline(time.Now().Add(-1)) }()
		_, err = c.Read(b)
		errs <- err
		require.NoError(t, c.SetReadDeadline(time.Time{}))
		go func() { time.Sleep(10 * time.Millisecond); _ = c.Close() }()
		_, err = c.Read(b)
		errs <- err
		return nil
	}})
	dial(t, addr)
	require.ErrorIs(t, <-errs, os.ErrDeadlineExceeded)
	require.ErrorIs(t, <-errs, os.ErrDeadlineExceeded)
	require.ErrorIs(t, <-errs, net.ErrClosed)
}
