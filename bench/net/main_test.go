package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func indexOf(t *testing.T, text, part string) int {
	t.Helper()
	i := strings.Index(text, part)
	require.GreaterOrEqual(t, i, 0)
	return i
}

func replace(t *testing.T, text, old, new string) string {
	t.Helper()
	require.Contains(t, text, old)
	return strings.Replace(text, old, new, 1)
}

func eachOf(names string, has map[string]bool) bool {
	for name := range strings.SplitSeq(names, "|") {
		if !has[name] {
			return false
		}
	}
	return true
}

// TestFlags: a mistake on the command line is one clear line.
func TestFlags(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"-rounds 0", "-rounds 0 is out of range: it must be from 1 to 1000"},
		{"-rounds x", "invalid value"},
		{"-window 10ms", "-window 10ms is out of range: it must be from 1s to 10m"},
		{"-cpus 0", "-cpus \"0\" names 1 cpus: it must name two"},
		{"-cpus 0,65535", "cpu 65535 is not allowed here (allowed: "},
		{"-cpus a", "-cpus: place:"},
		{"-rows [", "-rows \"[\": error parsing regexp"},
		{"-rows nothing", "-rows \"nothing\" matches no row: -list prints their names"},
		{"-json -markdown", "choose one"},
		{"-what", "not defined: -what"},
		{"httpd", "unexpected argument \"httpd\""},
	} {
		_, err := parse(strings.Fields(c.args))
		require.ErrorContains(t, err, c.want, c.args)
		require.NotContains(t, err.Error(), "\n", c.args)
	}
	o, err := parse(strings.Fields("-list -rows P=16,^udp"))
	require.NoError(t, err)
	require.Len(t, o.rows, 4)
	require.Equal(t, 9, o.rounds)
	o, err = parse(strings.Fields("-list -short"))
	require.NoError(t, err)
	require.Equal(t, 3, o.rounds)
	require.Equal(t, time.Second, o.longest)
	o, err = parse(strings.Fields("-list -short -rounds 9"))
	require.NoError(t, err)
	require.Equal(t, 9, o.rounds)
}

// made is what a session may have found.
func made() []measured {
	m := measured{row: row{name: "some/row", does: "something", targets: []target{atMost("cpu-us/req", "ours", "peer", 1), atMost("cpu-us/req", "none", "peer", 1)}}}
	skipped := rounds("none", "", "cpu-us/req")
	skipped.skipped = errors.New("no such program")
	m.series = []*series{rounds("ours", "fast", "cpu-us/req", 6, 6, 6, 6, 6), rounds("peer", "", "cpu-us/req", 4, 4, 4, 4, 4), skipped}
	for _, t := range m.targets {
		m.results = append(m.results, t.judge(m.series))
	}
	return []measured{m}
}

// TestReport: what is lost is shown like what is won, and what was not measured says why.
func TestReport(t *testing.T) {
	var b bytes.Buffer
	text(&b, made())
	for _, want := range []string{
		"Row some/row: something",
		"ours-fast                 6.00 cpu-us/req  6000 p99-us",
		"none                     no such program",
		"ours-fast / peer cpu-us/req: 1.50 (quartiles 1.50 to 1.50), wanted <= 1.00: SHORT",
		"none / peer cpu-us/req: -, wanted <= 1.00: not measured here",
		"Targets: 0 met, 1 SHORT, 0 not judged, 1 not measured here",
	} {
		require.Contains(t, b.String(), want)
	}
	b.Reset()
	markdown(&b, made())
	for _, want := range []string{
		"| `some/row` | ours-fast / peer cpu-us/req | 1.50 (1.50 to 1.50) | <= 1.00 | SHORT |",
		"|  | peer | 4.00 cpu-us/req |  |  |  | 4000 |",
		"|  | none | no such program | | | | |",
	} {
		require.Contains(t, b.String(), want)
	}
	b.Reset()
	require.NoError(t, json.NewEncoder(&b).Encode(export(&session{cpus: [2]int{1, 0}}, made())))
	var got exported
	require.NoError(t, json.Unmarshal(b.Bytes(), &got))
	require.Equal(t, 1, got.ClientCPU)
	require.Len(t, got.Rows[0].Servers[0].Rounds, 5)
	require.Equal(t, map[string]float64{"items": 1, "cpu-us/req": 6, "p99-us": 6000}, got.Rows[0].Servers[0].Rounds[0])
	require.Equal(t, "no such program", got.Rows[0].Servers[2].Skipped)
	require.Equal(t, exportedTarget{Ours: "ours-fast", Peer: "peer", Unit: "cpu-us/req", Limit: 1, Q1: 1.5, Median: 1.5, Q3: 1.5, Verdict: "SHORT"}, got.Rows[0].Targets[0])
}
