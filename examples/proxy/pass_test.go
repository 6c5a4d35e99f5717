package main

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
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
	const most = 256 << 20
	sent := make(chan int, 1)
	up := serve(t, func(c net.Conn) {
		b, n := make([]byte, 1<<20), 0
		for n < most {
			_ = c.SetWriteDeadline(time.Now().Add(500 * time.Millisecond))
			m, err := c.Write(b)
			n += m
			if err != nil { // it was made to wait
				break
			}
		}
		sent <- n
	})
	cfg := testConfig(up.addr())
	p := begin(t, cfg)
	c := dial(t, p.addr)
	n := <-sent
	require.Less(t, n, most, "the sender was never made to wait")
	s := p.stats().Total
	require.NotZero(t, s.Downstream.Slow)
	held := s.Downstream.In
	eventually(t, "it is in the proxy", func() bool { s := p.stats().Total.Downstream; return s.In == held || s.In-s.Out <= uint64(cfg.buffer) })
	got, err := io.Copy(io.Discard, c)
	if !errors.Is(err, syscall.ECONNRESET) { // the sender's deadline ended it well, or not
		require.NoError(t, err)
	}
	require.LessOrEqual(t, got, int64(n))
	eventually(t, "it is over", func() bool { return p.stats().Open == 0 || c.Close() == nil })
}
