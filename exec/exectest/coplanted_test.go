package exectest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/exectest"
)

// Programs with a fault that does not show while coroutines run in order.

// found returns with how many of 100 seeds a program goes wrong.
func found(t *testing.T, shuffle bool, wrong func(t *testing.T, s *exectest.Sim) bool) (n int) {
	for seed := range uint64(100) {
		s, err := exectest.New(exectest.Config{Seed: seed, Shuffle: shuffle})
		require.NoError(t, err)
		if wrong(t, s) {
			n++
		}
		s.Close()
	}
	return n
}

// start starts coroutines on a new Exec.
func start(t *testing.T, s *exectest.Sim, f func(l *exec.Local) []func(co *exec.Co)) {
	onLoop(newExec(t, s, exec.Config{}), func(l *exec.Local) {
		for _, f := range f(l) {
			if err := l.Go(f); err != nil {
				panic(err)
			}
		}
	})
}

// One of them needs another one to have run, which it does if they run in order.
func TestShuffleFindsCoroutinesThatDependOnOrder(t *testing.T) {
	wrong := func(t *testing.T, s *exectest.Sim) bool {
		open, broken := false, false
		start(t, s, func(*exec.Local) []func(co *exec.Co) {
			return []func(co *exec.Co){
				func(co *exec.Co) { _ = co.Yield(); open = true },
				func(co *exec.Co) { _ = co.Yield(); broken = !open },
			}
		})
		require.NoError(t, s.Settle())
		return broken
	}
	require.Zero(t, found(t, false, wrong))
	n := found(t, true, wrong)
	require.Greater(t, n, 25)
	require.Less(t, n, 75)
}

// Who looks, waits, and then acts on what it saw.
func TestShuffleFindsAnUpdateThatIsLost(t *testing.T) {
	wrong := func(t *testing.T, s *exectest.Sim) bool {
		sum := 0
		start(t, s, func(*exec.Local) []func(co *exec.Co) {
			add := func(co *exec.Co) {
				if was := sum; co.Yield() == nil {
					sum = was + 1
				}
			}
			return []func(co *exec.Co){add, func(co *exec.Co) { _ = co.Yield(); add(co) }}
		})
		require.NoError(t, s.Settle())
		return sum != 2
	}
	require.Zero(t, found(t, false, wrong))
	require.NotZero(t, found(t, true, wrong))
}

// Two locks in two orders.
func TestShuffleFindsADeadlock(t *testing.T) {
	wrong := func(t *testing.T, s *exectest.Sim) bool {
		done := 0
		start(t, s, func(l *exec.Local) []func(co *exec.Co) {
			a, b := exec.NewMutex(l), exec.NewMutex(l)
			both := func(first, second *exec.Mutex) func(co *exec.Co) {
				return func(co *exec.Co) {
					for _, m := range []*exec.Mutex{first, second} {
						if m.Lock(co) != nil || co.Yield() != nil {
							return
						}
						defer m.Unlock()
					}
					done++
				}
			}
			late := both(b, a)
			return []func(co *exec.Co){both(a, b), func(co *exec.Co) {
				_ = co.Yield()
				late(co)
			}}
		})
		err := s.Run(func() bool { return done == 2 })
		if err != nil {
			require.ErrorIs(t, err, exectest.ErrAsleep)
		}
		return err != nil
	}
	require.Zero(t, found(t, false, wrong))
	n := found(t, true, wrong)
	require.NotZero(t, n)
	require.Less(t, n, 100)
}
