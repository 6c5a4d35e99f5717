package http1_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/examples/httpd/http1"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// A connection beyond the limit is told so.
func TestMaxConns(t *testing.T) {
	s := begin(t, tell, setup{ln: netio.ListenConfig{MaxConns: 1}})
	first := s.dial()
	first.send(lines("GET / HTTP/1.1", "Host: h"))
	first.answer("GET")
	second := s.dial()
	res, _ := second.answer("GET")
	require.Equal(t, 503, res.StatusCode)
	require.True(t, res.Close)
	second.closed()
	_ = second.Close()
	_ = first.Close()
	eventually(t, "there is room", func() bool { return s.r.Stats().Conns == 0 })
	third := s.dial()
	third.send(lines("GET / HTTP/1.1", "Host: h"))
	res, _ = third.answer("GET")
	require.Equal(t, 200, res.StatusCode)
}

// One who is refused while he sends can send on, and is not reset before he has read why. There is
// a limit to how many are kept for that.
func TestRefusedWhileSending(t *testing.T) {
	s := begin(t, tell, setup{http1: http1.Config{Linger: time.Minute}, ln: netio.ListenConfig{MaxConns: 1}})
	first := s.dial()
	first.send(lines("GET / HTTP/1.1", "Host: h"))
	first.answer("GET")
	var kept []*conn
	for i := range http1.MaxRefused {
		c := s.dial()
		kept = append(kept, c)
		c.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n")
		eventually(t, "it is refused", func() bool { return s.r.Stats().Refused == uint64(i+1) })
		for range 3 { // a second write is the one that meets a reset
			c.send("body")
			time.Sleep(time.Millisecond)
		}
		res, _ := c.answer("POST")
		require.Equal(t, 503, res.StatusCode)
		c.closed()
	}
	require.Equal(t, 1+http1.MaxRefused, s.r.Stats().Conns)
	more := s.dial()
	res, _ := more.answer("GET")
	require.Equal(t, 503, res.StatusCode)
	more.closed()
	eventually(t, "it is not kept", func() bool { n := s.r.Stats(); return n.Refused == 1+http1.MaxRefused && n.Conns == 1+http1.MaxRefused })
	for _, c := range kept {
		_ = c.Close()
	}
	eventually(t, "they have gone", func() bool { return s.r.Stats().Conns == 1 })
	again := s.dial()
	again.send(lines("GET / HTTP/1.1", "Host: h"))
	res, _ = again.answer("GET")
	require.Equal(t, 503, res.StatusCode)
	eventually(t, "it is kept", func() bool { return s.r.Stats().Conns == 2 })
	require.Zero(t, s.r.Stats().Failed)
}

// Silence between two requests closes a connection without an answer.
func TestIdleTimeout(t *testing.T) {
	s := begin(t, tell, setup{ln: netio.ListenConfig{IdleTimeout: 500 * time.Millisecond}})
	fresh, used := s.dial(), s.dial()
	used.send(lines("GET / HTTP/1.1", "Host: h"))
	used.answer("GET")
	used.closed()
	fresh.closed()
	eventually(t, "both are counted", func() bool { return s.r.Stats().Idle == 2 })
	require.Zero(t, s.stats().Gone)
}

// A client that takes nothing of an answer is given up after WriteTimeout.
func TestWriteTimeout(t *testing.T) {
	s := begin(t, func(_ *exec.Co, w *http1.Response, _ *http1.Request) error {
		return w.Send(200, "", make([]byte, 64<<20))
	}, setup{http1: http1.Config{WriteTimeout: 100 * time.Millisecond}})
	c := s.dial()
	c.send(lines("GET / HTTP/1.1", "Host: h"))
	eventually(t, "it is given up", func() bool { return s.stats().Gone == 1 })
	_, err := io.Copy(io.Discard, c)
	var timeout net.Error
	require.False(t, errors.As(err, &timeout) && timeout.Timeout(), "%v", err)
}

// Slow bytes do not make a header last: its time is counted from its first one.
func TestDrippingHeader(t *testing.T) { eachWay(t, testDrippingHeader) }

func testDrippingHeader(t *testing.T, secure bool) {
	s := begin(t, tell, setup{tls: secure, http1: http1.Config{HeaderTimeout: 100 * time.Millisecond}})
	c := s.dial()
	c.send("GET / HTTP/1.1\r\n")
	over := make(chan struct{})
	go func() {
		defer close(over)
		for i := 0; ; i++ { // far below the longest header
			if _, err := fmt.Fprintf(c, "X: %d\r\n", i%10); err != nil || i == 50 {
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
	}()
	res, _ := c.answer("GET")
	require.Equal(t, 408, res.StatusCode)
	require.True(t, res.Close)
	c.closed()
	_ = c.Close()
	await(t, over)
}
