package execs

import (
	"testing"

	"github.com/pushcore/pushcore/bench/internal/cli"
	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/stretchr/testify/require"
)

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
	for _, land := range []landing{together, oneByOne} {
		results := make([]uint64, 2)
		task, wait := land(results)
		task(1)()
		task(0)()
		wait()
		require.NoError(t, checkResults(results))
	}
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
	s := measure.Spot{CPUs: cpus, Pinned: true}
	for name, f := range map[string]func(measure.Spot, int) (measure.Sample, error){
		"ping_pong": pingPongCoroutines, "chained_spawn": chainedCoroutines, "chained_spawn/tasks": chainedTasks,
		"spawn": spawnCoroutines, "spawn/joins": spawnJoins, "ping_pong/go": pingPongGo, "chained_spawn/go": chainedGo,
	} {
		sm, err := f(s, 2*pings)
		require.NoError(t, err, name)
		require.Positive(t, sm.Value(), name)
	}
}
