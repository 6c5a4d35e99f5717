package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/group/debug"
)

// look returns what the dashboard of a run shows.
func (s *session) look(t *testing.T) debug.Report {
	t.Helper()
	return s.errs.Report(t, func(debug.Report) bool { return true })
}

// names returns the names of the Execs of a report's groups.
func names(r debug.Report) (all []string) {
	for _, g := range r.Groups {
		for _, m := range g.Members {
			all = append(all, g.Name+": "+m.Exec.Name)
		}
	}
	return all
}

// bytesIn returns what the first group of a report has read.
func bytesIn(r debug.Report) (sum uint64) {
	for _, m := range r.Groups[0].Members {
		for _, source := range m.Exec.Sources {
			for _, n := range source.Counters {
				if n.Name == "BytesIn" {
					sum += n.Value
				}
			}
		}
	}
	return sum
}

// The dashboard shows the workers with what they have passed on, and the monitor.
func TestDebug(t *testing.T) {
	s := runShell(t, false, "-listen", "127.0.0.1:0", "-upstreams", serve(t, named("a")).addr(), "-workers", "2", "-debug", ":0")
	c := dial(t, s.addr(t))
	require.Equal(t, "a", askLine(t, c))
	r := s.look(t)
	require.Equal(t, []string{"proxy: proxy/0", "proxy: proxy/1", "health: monitor"}, names(r))
	eventually(t, "it shows what was read", func() bool { return bytesIn(s.look(t)) == uint64(len("?"+"a\n")) })
	require.NoError(t, c.Close())
	s.cancel()
	require.Equal(t, exitOK, s.end(t))
}

// So does that of the demonstration, with the clients and the upstreams.
func TestDebugOfTheDemonstration(t *testing.T) {
	s := runShell(t, false, "-duration", "1h", "-every", "20ms", "-clients", "4", "-workers", "1", "-debug", "0", "-flight", t.TempDir())
	eventually(t, "it runs", func() bool { return strings.Contains(s.out.String(), "requests/s") })
	r := s.look(t)
	require.Equal(t, []string{"proxy: proxy/0", "health: monitor", "demo: clients", "demo: upstreams"}, names(r))
	require.NotZero(t, r.Groups[0].Members[0].Exec.Busy)
	s.cancel()
	require.Equal(t, exitOK, s.end(t), s.errs.String())
}

// An address that cannot be listened on ends it, and says why.
func TestDebugPortInUse(t *testing.T) {
	taken := serve(t, echo).addr()
	for _, args := range [][]string{nil, {"-listen", "127.0.0.1:0", "-upstreams", "127.0.0.1:1"}} {
		s := runShell(t, false, append(args, "-debug", taken)...)
		require.Equal(t, exitFault, s.end(t))
		require.Contains(t, s.errs.String(), "proxy: debug: listen tcp "+taken+": bind: address already in use\n")
	}
	s := runShell(t, false, "-debug", "here")
	require.Equal(t, exitUsage, s.end(t))
	require.Equal(t, "proxy: -debug: \"here\" is no address: write :6060 for this machine only, or host:port (proxy -h lists the flags)\n", s.errs.String())
}
