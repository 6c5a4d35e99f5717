package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/pushcore/pushcore/bench/internal/cli"
	"github.com/stretchr/testify/require"
)

// TestRows runs every row once over little work: the implementations check what they move. What a row takes is nobody's
// business here.
func TestRows(t *testing.T) {
	cpus, err := cli.TwoCPUs("")
	if err != nil {
		t.Skip(err)
	}
	for _, r := range table() {
		n := 2 * amountStep
		if r.n > 0 && r.n < n {
			n = 1
		}
		if testing.Short() && r.n > n {
			continue // the flowmeter is another program, to be built first
		}
		for _, im := range r.impls {
			if testing.Short() && strings.HasPrefix(im.name, "tokio") {
				continue // so is this
			}
			t.Run(r.name+"/"+im.label(), func(t *testing.T) {
				_, err := im.run(spot{cpus: cpus, pinned: im.pinned}, n)
				if errors.Is(err, errSkip) {
					t.Skip(err)
				}
				require.NoError(t, err)
			})
		}
	}
}

// TestTargets: every target names implementations that its row has.
func TestTargets(t *testing.T) {
	for _, r := range table() {
		names := map[string]bool{}
		for _, im := range r.impls {
			names[im.name] = true
		}
		for _, target := range r.targets {
			require.True(t, names[target.ours] && names[target.peer], "%s: %+v", r.name, target)
		}
	}
}

// TestCheck: the check finds what is lost, doubled, swapped or changed.
func TestCheck(t *testing.T) {
	for _, vs := range [][]uint64{{0, 1, 3}, {0, 1, 1}, {1, 0, 2}, {0, 1}, {0, 1, 2, 3}, {}} {
		var c check
		for _, v := range vs {
			c.add(v)
		}
		require.Error(t, c.err(3), "%v", vs)
	}
	c := check{}
	for v := range uint64(3) {
		c.add(v)
	}
	require.NoError(t, c.err(3))
}

func TestVerdicts(t *testing.T) {
	rounds := func(vs ...float64) *series {
		m := &series{}
		for _, v := range vs {
			m.samples = append(m.samples, sample{value: v})
		}
		return m
	}
	five := func(v float64) []float64 { return []float64{v, v, v, v, v} }
	ours := rounds(10, 10, 10, 10, 10)
	for _, c := range []struct {
		target target
		peer   *series
		want   string
	}{
		{faster("a", "b", 2), rounds(30, 31, 29, 30, 30), "met"},
		{faster("a", "b", 2), rounds(17, 17, 17, 17, 17), "short: 1.70 of 2.00x"},
		{faster("a", "b", 2), rounds(10, 15, 21, 30, 40), "too noisy to judge"},
		{faster("a", "b", 2), rounds(30, 30, 30, 30), "too few rounds to judge"},
		{below("a", 11, " %"), ours, "met"},
		{below("a", 9, " %"), ours, "over: 10.0 of 9.00 %"},
		{faster("a", "b", 2), rounds(30, 40, 90, 50, 60), "met"}, // noisy, and beyond doubt
		{within("a", "b", 3), rounds(5, 5, 5, 5, 5), "met"},
		{within("a", "b", 3), rounds(2, 2, 2, 2, 2), "over: 5.00 of 3.00x"},
		{plus("a", "b", 2), rounds(9, 9, 9, 9, 9), "met"},
		{plus("a", "b", 2), rounds(5, 5, 5, 5, 5), "over: 5.00 of 2.00 ns"},
		{atMost("a", 12), rounds(five(calibrationNs)...), "met"},
		{atMost("a", 6), rounds(five(calibrationNs)...), "over: 10.0 of 6.00 ns"},
		{atMost("a", 6), rounds(five(2 * calibrationNs)...), "met"}, // a slower machine
	} {
		_, verdict := c.target.judge(ours, c.peer)
		require.Equal(t, c.want, verdict)
	}
}

// TestFlags: a mistake on the command line is one clear line.
func TestFlags(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"-rounds 0", "-rounds 0 is out of range: it must be from 1 to 1000"},
		{"-rounds x", "invalid value"},
		{"-cpus 0", "-cpus \"0\" names 1 cpus: it must name two"},
		{"-cpus 0,65535", "cpu 65535 is not allowed here (allowed: "},
		{"-cpus a", "-cpus: place:"},
		{"-run [", "-run \"[\": error parsing regexp"},
		{"-run nothing", "-run \"nothing\" matches no row: -list prints their names"},
		{"-what", "not defined: -what"},
		{"Ring", "unexpected argument \"Ring\""},
	} {
		_, err := parse(strings.Fields(c.args))
		require.ErrorContains(t, err, c.want, c.args)
		require.NotContains(t, err.Error(), "\n", c.args)
	}
	o, err := parse(strings.Fields("-list -run /SPSC/one$,MPSC"))
	require.NoError(t, err)
	require.Len(t, o.rows, 3)
}

