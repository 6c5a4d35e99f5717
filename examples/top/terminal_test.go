//go:build !windows

package main

import (
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/examples/top/internal/fake"
	"github.com/pushcore/pushcore/examples/top/internal/term"
)

// limit is how long anything may take.
const limit = 30 * time.Second

var binary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "top")
	if err != nil {
		panic(err)
	}
	binary = filepath.Join(dir, "top")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		panic(string(out))
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// in is a top in a terminal.
type in struct {
	*term.Terminal
	t *testing.T
}

// launch runs the program in a terminal of 80x24.
func launch(t *testing.T, env []string, args ...string) in {
	cmd := exec.Command(binary, args...)
	cmd.Env = append(append(os.Environ(), "TERM=xterm-256color", "COLORTERM=truecolor", "NO_COLOR="), env...)
	terminal, err := term.Start(cmd, 80, 24, true)
	require.NoError(t, err)
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(terminal.Text())
		}
		_ = terminal.Process.Kill()
		terminal.Wait(limit)
	})
	return in{terminal, t}
}

func (s in) until(what string, f func(text string) bool) {
	s.t.Helper()
	require.Eventually(s.t, func() bool { return f(s.Text()) }, limit, 10*time.Millisecond, what)
}

func (s in) untilShows(what string) {
	s.t.Helper()
	s.until("it shows "+what, func(text string) bool { return strings.Contains(text, what) })
}

func (s in) press(keys string) {
	s.t.Helper()
	require.NoError(s.t, s.Type(keys))
}

// ends waits for the end, after which the terminal is as it was.
func (s in) ends(code int) {
	s.t.Helper()
	require.Equal(s.t, code, s.Wait(limit))
	require.False(s.t, s.AltScreen())
	require.True(s.t, s.CursorShown())
	require.NotContains(s.t, s.Text(), "worker")
}

// row is the line of a worker, from its bar on.
func (s in) row(worker string) string {
	for _, l := range s.Lines() {
		if _, rest, ok := strings.Cut(l, worker+" "); ok && !strings.Contains(l, "stall") {
			return rest
		}
	}
	return ""
}

// first is the worker in the first row.
func (s in) first() string {
	lines := s.Lines()
	for i, l := range lines {
		if strings.Contains(l, "worker") && strings.Contains(l, "busy") && !strings.Contains(l, "group") {
			return strings.Fields(strings.TrimLeft(lines[i+1], "›! "))[0]
		}
	}
	return ""
}

func shop(t *testing.T) *httptest.Server {
	server := httptest.NewServer(fake.Handler(fake.Shop()))
	t.Cleanup(server.Close)
	return server
}
