//go:build linux

package sockets

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/bench/internal/ages"
	"github.com/pushcore/pushcore/bench/internal/measure"
)

// TestLatencyRows: they have the servers of the rows that they belong to, and only the full set has them.
func TestLatencyRows(t *testing.T) {
	labels := map[string][]string{}
	for _, r := range Family().Rows {
		for _, im := range r.Impls {
			labels[r.Name] = append(labels[r.Name], im.Label())
		}
		if of, _, ok := strings.Cut(r.Name, "/latency/"); ok {
			require.Equal(t, labels[of], labels[r.Name], r.Name)
			require.True(t, r.Full, r.Name)
			require.Empty(t, r.Wants, r.Name)
		}
	}
	for _, of := range []string{"httpd/plaintext/conns=64", "httpd/json/conns=500/workers=1", "redis/set/P=1",
		"redis/get/P=1", "proxy/echo=1KB", "udp/echo=64B"} {
		for _, load := range ages.Loads {
			require.Contains(t, labels, fmt.Sprintf("Net/%s/latency/load=%d", of, load))
		}
	}
}

// TestPace: the client is asked for a share of what the row's own client has just reached, and its figures come first.
func TestPace(t *testing.T) {
	dir := t.TempDir()
	client := filepath.Join(dir, "load")
	require.NoError(t, os.WriteFile(client, []byte(`#!/bin/sh
while [ $# -gt 0 ]; do [ "$1" = -rate ] && rate=$2; shift; done
echo '{"items":7,"seconds":1,"metrics":[{"Value":1,"Unit":"p50-ns"},{"Value":'$rate',"Unit":"due/s"}]}'
`), 0o700))
	built := &programs{dir: dir, found: map[string]found{loadProgram.name: {path: client}}}
	cpus := two(t)
	p, err := start(cpus[1:], nil, "/bin/sleep", "60")
	require.NoError(t, err)
	defer p.stop()
	warmed := ""
	w := load{per: 1, unit: "cpu-us/req", scale: 1e6, run: func(_ site, d time.Duration) (outcome, error) {
		warmed = d.String()
		return outcome{items: 10, metrics: []measure.Metric{{Value: 3, Unit: "p50-us"}, {Value: 2000, Unit: "req/s"}}}, nil
	}}
	got, err := w.latency(opener{mode: "open-echo", conns: 1, limit: mostAge})(
		site{programs: built, cpus: cpus[:1], server: p, n: 900}, 80)
	require.NoError(t, err)
	require.Equal(t, "900ms", warmed)
	require.Equal(t, ages.P50, got.Metrics[0].Unit)
	require.InDelta(t, 7, got.Items, 0)
	rate, ok := got.Of(ages.Rate)
	require.True(t, ok)
	require.InDelta(t, 1600, rate, 1e-9)
	for _, unit := range []string{"cpu-us/req", "server-%core"} {
		_, ok := got.Of(unit)
		require.True(t, ok, unit)
	}
}
