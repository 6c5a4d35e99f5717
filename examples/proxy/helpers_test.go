package main

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// limit is how long anything may take before a test has failed.
const limit = 20 * time.Second

// eventually waits for a condition.
func eventually(t testing.TB, what string, cond func() bool) {
	t.Helper()
	for deadline := time.Now().Add(limit); !cond(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never came true: %s", what)
		}
	}
}

// testConfig is a configuration for tests: a free port, no checks, and one worker.
func testConfig(upstreams ...string) *config {
	c := defaultConfig()
	c.listen, c.upstreams, c.workers = "127.0.0.1:0", upstreams, 1
	c.health.interval = 0
	return c
}

// begin starts a proxy that ends with the test.
func begin(t testing.TB, c *config) *proxy {
	t.Helper()
	p, err := start(c, func(event string) { t.Log(event) }, nil)
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	require.NoError(t, err)
	t.Cleanup(func() {
		p.stop()
		s := p.stats()
		require.Equal(t, s.BytesIn, s.BytesOut+s.BytesLost, "bytes in and out")
		require.Zero(t, s.Open)
		require.Zero(t, s.Total.ReportsLost)
		for _, u := range s.Upstreams {
			require.Zero(t, u.Open, u.Address)
		}
		n := s.Total
		require.Equal(t, n.Accepted, n.Refused+n.BadHeaders+n.BadHandshakes+n.Unserved+n.Finished+n.Broken+n.Idle+n.Lifetime+n.Cut, "every connection has ended in one way")
	})
	return p
}

// server is an upstream of ordinary goroutines.
type server struct {
	net.Listener
	mu    sync.Mutex
	conns []net.Conn
}

// serve starts an upstream that has handle serve each connection, and closes that then.
func serve(t testing.TB, handle func(c net.Conn)) *server {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	return serveOn(t, ln, handle)
}

// serveOn is serve with a listener.
func serveOn(t testing.TB, ln net.Listener, handle func(c net.Conn)) *server {
	t.Helper()
	s := &server{Listener: ln}
	t.Cleanup(s.kill)
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.conns = append(s.conns, c)
			s.mu.Unlock()
			go func() {
				defer func() { _ = c.Close() }()
				handle(c)
			}()
		}
	}()
	return s
}

func (s *server) addr() string { return s.Addr().String() }

// kill ends the upstream and resets its connections.
func (s *server) kill() {
	_ = s.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.conns {
		_ = c.(*net.TCPConn).SetLinger(0)
		_ = c.Close()
	}
	s.conns = nil
}

// echo sends back what comes, and its end. It hides from io.Copy what c is: a splice would hold
// a pipe.
func echo(c net.Conn) {
	_, _ = io.CopyBuffer(struct{ io.Writer }{c}, struct{ io.Reader }{c}, make([]byte, 1<<10))
	_ = c.(*net.TCPConn).CloseWrite()
}

// named answers each byte with a name.
func named(name string) func(net.Conn) {
	return func(c net.Conn) {
		b := make([]byte, 1)
		for {
			if _, err := c.Read(b); err != nil {
				return
			}
			if _, err := c.Write([]byte(name + "\n")); err != nil {
				return
			}
		}
	}
}

// dial connects to an address. What is done with the connection must not take too long.
func dial(t testing.TB, addr string) *net.TCPConn {
	t.Helper()
	c, err := net.DialTimeout("tcp", addr, limit)
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	require.NoError(t, c.SetDeadline(time.Now().Add(limit)))
	return c.(*net.TCPConn)
}

// askLine sends a byte and returns the line that comes back.
func askLine(t testing.TB, c net.Conn) string {
	t.Helper()
	_, err := c.Write([]byte("?"))
	require.NoError(t, err)
	var line strings.Builder
	b := make([]byte, 1)
	for {
		_, err := io.ReadFull(c, b)
		require.NoError(t, err)
		if b[0] == '\n' {
			return line.String()
		}
		line.WriteByte(b[0])
	}
}

// newContext returns a context that ends when end is called.
func newContext() (ctx context.Context, end func()) { return context.WithCancel(context.Background()) }

// refusal returns how a connection to an address ends: the client may notice while it connects,
// or afterwards.
func refusal(addr string) error {
	c, err := net.DialTimeout("tcp", addr, limit)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(time.Now().Add(limit))
	_, err = c.Read(make([]byte, 1))
	return err
}
