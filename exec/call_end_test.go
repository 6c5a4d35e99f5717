package exec_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// noCall is a function for calls that must not be run.
func noCall(t testing.TB) func(*exec.Local) (int, error) {
	return func(*exec.Local) (int, error) { t.Error("it ran"); return 0, nil }
}

// A ctx that has ended already sends nothing; one that ends while the call is queued
// keeps fn from being run, whenever its Exec comes to it.
func TestCallGivenUpIsNotRun(t *testing.T) {
	x := stepped(t, exec.Config{})
	over, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := exec.Call(over, x, noCall(t))
	require.ErrorIs(t, err, context.Canceled)
	require.Zero(t, x.Stats().Depth, "it was not sent")

	short, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	_, err = exec.Call(short, x, noCall(t))
	require.ErrorIs(t, err, context.DeadlineExceeded)
	short, cancel = context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	_, err = exec.CallGo(short, x, func(*exec.Co) (int, error) { t.Error("it ran"); return 0, nil })
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Equal(t, 2, x.Stats().Depth, "they were sent")
	settle(x)
	require.Zero(t, x.Stats().Depth)
	require.Zero(t, x.Stats().Coroutines)
	settled(t, 2, x.Stats())
}

// Whoever gives up while fn runs is let go at once. fn runs to its end.
func TestCallGivenUpWhileItRuns(t *testing.T) {
	x := begin(t, exec.Config{})
	ctx, cancel := context.WithCancel(patience(t))
	release := make(chan struct{})
	var ended atomic.Bool
	_, err := exec.Call(ctx, x, func(*exec.Local) (int, error) {
		cancel()
		<-release // a test may hold a loop up
		ended.Store(true)
		return 1, nil
	})
	require.Equal(t, context.Canceled, err)
	require.False(t, ended.Load())
	close(release)
	eventually(t, "it ran to its end", ended.Load)
}

// The end of ctx cancels the coroutine: its wait ends, with the cause, and its deferred
// functions run.
func TestCallGoIsCancelledWithItsContext(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		x := w.exec(exec.Config{})
		ctx, cancel := context.WithCancelCause(patience(t))
		var begun, cleaned atomic.Bool
		how := make(chan error, 1)
		_, err := outside(w, func(context.Context) (int, error) {
			go func() {
				for !begun.Load() {
					time.Sleep(50 * time.Microsecond)
				}
				cancel(errPlanted)
			}()
			return exec.CallGo(ctx, x, func(co *exec.Co) (int, error) {
				defer cleaned.Store(true)
				begun.Store(true)
				err := forEver(co)
				how <- err
				return 0, err
			})
		})
		require.Error(t, err)
		w.until("the coroutine has ended", cleaned.Load)
		err = <-how
		require.ErrorIs(t, err, exec.ErrCancelled)
		require.ErrorIs(t, err, errPlanted)
		w.until("it is gone", func() bool { return x.Stats().Coroutines == 0 })
		require.EqualValues(t, 1, x.Stats().Cancelled)
	})
}

// ends are the ways in which an Exec comes to an end before it has answered.
var ends = map[string]func(t testing.TB, x *exec.Exec){
	"Stop":  func(_ testing.TB, x *exec.Exec) { x.Stop() },
	"Drain": func(t testing.TB, x *exec.Exec) { _, err := x.Drain(patience(t)); require.NoError(t, err) },
}

// An Exec that is never started answers nothing. Its end does, and so does ctx.
func TestCallOfAnExecThatNeverRuns(t *testing.T) {
	for how, end := range ends {
		t.Run(how, func(t *testing.T) {
			x := stepped(t, exec.Config{Name: "it"})
			errs := make(chan error, 2)
			go func() { _, err := exec.Call(patience(t), x, noCall(t)); errs <- err }()
			go func() {
				_, err := exec.CallGo(patience(t), x, func(*exec.Co) (int, error) { t.Error("it ran"); return 0, nil })
				errs <- err
			}()
			eventually(t, "both are queued", func() bool { return x.Stats().Depth == 2 })
			end(t, x)
			for range 2 {
				err := <-errs
				require.ErrorIs(t, err, exec.ErrClosed)
				require.EqualError(t, err, "exec: it: it ended before it had answered: exec: closed")
			}
			_, err := exec.Call(patience(t), x, noCall(t))
			require.ErrorIs(t, err, exec.ErrClosed, "and from now on")
		})
	}
}

// A call that was queued when its Exec was stopped is not run by whoever gets the undone
// tasks: its caller has been told otherwise.
func TestCallReturnedByDrainIsNotRunElsewhere(t *testing.T) {
	x, y := stepped(t, exec.Config{}), stepped(t, exec.Config{})
	errs := make(chan error, 1)
	go func() { _, err := exec.Call(patience(t), x, noCall(t)); errs <- err }()
	eventually(t, "it is queued", func() bool { return x.Stats().Depth == 1 })
	undone := drain(t, x)
	require.Len(t, undone, 1)
	require.True(t, y.TrySend(undone[0]))
	settle(y)
	require.ErrorIs(t, <-errs, exec.ErrClosed)
}

// Calls that race with the end of the Exec are run and answered, or neither: nobody
// hangs, and nobody is told ErrClosed of what was run.
func TestCallRacesWithTheEnd(t *testing.T) {
	for how, end := range ends {
		t.Run(how, func(t *testing.T) {
			for range sized(5, 20, 500) {
				x := begin(t, exec.Config{InboxCap: 8, Spin: -1})
				var ran, answered atomic.Int64
				var callers sync.WaitGroup
				for range 4 {
					callers.Go(func() {
						for {
							_, err := exec.Call(patience(t), x, func(*exec.Local) (int, error) { ran.Add(1); return 0, nil })
							if err != nil {
								require.ErrorIs(t, err, exec.ErrClosed)
								return
							}
							answered.Add(1)
						}
					})
				}
				for answered.Load() < 20 {
					time.Sleep(10 * time.Microsecond)
				}
				end(t, x)
				callers.Wait()
				require.NoError(t, x.Wait())
				require.Equal(t, ran.Load(), answered.Load())
			}
		})
	}
}

// The end of the Exec cancels the coroutine of a CallGo, whose answer still arrives.
func TestCallGoIsAnsweredWhenItsExecStops(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		x := w.exec(exec.Config{})
		var begun atomic.Bool
		v, err := outside(w, func(ctx context.Context) (int, error) {
			go func() {
				for !begun.Load() {
					time.Sleep(50 * time.Microsecond)
				}
				x.Stop()
			}()
			return exec.CallGo(ctx, x, func(co *exec.Co) (int, error) {
				begun.Store(true)
				return 5, forEver(co)
			})
		})
		require.ErrorIs(t, err, exec.ErrClosed)
		require.ErrorIs(t, err, exec.ErrCancelled)
		require.Equal(t, 5, v)
	})
}