// TestOutput: what benchstat reads and what people read.
func TestOutput(t *testing.T) {
	cpus, err := cli.TwoCPUs("")
	if err != nil {
		t.Skip(err)
	}
	fixed := func(v float64) func(spot, int) (sample, error) {
		return func(spot, int) (sample, error) { return sample{value: v, extra: []metric{{9, "p99-ns"}}}, nil }
	}
	var raw, text strings.Builder
	s := &session{cpus: cpus, rounds: 5, raw: &raw, text: &text}
	require.NoError(t, s.run([]row{{
		name: "A/b", n: 7,
		impls:   join(ours("x", fixed(2)), each("y", fixed(8)), impl{name: "z", run: skipped}),
		targets: []target{faster("x", "y", 3), faster("x", "z", 1)},
	}}))
	require.Equal(t, 5, strings.Count(raw.String(), "BenchmarkA/b/impl=x 7 2.00 ns/op 9.00 p99-ns\n"))
	require.Equal(t, 5, strings.Count(raw.String(), "BenchmarkA/b/impl=y-unpinned 7 8.00 ns/op 9.00 p99-ns\n"))
	for _, key := range []string{"goos", "goarch", "cpu", "kernel", "go", "gomaxprocs", "line-roundtrip-ns"} {
		require.Contains(t, "\n"+raw.String(), "\n"+key+": ")
	}
	require.Contains(t, text.String(), "x against y: 4.00x (quartiles 4.00 to 4.00), wanted at least 3.00x: met")
	require.Contains(t, text.String(), "x against z: not measured here")
}

func skipped(spot, int) (sample, error) { return sample{}, errSkip }

// TestIterations: shapes are never empty, and of their full size whenever there is work for it.
func TestIterations(t *testing.T) {
	for _, c := range []struct{ n, most, times, size int }{{1, 1000, 1, 1}, {1000, 1000, 1, 1000}, {2999, 1000, 2, 1000}} {
		times, size := iterations(c.n, c.most)
		require.Equal(t, [2]int{c.times, c.size}, [2]int{times, size}, "%+v", c)
	}
}

// TestAsyncChecks: what the async rows check by finds what is lost or changed.
func TestAsyncChecks(t *testing.T) {
	require.NoError(t, checkResults([]uint64{^uint64(0), ^uint64(1)}))
	require.Error(t, checkResults([]uint64{^uint64(0), 0}))
	require.NoError(t, sumError("a sum", triangle(4), 6))
	require.Error(t, sumError("a sum", 5, 6))
	var g goSum
	require.False(t, g.last(1, 2))
	require.True(t, g.last(2, 2))
	require.NoError(t, g.err(2, 3))
	require.Error(t, g.err(2, 4))
}

// TestAsyncFullSize runs more than one whole iteration of the shapes that are small.
func TestAsyncFullSize(t *testing.T) {
	cpus, err := cli.TwoCPUs("")
	if err != nil {
		t.Skip(err)
	}
	s := spot{cpus: cpus, pinned: true}
	for name, f := range map[string]func(spot, int) (sample, error){
		"ping_pong": pingPongCoroutines, "chained_spawn": chainedCoroutines, "chained_spawn/tasks": chainedTasks,
		"spawn": spawnCoroutines, "spawn/joins": spawnJoins, "ping_pong/go": pingPongGo, "chained_spawn/go": chainedGo,
	} {
		sm, err := f(s, 2*pings)
		require.NoError(t, err, name)
		require.Positive(t, sm.value, name)
	}
}

// TestTokioRefuses: a run of the peer that fails is an error that says why.
func TestTokioRefuses(t *testing.T) {
	if testing.Short() {
		t.Skip("the peer is another program, to be built first")
	}
	_, err := tokioRun("no such benchmark", 1)(spot{}, 1)
	if errors.Is(err, errSkip) {
		t.Skip(err)
	}
	require.ErrorContains(t, err, `unknown benchmark "no such benchmark"`)
}
