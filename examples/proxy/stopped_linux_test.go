package main

import (
	"errors"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// An upstream that is stopped takes connections until its kernel has no room for more, and
// never answers. Then connecting has a limit, and another one is asked.
func TestStoppedUpstreamIsNotWaitedFor(t *testing.T) {
	stopped := startChild(t, "small")
	require.NoError(t, stopped.Process.Signal(syscall.SIGSTOP))
	full := false
	for range 20 { // connections that nobody will accept
		c, err := net.DialTimeout("tcp", stopped.addr, 200*time.Millisecond)
		if err != nil {
			full = errors.Is(err, os.ErrDeadlineExceeded)
			break
		}
		defer func() { _ = c.Close() }()
	}
	require.True(t, full, "its kernel has no room")
	c := testConfig(stopped.addr, serve(t, named("good")).addr())
	c.connectTimeout = 100 * time.Millisecond
	c.health.failures = 1
	c.health.eject, c.health.ejectMax = time.Hour, time.Hour
	p := begin(t, c)
	for range 4 {
		require.Equal(t, "good", askLine(t, dial(t, p.addr)))
	}
	eventually(t, "it is ejected", func() bool { return p.stats().Upstreams[0].State == "ejected" })
	require.NotZero(t, p.stats().Total.ConnectErrors)
}

// Active checks take it down, too, and up when it goes on.
func TestStoppedUpstreamIsDown(t *testing.T) {
	up := startChild(t, "small")
	c := testConfig(up.addr)
	c.health = healthConfig{interval: 5 * time.Millisecond, timeout: 100 * time.Millisecond, rise: 2, fall: 2}
	p := begin(t, c)
	conn := dial(t, p.addr)
	_, err := conn.Write([]byte("x"))
	require.NoError(t, err)
	_, err = conn.Read(make([]byte, 1))
	require.NoError(t, err)
	state := func(want string) func() bool {
		return func() bool { return p.stats().Upstreams[0].State == want }
	}
	require.NoError(t, up.Process.Signal(syscall.SIGSTOP))
	eventually(t, "it is down", state("down")) // the checks themselves have filled its backlog
	require.ErrorIs(t, refusal(p.addr), syscall.ECONNRESET)
	require.NoError(t, up.Process.Signal(syscall.SIGCONT))
	eventually(t, "it is up", state("up"))
	_, err = conn.Write([]byte("x")) // this one was never cut
	require.NoError(t, err)
	_, err = conn.Read(make([]byte, 1))
	require.NoError(t, err)
}

// A connection whose upstream was stopped in the middle ends by the idle timeout.
func TestStoppedUpstreamIsIdle(t *testing.T) {
	up := startChild(t, "echo")
	c := testConfig(up.addr)
	c.idleTimeout = 100 * time.Millisecond
	p := begin(t, c)
	conn := dial(t, p.addr)
	_, err := conn.Write([]byte("x"))
	require.NoError(t, err)
	_, err = conn.Read(make([]byte, 1))
	require.NoError(t, err)
	require.NoError(t, up.Process.Signal(syscall.SIGSTOP))
	_, err = conn.Write([]byte("y"))
	require.NoError(t, err)
	_, err = conn.Read(make([]byte, 1))
	require.Error(t, err)
	require.NotErrorIs(t, err, os.ErrDeadlineExceeded, "of the test")
	eventually(t, "it is counted", func() bool { return p.stats().Total.Idle == 1 && p.stats().Open == 0 })
}
