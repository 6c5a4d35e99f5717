//go:build linux

package sockets

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/bench/internal/measure"
)

// TestRows measures each server of each row once, for data errors only: with PUSHCORE_FULL=1. Without it all servers are
// measured in the short rows, and ours in all others. What a row takes is nobody's business here.
func TestRows(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds all peers, and loads each for a second")
	}
	s := measure.Spot{CPUs: two(t), Pinned: true}
	f := Family()
	defer func() { require.NoError(t, f.End()) }()
	for _, r := range f.Rows {
		if strings.Contains(r.Name, "/latency/load=10") {
			continue // the same as at a higher load
		}
		units := map[string]map[string]bool{} // of each implementation that was measured
		short := strings.HasPrefix(r.Name, "Net/short/")
		for i, im := range r.Impls {
			if units[im.Name] != nil {
				continue // variants answer alike
			}
			if i > 0 && !short && os.Getenv("PUSHCORE_FULL") != "1" {
				break
			}
			got, err := im.Run(s, 500)
			if errors.Is(err, errNothing) { // others had the machine
				got, err = im.Run(s, 10_000)
			}
			if errors.Is(err, measure.ErrSkip) {
				t.Logf("%s/%s: %v", r.Name, im.Label(), err)
				continue
			}
			require.NoError(t, err, "%s/%s", r.Name, im.Label())
			units[im.Name] = map[string]bool{}
			for _, m := range got.Metrics {
				units[im.Name][m.Unit] = true
			}
		}
		for _, w := range r.Wants {
			for _, name := range []string{w.Ours, w.Peer} {
				require.True(t, units[name] == nil || units[name][w.Metric], "%s/%s has no %s", r.Name, name, w.Metric)
			}
		}
	}
}

// TestInterrupt: when a session is interrupted no server is left, and what was found until then is not lost.
func TestInterrupt(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var started []*process
	one := server{name: "one", program: peer("udp"), args: addrFlag}
	other := one
	other.name = "other"
	r := row{name: "some/row", servers: []server{one, other}, udp: true, measure: func(x site) (measure.Sample, error) {
		require.NoError(t, x.server.alive())
		if started = append(started, x.server); len(started) == 3 {
			cancel()
			return measure.Sample{}, errors.New("killed")
		}
		return measure.Of(0.5, "cpu"), nil
	}}
	built := &programs{}
	defer func() { _ = built.close() }() // also when the test fails
	s := &measure.Session{CPUs: two(t), Rounds: 9, Raw: io.Discard}
	all, err := s.Run(ctx, []measure.Row{r.row(built)})
	require.ErrorIs(t, err, measure.ErrInterrupted)
	require.Len(t, all, 1)
	require.Len(t, all[0].Series[0].Samples, 1)
	require.Len(t, all[0].Series[1].Samples, 1)
	require.Len(t, started, 3)
	for _, p := range started {
		require.ErrorContains(t, p.alive(), "has ended: signal: terminated")
	}
	require.DirExists(t, built.dir)
	require.NoError(t, built.close())
	require.NoDirExists(t, built.dir)
}

// TestWindow: a server is loaded for as long as is asked for, after a look at its answers and a warm-up of less.
func TestWindow(t *testing.T) {
	var did []string
	w := load{
		per: 1, unit: "cpu-us/req", scale: 1e6,
		check:   func(string) error { did = append(did, "check"); return nil },
		prepare: func(site) error { did = append(did, "prepare"); return nil },
		run: func(_ site, d time.Duration) (outcome, error) {
			did = append(did, d.String())
			return outcome{items: 10}, nil
		},
	}
	cpus := two(t)
	p, err := start(cpus[1:], nil, "/bin/sleep", "60")
	require.NoError(t, err)
	defer p.stop()
	for n, want := range map[int]string{
		1: "check prepare 66.666666ms 200ms", 900: "check prepare 300ms 900ms", 20_000: "check prepare 1s 20s",
	} {
		did = nil
		got, err := w.measure(site{server: p, n: n})
		require.NoError(t, err)
		require.Equal(t, want, strings.Join(did, " "))
		require.InDelta(t, 10, got.Items, 0)
		v, ok := got.Of("cpu-us/req")
		require.True(t, ok)
		require.GreaterOrEqual(t, v, 0.0)
	}
	w.check = func(string) error { return errors.New("data error: spoiled") }
	_, err = w.measure(site{server: p, n: 1})
	require.EqualError(t, err, "data error: spoiled")
}
