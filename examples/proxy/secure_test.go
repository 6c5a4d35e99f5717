package main

import (
	"bytes"
	"crypto/tls"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// What goes in comes out, in pieces of all sizes, and so does the end of it: as close_notify on
// one side, and as the end of the connection on the other.
func TestTLSEcho(t *testing.T) {
	id := newIdentity(t, "echo")
	c := secureConfig(t, id, serve(t, echo).addr(), serve(t, echo).addr())
	c.workers = 2
	p := begin(t, c)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(i), 7))
			cfg := id.client()
			if i%2 == 0 {
				cfg.MaxVersion = tls.VersionTLS12
			}
			conn := tls.Client(dial(t, p.addr), cfg)
			for range 12 {
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
			if n, err := conn.Read(make([]byte, 1)); n != 0 || err != io.EOF { // without close_notify: ErrUnexpectedEOF
				t.Errorf("%d bytes and %v where there was the end", n, err)
			}
		})
	}
	wg.Wait()
	eventually(t, "all have finished", func() bool { return p.stats().Total.Finished == 8 })
	s := p.stats()
	require.Equal(t, s.BytesIn, s.BytesOut)
	require.Equal(t, s.Total.Upstream.In, s.Total.Downstream.Out, "bytes are counted as they are without TLS")
	require.EqualValues(t, []uint64{8, 0}, []uint64{s.Total.Handshakes, s.Total.BadHandshakes})
	require.Contains(t, s.summary(), "handshakes    8 done, 0 failed")
}

// Either side may end first: the other direction goes on until it ends, too.
func TestTLSHalfClose(t *testing.T) {
	id := newIdentity(t, "half")
	fromClient := make(chan []byte, 1)
	first := serve(t, func(c net.Conn) { // it ends at once, and listens on
		_, _ = c.Write([]byte("bye"))
		_ = c.(*net.TCPConn).CloseWrite()
		b, _ := io.ReadAll(c)
		fromClient <- b
	})
	p := begin(t, secureConfig(t, id, first.addr()))
	c := secure(t, dial(t, p.addr), id.client())
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

	large := bytes.Repeat([]byte("answer"), 1<<20)
	last := serve(t, func(c net.Conn) { // it answers after the end of the question
		_, _ = io.ReadAll(c)
		_, _ = c.Write(large)
	})
	p = begin(t, secureConfig(t, id, last.addr()))
	c = secure(t, dial(t, p.addr), id.client())
	_, err = c.Write([]byte("question"))
	require.NoError(t, err)
	require.NoError(t, c.CloseWrite())
	b, err = io.ReadAll(c)
	require.NoError(t, err)
	require.True(t, bytes.Equal(large, b))
	eventually(t, "it has finished", func() bool { return p.stats().Total.Finished == 1 })
}

// What is cut off on one side is cut off on the other: nobody takes it for the end.
func TestTLSCutOff(t *testing.T) {
	id := newIdentity(t, "cut")
	ended := make(chan error, 1)
	up := serve(t, func(c net.Conn) {
		_, err := c.Write([]byte("hello"))
		if err == nil {
			_, err = io.Copy(io.Discard, c)
		}
		ended <- err
	})
	p := begin(t, secureConfig(t, id, up.addr()))
	hello := func() (*net.TCPConn, *tls.Conn) {
		raw := dial(t, p.addr)
		c := secure(t, raw, id.client())
		_, err := io.ReadFull(c, make([]byte, 5))
		require.NoError(t, err)
		return raw, c
	}
	raw, _ := hello()
	require.NoError(t, raw.CloseWrite()) // an end that nobody has vouched for
	require.ErrorIs(t, <-ended, syscall.ECONNRESET)
	_, c := hello()
	up.kill()
	_, err := c.Read(make([]byte, 1))
	require.ErrorIs(t, err, syscall.ECONNRESET)
	<-ended
	eventually(t, "both are broken", func() bool { s := p.stats(); return s.Total.Broken == 2 && s.Open == 0 })
}

// A reader that does not read makes the sender wait, whichever side it is.
func TestTLSSlowReader(t *testing.T) {
	id := newIdentity(t, "slow")
	flood := func(w io.Writer) {
		for b := make([]byte, 1<<20); ; {
			if _, err := w.Write(b); err != nil {
				return
			}
		}
	}
	for name, down := range map[string]bool{"client": true, "upstream": false} {
		t.Run(name, func(t *testing.T) {
			over := make(chan struct{})
			up := serve(t, func(c net.Conn) {
				if down {
					flood(c)
				}
				<-over
			})
			cfg := secureConfig(t, id, up.addr())
			p := begin(t, cfg)
			defer close(over)
			c := secure(t, dial(t, p.addr), id.client())
			if !down {
				go flood(c)
			}
			var last flow
			same := 0
			eventually(t, "the sender waits", func() bool {
				f := p.stats().Total.Upstream
				if down {
					f = p.stats().Total.Downstream
				}
				if f != last {
					last, same = f, 0
				}
				same++
				return f.Slow > 0 && same > 100
			})
			require.LessOrEqual(t, last.In-last.Out, uint64(cfg.buffer), "in the proxy")
			require.Less(t, last.In, uint64(256<<20), "and what the kernel holds is bounded, too")
			if down { // it goes on as soon as there is room
				_, err := io.CopyN(io.Discard, c, int64(last.In))
				require.NoError(t, err)
			}
			other := secure(t, dial(t, p.addr), id.client()) // others are not in its way
			require.NoError(t, other.Close())
			require.NoError(t, c.NetConn().Close())
			up.kill()
			eventually(t, "it is over", func() bool { return p.stats().Open == 0 })
		})
	}
}
