package netio_test

import (
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// A listener without a Handler is a net.Listener for coroutines, as many as like.
func TestAccept(t *testing.T) {
	noLeak(t)
	h := begin(t, exec.Config{}, netio.Config{})
	ln, addr := h.listen(netio.ListenConfig{MaxConns: 200})
	_, err := ln.Accept()
	require.ErrorIs(t, err, netio.ErrNotOnLoop)
	var got [4]int
	ends := make(chan error, 4)
	h.do(func(l *exec.Local) {
		for i := range got {
			require.NoError(t, l.Go(func(co *exec.Co) {
				for {
					c, err := ln.Accept()
					if err != nil {
						ends <- err
						return
					}
					got[i]++
					_, err = io.Copy(c, io.LimitReader(c, 5))
					require.NoError(t, err)
					require.NoError(t, c.Close())
				}
			}))
		}
	})
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() { roundTrip(t, dial(t, addr)) })
	}
	wg.Wait()
	h.do(func(*exec.Local) {
		require.NoError(t, ln.Close())
		require.ErrorIs(t, ln.Close(), net.ErrClosed)
	})
	for range got {
		require.ErrorIs(t, take(t, ends), net.ErrClosed)
	}
	require.Equal(t, 100, got[0]+got[1]+got[2]+got[3])
}

// A connection of a Lazy listener has a coroutine when it has something to read.
func TestLazy(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	_, addr := h.listen(netio.ListenConfig{Lazy: true, Handle: echo})
	speaks, silent, leaves := dial(t, addr), dial(t, addr), dial(t, addr)
	eventually(t, "all wait", func() bool { return h.r.Stats().Waiting == 3 })
	require.Zero(t, h.x.Stats().Coroutines)
	require.Zero(t, h.r.Stats().Reads)
	roundTrip(t, speaks)
	require.NoError(t, leaves.Close())
	eventually(t, "one has gone", func() bool { s := h.r.Stats(); return s.Conns == 2 && s.Waiting == 1 })
	go func() { _ = drain(t, h.x, time.Minute) }() // which the one that speaks holds up
	_, err := silent.Read(make([]byte, 1))
	require.Equal(t, io.EOF, err, "nobody was serving it")
	require.NoError(t, speaks.Close())
	require.NoError(t, h.x.Wait())
	s := h.r.Stats()
	require.EqualValues(t, []uint64{3, 1, 0}, []uint64{s.Accepted, s.Drained, s.Failed})
}
