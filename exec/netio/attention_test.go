package netio_test

import (
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// Goroutines close connections, and move their deadlines, while the loop reads and writes:
// each ends, once, and no descriptor is closed twice.
func TestCloseStorm(t *testing.T) {
	noLeak(t)
	h := begin(t, exec.Config{}, netio.Config{})
	made := make(chan *netio.Conn, 1000)
	_, addr := h.listen(netio.ListenConfig{Handle: func(_ *exec.Co, c *netio.Conn) error {
		made <- c
		return echo(nil, c)
	}})
	n := 60
	var wg sync.WaitGroup
	var ended atomic.Int32
	for range n {
		wg.Go(func() {
			c := dial(t, addr)
			b := make([]byte, 100)
			for {
				if _, err := c.Write(b); err != nil {
					break
				}
				if _, err := io.ReadFull(c, b); err != nil {
					break
				}
			}
			ended.Add(1)
			_ = c.Close()
		})
	}
	for range n {
		c := <-made
		var first atomic.Int32
		for range 4 {
			wg.Go(func() {
				for range 10 {
					_ = c.SetReadDeadline(time.Now().Add(time.Hour))
					_ = c.SetDeadline(time.Time{})
					_ = c.RemoteAddr()
				}
				if err := c.Close(); err == nil {
					first.Add(1)
				} else if !errors.Is(err, net.ErrClosed) {
					t.Error(err)
				}
				if _, err := c.Read(make([]byte, 1)); !errors.Is(err, netio.ErrNotOnLoop) {
					t.Error(err)
				}
				if _, err := c.Write(make([]byte, 1)); !errors.Is(err, netio.ErrNotOnLoop) {
					t.Error(err)
				}
				if _, err := c.TryWrite(make([]byte, 1)); !errors.Is(err, netio.ErrNotOnLoop) {
					t.Error(err)
				}
			})
		}
		wg.Go(func() {
			eventually(t, "it was closed once", func() bool { return first.Load() == 1 })
		})
	}
	wg.Wait()
	require.EqualValues(t, n, ended.Load())
	eventually(t, "all are closed", func() bool { s := h.r.Stats(); return s.Conns == 0 && s.Accepted == uint64(n) })
	roundTrip(t, dial(t, addr))
}

// What other goroutines want of a connection while the loop is busy is one look at it.
func TestAttentionIsOneLook(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	made := make(chan *netio.Conn, 1)
	_, addr := h.listen(netio.ListenConfig{Handle: func(_ *exec.Co, c *netio.Conn) error {
		made <- c
		return echo(nil, c)
	}})
	peer := dial(t, addr)
	roundTrip(t, peer)
	c := <-made
	var before uint64
	h.do(func(l *exec.Local) {
		before = l.Stats().Resumes
		done := make(chan struct{})
		go func() {
			defer close(done)
			for range 1000 {
				_ = c.SetReadDeadline(time.Now().Add(time.Hour))
			}
		}()
		await(t, done)
	})
	roundTrip(t, peer)
	h.do(func(l *exec.Local) {
		resumes := l.Stats().Resumes - before
		require.LessOrEqual(t, resumes, uint64(20), "of the coroutine: for the 1000 of them, and for the round trip")
	})
}
