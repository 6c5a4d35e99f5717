package main

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// rounds returns a series of one metric, or of two.
func rounds(name, variant, unit string, vs ...float64) *series {
	m := &series{server: server{name: name, variant: variant, args: func(at) []string { return nil }}}
	for _, v := range vs {
		m.samples = append(m.samples, sample{items: 1, metrics: []metric{{v, unit}, {1000 * v, "p99-us"}}})
	}
	return m
}

func TestJudge(t *testing.T) {
	const cpu = "cpu-us/req"
	ours := rounds("ours", "", cpu, 10, 11, 12, 13, 14)
	for _, c := range []struct {
		target target
		peer   *series
		want   string
		median float64
	}{
		{atMost(cpu, "ours", "peer", 1), rounds("peer", "", cpu, 20, 22, 24, 26, 28), verdictMet, 0.5},
		{atMost(cpu, "ours", "peer", 1), rounds("peer", "", cpu, 5, 5.5, 6, 6.5, 7), verdictShort, 2},
		{atMost(cpu, "ours", "peer", 1), rounds("peer", "", cpu, 5, 22, 12, 6.5, 28), verdictNoisy, 1},
		{atLeast(cpu, "ours", "peer", 1), rounds("peer", "", cpu, 5, 5.5, 6, 6.5, 7), verdictMet, 2},
		{atLeast(cpu, "ours", "peer", 1), rounds("peer", "", cpu, 20, 22, 24, 26, 28), verdictShort, 0.5},
		{atMost(cpu, "ours", "peer", 1), rounds("peer", "", cpu, 20, 22, 24, 26), verdictFew, 0.5},
		{atMost(cpu, "ours", "peer", 1), rounds("peer", "", cpu), verdictSkipped, 0},
		{atMost(cpu, "ours", "peer", 1), rounds("other", "", cpu, 20), verdictSkipped, 0},
		{atMost(cpu, "none", "peer", 1), rounds("peer", "", cpu, 20), verdictSkipped, 0},
		{atMost("cmd/s", "ours", "peer", 1), rounds("peer", "", cpu, 20), verdictSkipped, 0}, // nobody has measured that
		{below("p99-us", "ours", 13_000), rounds("peer", "", cpu), verdictMet, 12_000},
		{below("p99-us", "ours", 10_000), rounds("peer", "", cpu), verdictShort, 12_000},
	} {
		got := c.target.judge([]*series{ours, c.peer})
		require.Equal(t, c.want, got.verdict, "%+v", c.target)
		require.Equal(t, c.median, got.quartiles[1], "%+v", c.target)
	}
}

// TestBest: both sides are quoted with the variant that needs least processor time.
func TestBest(t *testing.T) {
	all := []*series{
		rounds("httpd", "", "cpu"),
		rounds("gnet", "", "cpu", 1, 8, 8, 8, 8),
		rounds("gnet", "lock", "cpu", 6, 6, 6, 6, 6),
	}
	require.Equal(t, "gnet-lock", best(all, "gnet").label())
	require.Nil(t, best(all, "httpd"))
	require.Nil(t, best(all, "tokio"))
	all[0] = rounds("httpd", "", "cpu", 9)
	require.Equal(t, "httpd", best(all, "httpd").label())
}

func TestTable(t *testing.T) {
	names := map[string]bool{}
	for _, r := range table() {
		require.False(t, names[r.name], r.name)
		names[r.name] = true
		has, labels := map[string]bool{}, map[string]bool{}
		for _, s := range r.servers {
			has[s.name] = true
			require.False(t, labels[s.label()], "%s: %s is there twice", r.name, s.label())
			labels[s.label()] = true
			require.NotEmpty(t, s.describe())
		}
		require.NotEmpty(t, r.targets, r.name)
		for _, target := range r.targets {
			for _, names := range []string{target.ours, target.peer} {
				require.True(t, names == "" || eachOf(names, has), "%s: %+v", r.name, target)
			}
		}
	}
}

func TestProcs(t *testing.T) {
	s := server{name: "gnet", program: peer("gnet"), args: addrFlag}
	vs := procs(s.with("lock", "A=1"), 1, 2)
	require.Len(t, vs, 2)
	for i, v := range vs {
		require.Equal(t, fmt.Sprintf("gnet-lock-procs=%d", i+1), v.label())
		require.Equal(t, fmt.Sprintf("A=1 GOMAXPROCS=%d gnet -addr ADDR", i+1), v.describe())
	}
	require.Empty(t, s.env)
}
