package exec_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// Every timer that coroutines need counts against MaxTimers, and the error says so.
func TestCoroutinesRunOutOfTimers(t *testing.T) {
	onBoth(t, exec.Config{MaxTimers: 2}, func(t *testing.T, h *host) {
		h.waiting(func(co *exec.Co) error { return co.Sleep(time.Hour) })
		require.NoError(t, h.run(func(co *exec.Co) error {
			return co.Within(time.Hour, func() error {
				require.ErrorIs(t, co.Sleep(1), exec.ErrTooMany)
				require.ErrorIs(t, co.Within(time.Hour, func() error { t.Error("it ran"); return nil }), exec.ErrTooMany)
				s := exec.NewSemaphore(co.Local(), 1)
				s.TryAcquire(1)
				i, err := exec.Select(co, s.Acquiring(1), exec.Elapsed(time.Hour))
				require.ErrorIs(t, err, exec.ErrTooMany)
				require.Equal(t, -1, i)
				s.Release(1)
				require.True(t, s.TryAcquire(1), "the Select waits no more")
				return nil
			})
		}))
		h.do(func(l *exec.Local) {
			require.EqualValues(t, 3, l.Stats().Rejects)
			_, ok := l.After(time.Hour, nop{})
			require.True(t, ok, "the timer of Within is free again")
		})
	})
}

// No more than MaxCoroutines live; what is refused is counted; an end makes room.
func TestTooManyCoroutines(t *testing.T) {
	onBoth(t, exec.Config{Name: "it", MaxCoroutines: 3}, func(t *testing.T, h *host) {
		var js []*exec.Join[none]
		h.do(func(l *exec.Local) {
			for range 3 {
				js = append(js, spawn(l, forever))
			}
			_, err := exec.Go(l, func(*exec.Co) (int, error) { return 0, nil })
			require.ErrorIs(t, err, exec.ErrTooMany)
			require.EqualError(t, err, "exec: it: all 3 coroutines are taken (MaxCoroutines): exec: limit reached")
			require.ErrorIs(t, exec.NewJoinSet[int](l).Go(func(*exec.Co) (int, error) { return 0, nil }), exec.ErrTooMany)
			require.EqualValues(t, 2, l.Stats().Rejects)
			require.EqualValues(t, 3, l.Stats().Coroutines)
			js[1].Abort()
		})
		require.Error(t, h.ended(js[1]))
		h.do(func(l *exec.Local) { spawn(l, forever) })
	})
}
