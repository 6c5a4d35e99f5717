package netio_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// What goes in comes out, in pieces of all sizes, and each end is passed on by itself.
func TestForward(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	p := forwards(h, backend(t, tcpEcho), nil)
	var total int64
	var wg sync.WaitGroup
	for i := range 4 {
		rng := rand.New(rand.NewPCG(uint64(i), 9))
		var sizes []int
		for range 60 {
			size := 1 + rng.IntN(3000)
			if rng.IntN(4) == 0 {
				size = 1 + rng.IntN(500_000)
			}
			sizes = append(sizes, size)
			total += int64(size)
		}
		wg.Go(func() {
			c := dial(t, p.addr)
			var sent bytes.Buffer
			for _, size := range sizes {
				sent.Write(randomBytes(rng, size))
			}
			all := bytes.Clone(sent.Bytes())
			go func() {
				for _, size := range sizes {
					if _, err := c.Write(sent.Next(size)); err != nil {
						return
					}
				}
				_ = c.(*net.TCPConn).CloseWrite()
			}()
			got, err := io.ReadAll(c)
			if err != nil || !bytes.Equal(all, got) {
				t.Errorf("%d bytes of %d: %v", len(got), len(all), err)
			}
		})
	}
	wg.Wait()
	var n int64
	for range 4 {
		up, down := take(t, p.up), take(t, p.down)
		require.NoError(t, errors.Join(up.err, down.err))
		n += up.n
	}
	require.Equal(t, total, n)
	eventually(t, "all are closed", func() bool { return h.r.Stats().Conns == 0 })
	s := h.r.Stats()
	require.Equal(t, s.BytesIn, s.BytesOut)
	require.EqualValues(t, 2*total, s.BytesIn)
	require.NotZero(t, s.Spliced)
	require.Less(t, s.Spliced, s.BytesIn)
	require.Zero(t, s.NoPipe+s.Failed)
	require.LessOrEqual(t, s.Pipes, 8)
}

// Small messages are copied.
func TestForwardSmall(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	p := forwards(h, backend(t, tcpEcho), nil)
	c := dial(t, p.addr)
	b := make([]byte, 1000)
	for i := range 100 {
		msg := bytes.Repeat([]byte{byte(i)}, len(b))
		_, err := c.Write(msg)
		require.NoError(t, err)
		_, err = io.ReadFull(c, b)
		require.NoError(t, err)
		require.Equal(t, msg, b)
	}
	require.NoError(t, c.Close())
	require.EqualValues(t, 100_000, (<-p.down).n)
	eventually(t, "it is closed", func() bool { return h.r.Stats().Conns == 0 })
	s := h.r.Stats()
	require.EqualValues(t, []uint64{0, 0}, []uint64{s.Spliced, uint64(s.Pipes)})
}

// What was peeked is forwarded first.
func TestForwardPeeked(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{ReadBuffer: 64})
	p := forwards(h, backend(t, tcpEcho), func(_ *exec.Co, c, _ *netio.Conn) error {
		if _, err := c.Peek(10); err != nil {
			return err
		}
		c.Discard(3)
		return nil
	})
	c := dial(t, p.addr)
	all := randomBytes(rand.New(rand.NewPCG(1, 1)), 200_000)
	go func() { _, _ = c.Write(all); _ = c.(*net.TCPConn).CloseWrite() }()
	got, err := io.ReadAll(c)
	require.NoError(t, err)
	require.True(t, bytes.Equal(all[3:], got))
	require.Equal(t, forwarded{int64(len(all) - 3), nil}, take(t, p.up))
}
