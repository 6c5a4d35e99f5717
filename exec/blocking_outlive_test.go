package exec_test

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// shortEnds are the ways in which an Exec ends before its jobs do.
var shortEnds = map[string]func(t *testing.T, x *exec.Exec){
	"Stop": func(t *testing.T, x *exec.Exec) {
		x.Stop()
		require.NoError(t, x.Wait())
	},
	"the deadline of Drain": func(t *testing.T, x *exec.Exec) {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
		defer cancel()
		_, _ = x.Drain(ctx) // of one that is stepped it is Stop
		require.NoError(t, x.Wait())
	},
}

// Jobs that have not begun when the Exec ends are over, and say why; the one that has is
// counted until it ends, and then all that was accepted is accounted for.
func TestBlockingOutlivesItsExec(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		for name, end := range shortEnds {
			t.Run(name, func(t *testing.T) {
				before := runtime.NumGoroutine()
				var atStop error
				var queued []*exec.Job[int]
				x := w.exec(exec.Config{Name: "it", MaxBlocking: 1, OnStop: func(*exec.Local) { _, atStop, _ = queued[0].Result() }})
				release, begun := make(chan struct{}), make(chan struct{})
				first, err := in(w, x, func(co *exec.Co) (*exec.Job[int], error) {
					first, err := exec.GoBlocking(co.Local(), func() (int, error) { close(begun); <-release; return 1, nil })
					require.NoError(t, err)
					for range 5 {
						j, err := exec.GoBlocking(co.Local(), func() (int, error) { t.Error("it ran"); return 2, nil })
						require.NoError(t, err)
						queued = append(queued, j)
					}
					return first, nil
				})
				require.NoError(t, err)
				<-begun
				end(t, x)
				for _, j := range queued {
					_, err, over := j.Result()
					require.True(t, over)
					require.ErrorIs(t, err, exec.ErrClosed)
					require.EqualError(t, err, "exec: it: it ended before the job began: exec: closed")
				}
				if !w.stepped { // which has no OnStop
					require.ErrorIs(t, atStop, exec.ErrClosed)
				}
				s := x.Stats()
				require.Equal(t, 1, s.Blocking)
				require.EqualValues(t, []uint64{5, 5}, []uint64{s.JobsUndone, s.Returned})

				ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
				defer cancel()
				err = x.WaitBlocking(ctx)
				require.ErrorIs(t, err, context.DeadlineExceeded)
				require.EqualError(t, err, "exec: it: 1 jobs of GoBlocking have not returned: context deadline exceeded")
				close(release)
				require.NoError(t, x.WaitBlocking(patience(t)))
				require.NoError(t, x.WaitBlocking(ctx), "there is nothing to wait for")
				s = x.Stats()
				require.Zero(t, s.Blocking)
				require.EqualValues(t, s.Spawned+1, s.Executed()+s.Returned, "what started them came from outside")
				require.False(t, first.Finished(), "its result is dropped")
				require.Zero(t, exec.Workers(x))
				if !w.stepped {
					eventually(t, "all goroutines are gone", func() bool { return runtime.NumGoroutine() <= before })
				}
			})
		}
	})
}

// A job that fails after its Exec is reported, on its own goroutine, and counted before
// anyone is told that it has ended.
func TestBlockingFailsAfterItsExec(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		for how, fail := range map[string]func(){"panic": func() { panic(errPlanted) }, "exit": runtime.Goexit} {
			for after, leave := range map[string]func(){"returns": func() {}, "exits": runtime.Goexit} {
				t.Run(how+", OnPanic "+after, func(t *testing.T) {
					var told []exec.Panic
					x := w.exec(exec.Config{Name: "it", OnPanic: func(p exec.Panic) {
						require.False(t, exec.OnLoop())
						told = append(told, p)
						leave()
					}})
					release, begun := make(chan struct{}), make(chan struct{})
					_, err := in(w, x, func(co *exec.Co) (int, error) {
						_, err := exec.GoBlocking(co.Local(), func() (int, error) { close(begun); <-release; fail(); return 1, nil })
						return 0, err
					})
					require.NoError(t, err)
					<-begun
					x.Stop()
					require.NoError(t, x.Wait())
					before := x.Stats()
					close(release)
					require.NoError(t, x.WaitBlocking(patience(t)))
					require.Len(t, told, 1)
					require.True(t, told[0].Blocking)
					require.Equal(t, how == "exit", told[0].Goexit)
					s := x.Stats()
					require.Zero(t, s.Blocking)
					require.EqualValues(t, []uint64{1, 1, 1}, []uint64{s.Tasks - before.Tasks, s.TasksFailed, s.Panics})
				})
			}
		}
	})
}

