//go:build !windows

package main

import (
	"math"
	"net"
	"net/http/httptest"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/examples/top/internal/fake"
	"github.com/pushcore/pushcore/group/debug"
)

var figures = regexp.MustCompile(`^\s*[━╸─]+ +(\d+)% +([▁▂▃▄▅▆▇█]+) +`)

func TestInATerminal(t *testing.T) {
	s := launch(t, nil, "-interval", "50ms", shop(t).URL)
	s.untilShows("pid 48203")
	require.True(t, s.AltScreen())
	require.False(t, s.CursorShown())
	for _, worker := range []string{"clients/0", "clients/3", "orders/1", "log/0"} {
		s.until("figures of "+worker, func(string) bool { return figures.MatchString(s.row(worker)) })
	}
	for _, l := range s.Lines() {
		require.LessOrEqual(t, len([]rune(l)), 80)
	}

	busy, sparks := map[string]bool{}, map[string]bool{}
	s.until("busy and its sparkline change", func(string) bool {
		if m := figures.FindStringSubmatch(s.row("orders/1")); m != nil {
			busy[m[1]], sparks[m[2]] = true, true
		}
		return len(busy) > 3 && len(sparks) > 3
	})

	require.Equal(t, "clients/0", s.first())
	s.press("r")
	s.until("the order is reversed", func(string) bool { return s.first() == "log/0" })
	s.press("s")
	s.until("sorted by busy, the least first", func(string) bool {
		return strings.Contains(s.Text(), "▲busy") && s.first() == "log/0"
	})
	s.press("S")
	s.until("sorted by busy", func(string) bool { return strings.Contains(s.Text(), "▼busy") && s.first() != "log/0" })

	s.press("p")
	s.untilShows("PAUSED")
	still := s.Text()
	require.Never(t, func() bool { return s.Text() != still }, 400*time.Millisecond, 20*time.Millisecond)
	s.press(" ")
	s.until("it goes on", func(text string) bool { return !strings.Contains(text, "PAUSED") && text != still })

	require.NotContains(t, s.Text(), "parks")
	require.NoError(t, s.Resize(120, 40))
	s.until("more columns", func(text string) bool {
		return strings.Contains(text, "parks") && strings.Contains(text, "Enter worker")
	})
	require.NoError(t, s.Resize(40, 14))
	s.until("fewer columns", func(text string) bool { return !strings.Contains(text, "p50") && strings.Contains(text, "work") })
	require.NoError(t, s.Resize(80, 24))
	s.untilShows("p50")

	s.press("q")
	s.ends(exitOK)
}

func TestPages(t *testing.T) {
	s := launch(t, nil, "-interval", "50ms", "-group", "orders", shop(t).URL)
	s.untilShows("orders/3")
	require.NotContains(t, s.Text(), "clients")
	s.press("g")
	s.until("the next group", func(text string) bool {
		return strings.Contains(text, "log/0") && !strings.Contains(text, "orders/3")
	})
	s.press("g")
	s.untilShows("group all")
	s.press("jj\x1b[B\x1b[Ak")
	s.untilShows("› clients/1")
	s.press("\r")
	s.untilShows("queue delay")
	s.untilShows("reactor")
	s.untilShows("more lines below")
	s.press("\x1b[F")
	s.untilShows("no stall so far")
	s.press("\x1b")
	s.untilShows("group all")
	s.press("?")
	s.untilShows("the other way round")
	require.NotContains(t, s.Text(), "nothing was counted")
	s.press("\x1b[F")
	s.untilShows("nothing was counted")
	s.press("?")
	s.untilShows("group all")
	s.press("\x1b")
	s.ends(exitOK)
}

func TestCtrlC(t *testing.T) {
	s := launch(t, nil, shop(t).URL)
	s.untilShows("log/0")
	s.press("\x03")
	s.ends(exitOK)
}

func TestInterruptFromElsewhere(t *testing.T) {
	s := launch(t, nil, shop(t).URL)
	s.untilShows("log/0")
	require.NoError(t, s.Process.Signal(syscall.SIGINT))
	s.ends(exitOK)
}

