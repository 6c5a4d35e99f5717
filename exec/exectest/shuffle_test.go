package exectest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/exectest"
)

// orders runs a handler that is right only if tasks run in the order of Spawn, and
// returns how many of the seeds find that out.
func orders(t *testing.T, shuffle bool, seeds uint64) (found int) {
	for seed := range seeds {
		s := newSim(t, exectest.Config{Seed: seed, Shuffle: shuffle})
		x := newExec(t, s, exec.Config{})
		open, broken := false, false
		onLoop(x, func(l *exec.Local) {
			l.Spawn(exec.Func(func(*exec.Local) { open = true }))
			l.Spawn(nop)
			l.Spawn(exec.Func(func(*exec.Local) { broken = !open })) // needs the first to have run
		})
		require.NoError(t, s.Settle())
		if broken {
			found++
		}
	}
	return found
}

func TestShuffleFindsWhatDependsOnOrder(t *testing.T) {
	require.Zero(t, orders(t, false, 100))
	found := orders(t, true, 100)
	require.Greater(t, found, 25)
	require.Less(t, found, 75)
}

// Shuffling loses no task and runs none twice.
func TestShuffleRunsEachTaskOnce(t *testing.T) {
	exectest.Seeds(t, sized(50, 200, 5000), func(t *testing.T, seed uint64) {
		s := newSim(t, exectest.Config{Seed: seed, Shuffle: true})
		x := newExec(t, s, exec.Config{LocalBudget: 1 + int(seed%7)})
		ran := make([]int, 100)
		sorted := true
		onLoop(x, func(l *exec.Local) {
			last := -1
			for i := range ran {
				require.True(t, l.Spawn(exec.Func(func(*exec.Local) {
					ran[i]++
					sorted = sorted && i > last
					last = i
				})))
			}
		})
		require.NoError(t, s.Settle())
		for i, n := range ran {
			require.Equal(t, 1, n, "task %d", i)
		}
		require.False(t, sorted)
	})
}
