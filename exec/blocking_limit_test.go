package exec_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// Never more than MaxBlocking at once, and that many when there is work for them.
func TestBlockingIsBounded(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		const limit = 3
		x := w.exec(exec.Config{MaxBlocking: limit, BlockingCap: 100})
		var now, most atomic.Int64
		for range 3 {
			together := make(chan struct{}, limit)
			_, err := in(w, x, func(co *exec.Co) (int, error) {
				set := exec.NewJoinSet[int](co.Local())
				for range 50 {
					require.NoError(t, set.Go(func(co *exec.Co) (int, error) {
						return exec.Blocking(co, func() (int, error) {
							defer now.Add(-1)
							if n := now.Add(1); n > most.Load() {
								most.Store(n)
							}
							if len(together) < limit {
								together <- struct{}{}
								for len(together) < limit {
									time.Sleep(10 * time.Microsecond)
								}
							}
							return 0, nil
						})
					}))
				}
				return 0, set.Wait(co)
			})
			require.NoError(t, err)
			require.LessOrEqual(t, exec.Workers(x), limit)
		}
		require.EqualValues(t, limit, most.Load())
	})
}

// With BlockingCap jobs waiting, one more is refused and counted; what was accepted is run.
func TestBlockingBeyondItsCap(t *testing.T) {
	w := &world{t: t, stepped: true}
	x := w.exec(exec.Config{Name: "it", MaxBlocking: 1, BlockingCap: 2})
	release, begun, ran := make(chan struct{}), make(chan struct{}), 0
	start := func(f func() (int, error)) (j *exec.Job[int], err error) {
		inOneStep(t, x, func(l *exec.Local) { j, err = exec.GoBlocking(l, f) })
		return j, err
	}
	_, err := start(func() (int, error) { close(begun); <-release; return 0, nil })
	require.NoError(t, err)
	<-begun
	var last *exec.Job[int]
	for range 2 {
		last, err = start(func() (int, error) { ran++; return 0, nil })
		require.NoError(t, err)
	}
	_, err = start(func() (int, error) { t.Error("it ran"); return 0, nil })
	require.ErrorIs(t, err, exec.ErrTooMany)
	require.EqualError(t, err, "exec: it: 2 jobs wait for a goroutine (BlockingCap): exec: limit reached")
	require.EqualValues(t, 1, x.Stats().Rejects)
	j := launched(t, x, func(co *exec.Co) (int, error) { return exec.Blocking(co, func() (int, error) { return 0, nil }) })
	_, err, _ = j.Result()
	require.ErrorIs(t, err, exec.ErrTooMany)
	close(release)
	w.until("all are run", last.Finished)
	require.Equal(t, 2, ran)
	_, err = start(func() (int, error) { return 0, nil })
	require.NoError(t, err, "there is room again")
}

// A job does not wait behind another one as long as there may be more goroutines: also
// when the last idle one has just been given the other one. Here all of n jobs wait for
// each other, after n-1.
func TestBlockingJobsDoNotWaitForEachOther(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		const most = 20
		x := w.exec(exec.Config{MaxBlocking: most})
		_, err := in(w, x, func(co *exec.Co) (int, error) {
			for n := 1; n <= most; n++ {
				var begun atomic.Int64
				set := exec.NewJoinSet[int](co.Local())
				for range n {
					require.NoError(t, set.Go(func(co *exec.Co) (int, error) {
						return exec.Blocking(co, func() (int, error) {
							for begun.Add(1); begun.Load() < int64(n); {
								time.Sleep(10 * time.Microsecond)
							}
							return 0, nil
						})
					}))
				}
				require.NoError(t, set.Wait(co))
				require.NoError(t, co.Sleep(100*time.Microsecond)) // they become idle
			}
			return 0, nil
		})
		require.NoError(t, err)
	})
}

// A job that comes just when an idle goroutine leaves is run.
func TestBlockingJobsRaceWithIdleGoroutinesLeaving(t *testing.T) {
	for _, limit := range []int{1, 2} {
		x, err := exec.New(exec.Config{MaxBlocking: limit, Spin: -1})
		require.NoError(t, err)
		const idle = 100 * time.Microsecond
		exec.SetIdleWorker(x, idle)
		startForTest(t, x)
		_, err = exec.CallGo(patience(t), x, func(co *exec.Co) (int, error) {
			for i := range sized(100, 300, 20_000) {
				a, err := exec.GoBlocking(co.Local(), func() (int, error) { return 0, nil })
				require.NoError(t, err)
				if _, err = a.Await(co); err != nil {
					return 0, err
				}
				if err = co.Sleep(idle/2 + time.Duration(i%40)*idle/20); err != nil {
					return 0, err
				}
			}
			return 0, nil
		})
		require.NoError(t, err)
		eventually(t, "the goroutines leave", func() bool { return exec.Workers(x) == 0 })
	}
}

// A job that exits its goroutine does not take the others' with it.
func TestBlockingGoexitIsReplaced(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		x := w.exec(exec.Config{MaxBlocking: 1})
		_, err := in(w, x, func(co *exec.Co) (int, error) {
			var jobs []*exec.Job[int]
			for i := range 10 {
				j, err := exec.GoBlocking(co.Local(), func() (int, error) {
					if i%2 == 0 {
						exits["Goexit"]()
					}
					return i, nil
				})
				require.NoError(t, err)
				jobs = append(jobs, j)
			}
			for i, j := range jobs {
				v, err := j.Await(co)
				if i%2 == 0 {
					isPanic(t, err, nil)
					continue
				}
				require.NoError(t, err)
				require.Equal(t, i, v)
			}
			return 0, nil
		})
		require.NoError(t, err)
	})
}
