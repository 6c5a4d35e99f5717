package main

import (
	"bytes"
	"io"
	"math"
	"math/rand/v2"
	"net"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// random returns n bytes that are like no others.
func random(rng *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
	return b
}

// What goes in comes out, in pieces of all sizes, and so does the end of it.
func TestEcho(t *testing.T) {
	c := testConfig(serve(t, echo).addr(), serve(t, echo).addr())
	c.workers = 2
	p := begin(t, c)
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(i), 7))
			conn := dial(t, p.addr)
			for range 20 {
				b := random(rng, 1+rng.IntN(200_000))
				go func() { _, _ = conn.Write(b) }()
				got := make([]byte, len(b))
				if _, err := io.ReadFull(conn, got); err != nil || !bytes.Equal(got, b) {
					t.Errorf("connection %d: %v", i, err)
					return
				}
			}
			if err := conn.CloseWrite(); err != nil {
				t.Error(err)
			}
			if n, err := conn.Read(make([]byte, 1)); n != 0 || err != io.EOF {
				t.Errorf("%d bytes and %v where there was the end", n, err)
			}
		})
	}
	wg.Wait()
	eventually(t, "all have finished", func() bool { return p.stats().Total.Finished == 16 })
	s := p.stats()
	require.Equal(t, s.BytesIn, s.BytesOut)
	require.Equal(t, s.Total.Upstream.In, s.Total.Downstream.Out)
	require.Zero(t, s.BytesLost)
}

// Either side may end first: the other direction goes on until it ends, too.
func TestHalfClose(t *testing.T) {
	fromClient := make(chan []byte, 1)
	first := serve(t, func(c net.Conn) { // it ends at once, and listens on
		_, _ = c.Write([]byte("bye"))
		_ = c.(*net.TCPConn).CloseWrite()
		b, _ := io.ReadAll(c)
		fromClient <- b
	})
	p := begin(t, testConfig(first.addr()))
	c := dial(t, p.addr)
	b, err := io.ReadAll(c)
	require.NoError(t, err)
	require.Equal(t, "bye", string(b))
	for range 3 {
		_, err = c.Write([]byte("more"))
		require.NoError(t, err)
		time.Sleep(time.Millisecond)
	}
	require.NoError(t, c.CloseWrite())
	require.Equal(t, "moremoremore", string(<-fromClient))
	eventually(t, "it has finished", func() bool { return p.stats().Total.Finished == 1 })

	last := serve(t, func(c net.Conn) { // it answers after the end of the question
		b, _ := io.ReadAll(c)
		_, _ = c.Write(bytes.ToUpper(b))
	})
	p = begin(t, testConfig(last.addr()))
	c = dial(t, p.addr)
	_, err = c.Write([]byte("question"))
	require.NoError(t, err)
	require.NoError(t, c.CloseWrite())
	b, err = io.ReadAll(c)
	require.NoError(t, err)
	require.Equal(t, "QUESTION", string(b))
	eventually(t, "it has finished", func() bool { return p.stats().Total.Finished == 1 })
}

// A reset of either side is a reset of the other: nobody takes it for the end.
func TestResetIsPassedOn(t *testing.T) {
	ended := make(chan error, 1)
	up := serve(t, func(c net.Conn) {
		_, err := c.Write([]byte("hello"))
		if err == nil {
			_, err = io.Copy(io.Discard, c)
		}
		ended <- err
	})
	p := begin(t, testConfig(up.addr()))
	hello := func() *net.TCPConn {
		c := dial(t, p.addr)
		_, err := io.ReadFull(c, make([]byte, 5))
		require.NoError(t, err)
		return c
	}
	c := hello()
	require.NoError(t, c.SetLinger(0))
	require.NoError(t, c.Close())
	require.ErrorIs(t, <-ended, syscall.ECONNRESET)
	eventually(t, "it is broken", func() bool { return p.stats().Total.Broken == 1 })

	c = hello()
	up.kill() // in the middle of the stream
	_, err := io.ReadAll(c)
	require.ErrorIs(t, err, syscall.ECONNRESET)
	<-ended
	eventually(t, "both are broken", func() bool { s := p.stats(); return s.Total.Broken == 2 && s.Open == 0 })
}

