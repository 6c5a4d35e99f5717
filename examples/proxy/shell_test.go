package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/examples/internal/observe/observetest"
)

// session is a run of the program within the test.
type session struct {
	out, errs observetest.Output
	reload    chan os.Signal
	cancel    context.CancelFunc
	done      chan int
}

func runShell(t *testing.T, terminal bool, args ...string) *session {
	if runtime.GOOS != "linux" {
		t.Skip("there are no sockets here")
	}
	ctx, cancel := context.WithCancel(t.Context())
	s := &session{reload: make(chan os.Signal, 1), cancel: cancel, done: make(chan int, 1)}
	sh := &shell{args: args, stdout: &s.out, stderr: &s.errs, terminal: terminal, reload: s.reload}
	go func() { s.done <- sh.run(ctx) }()
	t.Cleanup(cancel)
	return s
}

// end waits for the end, and returns the exit code.
func (s *session) end(t *testing.T) int {
	t.Helper()
	select {
	case code := <-s.done:
		return code
	case <-time.After(3 * limit):
		t.Fatal("it does not end: ", s.errs.String())
		return 0
	}
}

// addr waits for the address that the proxy listens on.
func (s *session) addr(t *testing.T) string {
	t.Helper()
	find := regexp.MustCompile(`listening on (\S+): `)
	var m []string
	eventually(t, "it listens", func() bool {
		m = find.FindStringSubmatch(s.errs.String())
		return m != nil
	})
	return m[1]
}

func TestHelpAndMistakes(t *testing.T) {
	s := runShell(t, false, "-h")
	require.Equal(t, exitOK, s.end(t))
	require.Equal(t, helpText, s.out.String())
	s = runShell(t, false, "-workers", "none")
	require.Equal(t, exitUsage, s.end(t))
	require.Equal(t, "proxy: -workers: \"none\" is not a number from 0 to 256 (proxy -h lists the flags)\n", s.errs.String())
	s = runShell(t, false, "-listen", "203.0.113.1:1", "-upstreams", "127.0.0.1:1")
	require.Equal(t, exitFault, s.end(t))
	require.Contains(t, s.errs.String(), "203.0.113.1:1")
}

// A signal has the file read again; a mistake in it changes nothing, and connections stay.
func TestReloadOfTheFile(t *testing.T) {
	a, b := serve(t, named("a")), serve(t, named("b"))
	name := filepath.Join(t.TempDir(), "proxy.yaml")
	write := func(text string, args ...any) {
		require.NoError(t, os.WriteFile(name, fmt.Appendf(nil, text, args...), 0o600))
	}
	file := "listen: 127.0.0.1:0\nworkers: 1\nupstreams: [%q]\n%s"
	write(file, a.addr(), "")
	s := runShell(t, false, "-config", name)
	addr := s.addr(t)
	old := dial(t, addr)
	require.Equal(t, "a", askLine(t, old))
	says := func(words string) {
		t.Helper()
		s.reload <- syscall.SIGHUP
		eventually(t, "it says "+words, func() bool { return strings.Contains(s.errs.String(), words) })
	}
	write("%s", "upstreams: [nowhere]")
	says(`proxy.yaml:1: upstreams: "nowhere" is no address`)
	require.Equal(t, "a", askLine(t, dial(t, addr)))
	write(file, b.addr(), "balance: maglev\n")
	says("reloaded: 1 upstreams, maglev\n")
	require.Equal(t, "b", askLine(t, dial(t, addr)))
	require.Equal(t, "a", askLine(t, old))
	write(file, b.addr(), "max_connections: 7\n")
	says("reloaded: 1 upstreams, round-robin; what else has changed takes a restart")
	require.NoError(t, old.Close())
	s.cancel()
	// The connections of this test are cut when the time is over: end them first.
	a.kill()
	b.kill()
	require.Equal(t, exitOK, s.end(t))
	require.Contains(t, s.errs.String(), "draining: ")
	require.Contains(t, s.out.String(), "0 cut")
}

// The process heeds signals: SIGHUP to reload, SIGTERM to drain, a second one to end at once.
func TestSignals(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("there are no signals to send here")
	}
	up := serve(t, named("a"))
	listen, _ := freeAddr(t)
	run := func() *child {
		c := startChild(t, "proxy", "-listen", listen, "-upstreams", up.addr(), "-drain", "1h", "-json")
		eventually(t, "it listens", func() bool { return listens(listen) })
		return c
	}
	c := run()
	conn := dial(t, listen)
	require.Equal(t, "a", askLine(t, conn))
	require.NoError(t, c.Process.Signal(syscall.SIGHUP))
	require.Equal(t, "a", askLine(t, conn))
	require.NoError(t, c.Process.Signal(syscall.SIGTERM))
	eventually(t, "nobody listens", func() bool { return !listens(listen) })
	require.Equal(t, "a", askLine(t, conn), "it may end by itself")
	require.NoError(t, conn.CloseWrite())
	out := c.rest()
	require.NoError(t, c.Wait())
	var st Stats
	require.NoError(t, json.Unmarshal([]byte(out), &st))
	require.Zero(t, st.Total.Cut)
	require.Equal(t, st.BytesIn, st.BytesOut)

	c = run()
	conn = dial(t, listen)
	require.Equal(t, "a", askLine(t, conn))
	require.NoError(t, c.Process.Signal(syscall.SIGTERM))
	eventually(t, "nobody listens", func() bool { return !listens(listen) })
	require.NoError(t, c.Process.Signal(syscall.SIGTERM))
	c.rest()
	require.Error(t, c.Wait())
	require.Equal(t, exitTwice, c.ProcessState.ExitCode())
}

// Ctrl-C with a client that does not end: the time of -drain is all that it gets, it is counted, and
// that is no error.
func TestInterruptWithAConnection(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("there are no signals to send here")
	}
	listen, _ := freeAddr(t)
	c := startChild(t, "proxy", "-listen", listen, "-upstreams", serve(t, echo).addr(), "-drain", "50ms", "-json")
	eventually(t, "it listens", func() bool { return listens(listen) })
	conn := dial(t, listen)
	_, err := conn.Write([]byte("a"))
	require.NoError(t, err)
	_, err = io.ReadFull(conn, make([]byte, 1))
	require.NoError(t, err)
	require.NoError(t, c.Process.Signal(syscall.SIGINT))
	out := c.rest()
	require.NoError(t, c.Wait())
	var st Stats
	require.NoError(t, json.Unmarshal([]byte(out), &st))
	require.EqualValues(t, 1, st.Total.Cut)
	_, err = conn.Read(make([]byte, 1))
	require.ErrorIs(t, err, syscall.ECONNRESET)
}
