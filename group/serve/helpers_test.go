package serve_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
	"github.com/pushcore/pushcore/group/serve"
)

const patience = 20 * time.Second

// begin starts a server on a free port of the loopback. It is stopped with the test.
func begin(t testing.TB, cfg serve.Config) *serve.Server {
	t.Helper()
	s := prepare(t, cfg)
	start(t, s)
	return s
}

func prepare(t testing.TB, cfg serve.Config) *serve.Server {
	t.Helper()
	if cfg.Address == "" {
		cfg.Address = "127.0.0.1:0"
	}
	cfg.Exec.Spin = -1
	s, err := serve.New(cfg)
	require.NoError(t, err)
	return s
}

func start(t testing.TB, s *serve.Server) {
	t.Helper()
	err := s.Start()
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	require.NoError(t, err)
	t.Cleanup(func() {
		s.Stop()
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			_ = s.Wait()
		}()
		select {
		case <-ended:
		case <-time.After(patience): // and not for ever: something blocks a loop
			t.Error("the server does not end")
		}
	})
}

// whoami greets with the number of the worker, and then sends back what comes.
func whoami(_ *exec.Local, _ *netio.Reactor, id int) (netio.Handler, error) {
	return func(_ *exec.Co, c *netio.Conn) error {
		if _, err := c.Write([]byte{byte('0' + id)}); err != nil {
			return err
		}
		for {
			if err := c.Await(); err != nil {
				if errors.Is(err, io.EOF) {
					return nil
				}
				return err
			}
			b, _ := c.Peek(0)
			n, err := c.Write(b)
			c.Discard(n)
			if err != nil {
				return err
			}
		}
	}, nil
}

func dial(t testing.TB, s *serve.Server) net.Conn { return dialFrom(t, s, "") }

// dialFrom connects from an address of the loopback.
func dialFrom(t testing.TB, s *serve.Server, from string) net.Conn {
	t.Helper()
	d := net.Dialer{Timeout: patience}
	if from != "" {
		d.LocalAddr = &net.TCPAddr{IP: net.ParseIP(from)}
	}
	c, err := d.Dial(s.Addr().Network(), s.Addr().String())
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	require.NoError(t, c.SetDeadline(time.Now().Add(patience)))
	return c
}

// worker reads the greeting.
func worker(t testing.TB, c net.Conn) int {
	t.Helper()
	var b [1]byte
	_, err := io.ReadFull(c, b[:])
	require.NoError(t, err)
	return int(b[0] - '0')
}

// workers connects n times, and returns who has answered, with the connections open.
func workers(t testing.TB, s *serve.Server, n int) (ids []int, conns []net.Conn) {
	t.Helper()
	for range n {
		c := dial(t, s)
		ids, conns = append(ids, worker(t, c)), append(conns, c)
	}
	return ids, conns
}

// eventually waits for a condition.
func eventually(t testing.TB, what string, cond func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !cond(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never came true: %s", what)
		}
	}
}

// sockets returns how many sockets, and the like of them, the process has open.
func sockets(t testing.TB) (n int) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("descriptors are counted in /proc")
	}
	runtime.GC() // some are closed with what had them
	fds, err := os.ReadDir("/proc/self/fd")
	require.NoError(t, err)
	for _, fd := range fds {
		if to, err := os.Readlink("/proc/self/fd/" + fd.Name()); err == nil && strings.HasPrefix(to, "socket:") {
			n++
		}
	}
	return n
}

func within(t testing.TB, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}

// modes are the two ways to get a connection to a worker.
var modes = map[string]struct {
	policy   balance.Policy
	acceptor *exec.Config
}{
	"kernel":                   {},
	"acceptor on worker 0":     {policy: balance.RoundRobin()},
	"acceptor of its own":      {policy: balance.LeastLoaded(), acceptor: &exec.Config{Spin: -1}},
	"acceptor, by key of port": {policy: balance.KeyHash()},
}

func exchange(t testing.TB, c net.Conn, send string, want ...string) {
	t.Helper()
	_, err := c.Write([]byte(send))
	require.NoError(t, err)
	if len(want) == 0 {
		want = []string{send}
	}
	b := make([]byte, len(want[0]))
	_, err = io.ReadFull(c, b)
	require.NoError(t, err)
	require.Equal(t, want[0], string(b))
}
