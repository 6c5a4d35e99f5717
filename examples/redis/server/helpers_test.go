package server_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/examples/redis/config"
	"github.com/pushcore/pushcore/examples/redis/resp"
	"github.com/pushcore/pushcore/examples/redis/server"
)

// limit is how long anything may take.
const limit = 20 * time.Second

// start starts a server on a free port, which ends with the test.
func start(t testing.TB, workers int, change func(o *config.Options)) *server.Server {
	t.Helper()
	return startAt(t, workers, nil, change)
}

// startAt is start with a clock.
func startAt(t testing.TB, workers int, clock func() int64, change func(o *config.Options)) *server.Server {
	t.Helper()
	o := config.Default()
	o.Port, o.IOThreads, o.Dir = 0, workers, t.TempDir()
	if change != nil {
		change(o)
	}
	s, err := server.New(o, slog.New(slog.DiscardHandler), clock)
	require.NoError(t, err)
	if err = s.Start(); errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	require.NoError(t, err)
	t.Cleanup(func() { stop(t, s) })
	return s
}

func stop(t testing.TB, s *server.Server) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	if err := s.Shutdown(ctx); !errors.Is(err, os.ErrClosed) { // a test has broken its log
		require.NoError(t, err)
	}
}

// client is a connection that sends and compares bytes.
type client struct {
	t testing.TB
	net.Conn
	r *bufio.Reader
}

func dial(t testing.TB, addr string) *client {
	t.Helper()
	c, err := net.DialTimeout("tcp", addr, limit)
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	require.NoError(t, c.SetDeadline(time.Now().Add(4*limit)))
	return &client{t, c, bufio.NewReaderSize(c, 64<<10)}
}

// request makes a request of words.
func request(args ...string) []byte {
	b := resp.AppendArray(nil, len(args))
	for _, a := range args {
		b = resp.AppendBulk(b, a)
	}
	return b
}

func (c *client) send(args ...string) {
	c.t.Helper()
	_, err := c.Write(request(args...))
	require.NoError(c.t, err)
}

// do sends a request and returns its reply as it came.
func (c *client) do(args ...string) string {
	c.t.Helper()
	c.send(args...)
	return c.reply()
}

// reply reads one reply.
func (c *client) reply() string {
	c.t.Helper()
	b, err := readReply(c.r, nil)
	require.NoError(c.t, err)
	return string(b)
}

// readReply appends one reply to b.
func readReply(r *bufio.Reader, b []byte) ([]byte, error) {
	line, err := r.ReadBytes('\n')
	if err != nil {
		return b, err
	}
	b = append(b, line...)
	n, _ := strconv.Atoi(string(bytes.TrimSpace(line[1:])))
	switch line[0] {
	case '$', '=':
		if n >= 0 {
			data := make([]byte, n+2)
			if _, err := io.ReadFull(r, data); err != nil {
				return b, err
			}
			b = append(b, data...)
		}
	case '*', '~', '>', '%':
		if line[0] == '%' {
			n *= 2
		}
		for range n {
			if b, err = readReply(r, b); err != nil {
				return b, err
			}
		}
	}
	return b, nil
}

// eventually waits for a condition.
func eventually(t testing.TB, what string, cond func() bool) {
	t.Helper()
	for deadline := time.Now().Add(limit); !cond(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never came true: %s", what)
		}
	}
}

// program returns the path of a program, or skips the test.
func program(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is not installed: apt-get install redis-server redis-tools", name)
	}
	return path
}

// reference starts a redis-server on a free port and returns its address.
func reference(t testing.TB) string {
	t.Helper()
	path := program(t, "redis-server")
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	addr := ln.Addr().String()
	_, port, _ := net.SplitHostPort(addr)
	require.NoError(t, ln.Close())
	cmd := exec.Command(path, "--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--databases", "1", "--dir", t.TempDir())
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	eventually(t, "redis-server listens", func() bool {
		c, err := net.Dial("tcp", addr)
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	})
	return addr
}