// It waits for a program, says when it is lost, and goes on when it is back.
func TestLostConnection(t *testing.T) {
	server := shop(t)
	address := server.Listener.Addr().String()
	s := launch(t, nil, "-interval", "50ms", address)
	s.untilShows("log/0")
	server.CloseClientConnections()
	server.Close()
	s.untilShows("LOST for 0s")
	s.untilShows("figures are of")
	s.untilShows("cannot connect")
	s.untilShows("LOST for 2s")
	require.NotEmpty(t, s.row("log/0"), "what was known is still shown")
	again := httptest.NewUnstartedServer(fake.Handler(fake.Shop()))
	listener, err := net.Listen("tcp", address)
	require.NoError(t, err)
	_ = again.Listener.Close()
	again.Listener = listener
	again.Start()
	t.Cleanup(again.Close)
	s.until("it is back", func(text string) bool { return !strings.Contains(text, "LOST") })
	s.press("q")
	s.ends(exitOK)
}

func TestNobodyAnswers(t *testing.T) {
	server := shop(t)
	server.Close()
	s := launch(t, nil, server.URL)
	s.untilShows("waiting for " + server.URL + "/stats.json")
	s.untilShows("cannot connect")
	s.press("q")
	s.ends(exitOK)
}

// Without colours nothing is lost, and no colour is asked for.
func TestWithoutColours(t *testing.T) {
	s := launch(t, []string{"NO_COLOR=1"}, "-interval", "50ms", shop(t).URL)
	s.until("figures", func(string) bool { return figures.MatchString(s.row("log/0")) })
	require.Zero(t, s.Colours())
	s.press("q")
	s.ends(exitOK)

	s = launch(t, nil, "-interval", "50ms", shop(t).URL)
	s.until("colours", func(string) bool { return s.Colours() > 2 })
}

func TestOnce(t *testing.T) {
	url := shop(t).URL
	out, err := exec.Command(binary, "-interval", "50ms", "-sort", "busy", url).Output() // no terminal
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	require.Len(t, lines, 10)
	require.True(t, strings.HasPrefix(lines[0], "WORKER"))
	busier := math.Inf(1)
	for i, l := range lines {
		fields := strings.Fields(l)
		require.Len(t, fields, 2+len(columns), l)
		require.NotContains(t, l, "\x1b")
		if i == 0 {
			continue
		}
		busy, err := strconv.ParseFloat(fields[1], 64)
		require.NoError(t, err)
		require.LessOrEqual(t, busy, busier, "the busiest come first")
		busier = busy
	}

	s := launch(t, nil, "-interval", "50ms", "-once", "-group", "log", url)
	require.Zero(t, s.Wait(limit))
	require.Contains(t, s.Text(), "log/0")
	require.NotContains(t, s.Text(), "orders")

	var fault *exec.ExitError
	_, err = exec.Command(binary, "-once", "-interval", "50ms", "-group", "nobody", url).Output()
	require.ErrorAs(t, err, &fault)
	require.Equal(t, exitFault, fault.ExitCode())
	require.Equal(t, "top: -group \"nobody\": there is no such group; there are \"clients\", \"orders\", \"log\"\n", string(fault.Stderr))
	_, err = exec.Command(binary, "-once", "127.0.0.1:1").Output()
	require.ErrorAs(t, err, &fault)
	require.Equal(t, exitFault, fault.ExitCode())
	require.Contains(t, string(fault.Stderr), "top: http://127.0.0.1:1/stats.json: cannot connect to 127.0.0.1:1")
	_, err = exec.Command(binary, "-interval", "1").Output()
	require.ErrorAs(t, err, &fault)
	require.Equal(t, exitUsage, fault.ExitCode())
}

// A program that is started again is another one: its figures begin anew.
func TestRestart(t *testing.T) {
	var pid atomic.Int64
	pid.Store(1)
	one := &fake.Group{Name: "g", Levels: []float64{.9}, Rate: 1e5, Stalls: -1}
	begun := time.Now()
	server := httptest.NewServer(fake.Handler(func() debug.Report {
		return fake.Report("p", int(pid.Load()), time.Since(begun), one)
	}))
	t.Cleanup(server.Close)
	s := launch(t, nil, "-interval", "50ms", server.URL)
	s.until("a trend", func(string) bool {
		m := figures.FindStringSubmatch(s.row("g/0"))
		return m != nil && len([]rune(m[2])) >= 2
	})
	pid.Store(2)
	s.until("a trend that begins", func(text string) bool {
		m := figures.FindStringSubmatch(s.row("g/0"))
		return strings.Contains(text, "pid 2 ") && (strings.Contains(s.row("g/0"), "new") || m != nil && len([]rune(m[2])) == 1)
	})
}