// A job that has ended just before its Exec, which has not noticed: it has its result.
func TestBlockingEndsJustBeforeItsExec(t *testing.T) {
	var told []exec.Panic
	x := stepped(t, exec.Config{OnPanic: func(p exec.Panic) { told = append(told, p) }})
	var good, bad *exec.Job[int]
	over := make(chan struct{}) // the turn that starts them, which would complete what ends in it
	inOneStep(t, x, func(l *exec.Local) {
		var err error
		good, err = exec.GoBlocking(l, func() (int, error) { <-over; return 7, nil })
		require.NoError(t, err)
		bad, err = exec.GoBlocking(l, func() (int, error) { <-over; panic(errPlanted) })
		require.NoError(t, err)
	})
	close(over)
	eventually(t, "both have ended", func() bool { return exec.JobsEnded(x) == 2 })
	x.Stop()
	v, err, ended := good.Result()
	require.True(t, ended)
	require.NoError(t, err)
	require.Equal(t, 7, v)
	_, err, ended = bad.Result()
	require.True(t, ended)
	isPanic(t, err, errPlanted)
	require.Len(t, told, 1)
	require.NoError(t, x.WaitBlocking(patience(t)))
	s := x.Stats()
	require.Zero(t, s.Blocking)
	settled(t, 3, s)
}

// Jobs that end while their Exec does: each is counted once, and WaitBlocking misses none.
func TestBlockingRacesWithTheEnd(t *testing.T) {
	for range sized(30, 200, 2000) {
		x := begin(t, exec.Config{MaxBlocking: 2, OnPanic: func(exec.Panic) {}, Spin: -1})
		const n = 8
		onLoop(t, x, func(l *exec.Local) {
			for i := range n {
				_, err := exec.GoBlocking(l, func() (int, error) {
					if i%3 == 0 {
						runtime.Goexit()
					}
					return i, nil
				})
				require.NoError(t, err)
			}
		})
		x.Stop()
		require.NoError(t, x.WaitBlocking(patience(t)))
		s := x.Stats()
		require.Zero(t, s.Blocking)
		require.Equal(t, s.JobsUndone, s.Returned)
		settled(t, n+1, s)
	}
}

// WaitBlocking waits for the end of the Exec first.
func TestWaitBlockingWaitsForTheEnd(t *testing.T) {
	x := begin(t, exec.Config{Name: "it"})
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	err := x.WaitBlocking(ctx)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.EqualError(t, err, "exec: it: it has not ended: context deadline exceeded")
	onLoop(t, x, func(*exec.Local) { require.ErrorIs(t, x.WaitBlocking(context.Background()), exec.ErrOnLoop) })
	drain(t, x)
	require.NoError(t, x.WaitBlocking(ctx))
}

// A job that fails while OnStop runs is reported after it: what the loop does last is not
// disturbed.
func TestBlockingFailsWhileItsExecEnds(t *testing.T) {
	release, begun, stopped, told := make(chan struct{}), make(chan struct{}), false, 0
	x := begin(t, exec.Config{
		OnPanic: func(exec.Panic) { require.True(t, stopped); told++ },
		OnStop: func(*exec.Local) {
			close(release)
			time.Sleep(10 * time.Millisecond) // the job ends
			stopped = true
		},
	})
	onLoop(t, x, func(l *exec.Local) {
		_, err := exec.GoBlocking(l, func() (int, error) { close(begun); <-release; panic(errPlanted) })
		require.NoError(t, err)
	})
	<-begun
	x.Stop()
	require.NoError(t, x.WaitBlocking(patience(t)))
	require.Equal(t, 1, told)
	settled(t, 2, x.Stats())
}
