package exectest_test

import (
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/exectest"
)

// noMoreThan waits until there are no more than n goroutines: they end a moment after the
// Exec that they belong to.
func noMoreThan(t *testing.T, n int) {
	t.Helper()
	for range 2000 {
		if runtime.NumGoroutine() <= n {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatalf("%d goroutines are left, and there were %d before", runtime.NumGoroutine(), n)
}

// sleepers starts n coroutines on a new Exec of s.
func sleepers(t *testing.T, s *exectest.Sim, n int, d time.Duration) {
	onLoop(newExec(t, s, exec.Config{}), func(l *exec.Local) {
		for range n {
			require.NoError(t, l.Go(func(co *exec.Co) { _ = co.Sleep(d) }))
		}
	})
}

// Coroutines that have ended leave goroutines for others, those that have not are in the
// middle of one: a simulation that is closed, or drained, keeps none.
func TestNoGoroutineIsLeft(t *testing.T) {
	for name, end := range map[string]func(t *testing.T, s *exectest.Sim){
		"NewFor": func(*testing.T, *exectest.Sim) {},
		"Close":  func(_ *testing.T, s *exectest.Sim) { s.Close(); s.Close() },
		"Drain": func(t *testing.T, s *exectest.Sim) {
			_, err := s.Drain()
			require.NoError(t, err)
		},
		"a failed test": func(t *testing.T, s *exectest.Sim) {
			if s.Seed()%2 == 0 {
				t.SkipNow() // ends the test as FailNow does
			}
		},
		"in the middle": func(t *testing.T, s *exectest.Sim) { sleepers(t, s, 10, time.Second); s.Step() },
	} {
		t.Run(name, func(t *testing.T) {
			before := runtime.NumGoroutine()
			exectest.Seeds(t, 10, func(t *testing.T, seed uint64) {
				s := newSim(t, exectest.Config{Seed: seed})
				sleepers(t, s, 20, time.Second)
				sleepers(t, s, 20, time.Second)
				require.NoError(t, s.Settle())
				sleepers(t, s, 20, time.Hour)
				require.NoError(t, s.Quiet())
				end(t, s)
			})
			noMoreThan(t, before)
		})
	}
}

// One that panics when it is ended does not keep the others from being.
func TestCloseStopsAllInSpiteOfAPanic(t *testing.T) {
	before := runtime.NumGoroutine()
	s, err := exectest.New(exectest.Config{Seed: 1})
	require.NoError(t, err)
	sleepers(t, s, 5, time.Hour)
	onLoop(newExec(t, s, exec.Config{}), func(l *exec.Local) {
		require.NoError(t, l.Go(func(co *exec.Co) {
			_ = co.Park()
			panic("at the end")
		}))
	})
	sleepers(t, s, 5, time.Hour)
	require.NoError(t, s.Quiet())
	require.Panics(t, s.Close)
	noMoreThan(t, before)
	require.NotPanics(t, s.Close)
}
