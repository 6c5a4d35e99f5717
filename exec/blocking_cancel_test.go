package exec_test

import (
	"runtime"
	"sync"
	"testing"
	"weak"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// oneRunning returns an Exec, to be stepped, whose only worker is busy until release.
func oneRunning(t *testing.T, cfg exec.Config) (w *world, x *exec.Exec, release func()) {
	t.Helper()
	w = &world{t: t, stepped: true}
	cfg.MaxBlocking = 1
	x = w.exec(cfg)
	hold, begun := make(chan struct{}), make(chan struct{})
	inOneStep(t, x, func(l *exec.Local) {
		_, err := exec.GoBlocking(l, func() (int, error) { close(begun); <-hold; return 0, nil })
		require.NoError(t, err)
	})
	<-begun
	release = sync.OnceFunc(func() { close(hold) })
	t.Cleanup(release)
	return w, x, release
}

// A cancelled job leaves its place to another one at once, wherever it was in the queue;
// the others keep their order.
func TestBlockingCancelGivesThePlaceBack(t *testing.T) {
	const places = 4
	for cancelled := range places {
		w, x, release := oneRunning(t, exec.Config{BlockingCap: places})
		var ran []int
		start := func(l *exec.Local, i int) *exec.Job[int] {
			j, err := exec.GoBlocking(l, func() (int, error) { ran = append(ran, i); return i, nil })
			require.NoError(t, err)
			return j
		}
		var jobs []*exec.Job[int]
		inOneStep(t, x, func(l *exec.Local) {
			for i := range places {
				jobs = append(jobs, start(l, i))
			}
			_, err := exec.GoBlocking(l, func() (int, error) { return 0, nil })
			require.ErrorIs(t, err, exec.ErrTooMany)
			for i := range 1000 {
				require.True(t, jobs[cancelled].Cancel())
				jobs = append(jobs, start(l, places+i))
				if i < 999 {
					require.True(t, jobs[len(jobs)-1].Cancel())
					jobs[cancelled] = start(l, -1)
				}
			}
		})
		release()
		w.until("all are run", func() bool { return x.Stats().Blocking == 0 })
		var want []int
		for i := range places {
			if i != cancelled {
				want = append(want, i)
			}
		}
		require.Equal(t, append(want, places+999), ran)
	}
}

// Nobody keeps what the function of a cancelled job holds on to, also if the Job is kept.
func TestBlockingCancelDropsTheFunction(t *testing.T) {
	_, x, _ := oneRunning(t, exec.Config{})
	var job *exec.Job[int]
	var held weak.Pointer[[1 << 10]int]
	inOneStep(t, x, func(l *exec.Local) {
		big := new([1 << 10]int)
		held = weak.Make(big)
		var err error
		job, err = exec.GoBlocking(l, func() (int, error) { return big[1], nil })
		require.NoError(t, err)
		runtime.GC()
		require.NotNil(t, held.Value())
		require.True(t, job.Cancel())
	})
	settle(x)
	eventually(t, "it is gone", func() bool { runtime.GC(); return held.Value() == nil })
	require.True(t, job.Finished())
}

// Jobs that are cancelled just when a worker takes them are either run or not, and every
// worker that has come in vain is there for the next ones.
func TestBlockingCancelRacesWithTheBeginning(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		x := w.exec(exec.Config{MaxBlocking: 3, BlockingCap: 1000})
		n := sized(300, 3000, 30_000)
		var mu sync.Mutex
		ran := 0
		got, err := in(w, x, func(co *exec.Co) (cancelled int, err error) {
			for i := range n {
				j, err := exec.GoBlocking(co.Local(), func() (int, error) {
					mu.Lock()
					defer mu.Unlock()
					ran++
					return 0, nil
				})
				require.NoError(t, err)
				for range i % 7 {
					runtime.Gosched()
				}
				if j.Cancel() {
					cancelled++
				} else if _, err = j.Await(co); err != nil {
					return cancelled, err
				}
			}
			return cancelled, nil
		})
		require.NoError(t, err)
		mu.Lock()
		defer mu.Unlock()
		require.Equal(t, n, ran+got)
		require.LessOrEqual(t, exec.Workers(x), 3)
	})
}