// A reader that does not read makes the sender wait: the proxy holds one buffer, and the
// kernel what its buffers hold.
func TestSlowReader(t *testing.T) {
	up := serve(t, func(c net.Conn) {
		b := make([]byte, 1<<20)
		for {
			if _, err := c.Write(b); err != nil {
				return
			}
		}
	})
	cfg := testConfig(up.addr())
	p := begin(t, cfg)
	c := dial(t, p.addr)
	stands := func() flow {
		var last flow
		same := 0
		eventually(t, "the sender waits", func() bool {
			f := p.stats().Total.Downstream
			if f != last {
				last, same = f, 0
			}
			same++
			return f.Slow > 0 && same > 100
		})
		return last
	}
	before := stands()
	require.LessOrEqual(t, before.In-before.Out, uint64(cfg.buffer), "in the proxy")
	require.Less(t, before.In, uint64(256<<20), "and what the kernel holds is bounded, too")
	// It goes on as soon as there is room, and stops again.
	_, err := io.CopyN(io.Discard, c, int64(before.In))
	require.NoError(t, err)
	after := stands()
	require.Greater(t, after.Out, before.Out)
	require.LessOrEqual(t, after.In-after.Out, uint64(cfg.buffer))
	// Others are not in its way.
	require.NoError(t, dial(t, p.addr).Close())
	eventually(t, "the other one has come and gone", func() bool { s := p.stats(); return s.Total.Accepted == 2 && s.Open == 1 })
	require.NoError(t, c.Close())
	eventually(t, "it is over", func() bool { return p.stats().Open == 0 })
}

// A client that is reset while its upstream takes nothing is noticed, and so is that upstream
// while its client takes nothing.
func TestResetWhileTheOtherSideIsSlow(t *testing.T) {
	over := make(chan struct{})
	defer close(over)
	flood := func(c net.Conn) {
		for b := make([]byte, 1<<20); ; {
			if _, err := c.Write(b); err != nil {
				return
			}
		}
	}
	up := serve(t, func(c net.Conn) { <-over })
	p := begin(t, testConfig(up.addr()))
	c := dial(t, p.addr)
	go flood(c)
	eventually(t, "the upstream takes no more", func() bool { return p.stats().Total.Upstream.Slow > 0 })
	require.NoError(t, c.SetLinger(0))
	require.NoError(t, c.Close())
	eventually(t, "it is broken", func() bool { s := p.stats(); return s.Total.Broken == 1 && s.Open == 0 })

	up = serve(t, flood)
	p = begin(t, testConfig(up.addr()))
	dial(t, p.addr)
	eventually(t, "the client takes no more", func() bool { return p.stats().Total.Downstream.Slow > 0 })
	up.kill()
	eventually(t, "it is broken", func() bool { s := p.stats(); return s.Total.Broken == 1 && s.Open == 0 })
}

// Passing on a chunk allocates nothing, and reads and writes once.
func TestChunksAreCheap(t *testing.T) {
	p := begin(t, testConfig(serve(t, echo).addr()))
	c := dial(t, p.addr)
	b := make([]byte, 1024)
	round := func() {
		_, err := c.Write(b)
		if err == nil {
			_, err = io.ReadFull(c, b)
		}
		if err != nil {
			t.Error(err)
		}
	}
	round()
	at := p.stats()
	const rounds, tries = 2000, 5
	least := uint64(math.MaxUint64) // on a crowded machine there are reports of stalls now and then, which do allocate
	for range tries {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range rounds {
			round()
		}
		runtime.ReadMemStats(&after)
		least = min(least, after.Mallocs-before.Mallocs)
	}
	s := p.stats()
	if testing.AllocsPerRun(10, func() { exec.OnLoop() }) == 0 { // some builds allocate to know where they are
		require.Less(t, least, uint64(rounds), "allocations")
	}
	chunks := s.Total.Upstream.Chunks + s.Total.Downstream.Chunks - at.Total.Upstream.Chunks - at.Total.Downstream.Chunks
	require.GreaterOrEqual(t, chunks, uint64(2*rounds*tries))
	require.LessOrEqual(t, s.Workers[0].Reads-at.Workers[0].Reads, chunks+10)
	require.LessOrEqual(t, s.Workers[0].Writes-at.Workers[0].Writes, chunks+10)
}
