package exec_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// A callee that has ended, before the first call or later, answers with ErrClosed.
func TestCallFromOfAnExecThatHasEnded(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		for how, end := range ends {
			x, never, y := w.exec(exec.Config{}), w.exec(exec.Config{}), w.exec(exec.Config{})
			call := func(to *exec.Exec) (int, error) {
				return in(w, x, func(co *exec.Co) (int, error) { return exec.CallFrom(co, to, answer(1)) })
			}
			_, err := call(y)
			require.NoError(t, err)
			end(t, never)
			end(t, y)
			for range 3 {
				_, err = call(never)
				require.ErrorIs(t, err, exec.ErrClosed, how)
				_, err = call(y)
				require.ErrorIs(t, err, exec.ErrClosed, how)
			}
		}
	})
}

// A callee that is stopped with requests unanswered: each caller hears it, and the
// requests come back from Drain, to be run by nobody.
func TestCallFromOfAnExecThatIsStopped(t *testing.T) {
	x, y, z := stepped(t, exec.Config{}), stepped(t, exec.Config{}), stepped(t, exec.Config{})
	j := launched(t, x, func(co *exec.Co) (int, error) { return exec.CallFrom(co, y, noCall(t)) })
	undone := drain(t, y)
	require.Len(t, undone, 1)
	require.True(t, z.TrySend(undone[0]))
	settle(z)
	settle(x)
	_, err, ended := j.Result()
	require.True(t, ended)
	require.ErrorIs(t, err, exec.ErrClosed)
	require.EqualError(t, err, "exec: exec: it ended before it had answered: exec: closed")
}

// A caller that sleeps is woken by the end of its callee, though nothing comes from there.
func TestCallFromWakesTheCallerAtTheEnd(t *testing.T) {
	for how, end := range ends {
		t.Run(how, func(t *testing.T) {
			x, y := begin(t, exec.Config{Spin: -1}), stepped(t, exec.Config{})
			errs := make(chan error, 1)
			go func() {
				_, err := exec.CallGo(patience(t), x, func(co *exec.Co) (int, error) { return exec.CallFrom(co, y, noCall(t)) })
				errs <- err
			}()
			eventually(t, "it is sent, and x sleeps", func() bool { return y.Stats().Depth == 1 && exec.Asleep(x) })
			end(t, y)
			require.ErrorIs(t, <-errs, exec.ErrClosed)
		})
	}
}

// What a callee has answered in its last turn arrives, and only the rest is ErrClosed.
func TestCallFromOfAnExecThatStopsItself(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		x, y := w.exec(exec.Config{}), w.exec(exec.Config{Burst: 100})
		v, err := in(w, x, func(co *exec.Co) (int, error) {
			begun := false // y's own
			waits, err := exec.Go(co.Local(), func(co *exec.Co) (int, error) {
				return exec.CallGoFrom(co, y, func(co *exec.Co) (int, error) { begun = true; return 3, forEver(co) })
			})
			require.NoError(t, err)
			for seen := false; !seen; {
				seen, err = exec.CallFrom(co, y, func(*exec.Local) (bool, error) { return begun, nil })
				require.NoError(t, err)
			}
			v, err := exec.CallFrom(co, y, func(l *exec.Local) (int, error) { l.Exec().Stop(); return 4, nil })
			require.NoError(t, err)
			u, err := waits.Await(co)
			require.ErrorIs(t, err, exec.ErrClosed)
			require.ErrorIs(t, err, exec.ErrCancelled, "it was cancelled, and said so")
			return v + u, nil
		})
		require.NoError(t, err)
		require.Equal(t, 7, v)
	})
}

// A request that is staged when its callee begins to drain is refused, and its caller is
// told at once: the drain may wait for something that waits for this caller.
func TestCallFromOfAnExecThatBeginsToDrain(t *testing.T) {
	x, y := stepped(t, exec.Config{}), begin(t, exec.Config{})
	release := make(chan struct{})
	onLoop(t, y, func(l *exec.Local) {
		_, err := exec.GoBlocking(l, func() (int, error) { <-release; return 0, nil })
		require.NoError(t, err)
	})
	drained := make(chan error, 1)
	// In one turn: the coroutine asks, and then, before the turn ends, the drain begins.
	require.True(t, x.TrySend(exec.Func(func(*exec.Local) {
		go func() { _, err := y.Drain(patience(t)); drained <- err }()
		eventually(t, "y refuses", func() bool { return !y.TrySend(nop{}) && !y.TryControl(nop{}) })
	})))
	j := launched(t, x, func(co *exec.Co) (int, error) { return exec.CallFrom(co, y, noCall(t)) })
	for range 5 {
		x.Step()
	}
	require.False(t, y.Ended())
	require.True(t, j.Finished(), "the caller was told")
	_, err, _ := j.Result()
	require.ErrorIs(t, err, exec.ErrClosed)
	close(release)
	require.NoError(t, <-drained)
}

// A caller that gives up while the call is queued: it is not run. One that gives up later
// leaves a function alone, and cancels a coroutine.
func TestCallFromGivenUp(t *testing.T) {
	give := map[string]func(t *testing.T, x *exec.Exec, now *time.Duration, j *exec.Join[int]){
		"abort": func(t *testing.T, x *exec.Exec, _ *time.Duration, j *exec.Join[int]) {
			inOneStep(t, x, func(*exec.Local) { j.Abort() })
		},
		"timeout": func(_ *testing.T, x *exec.Exec, now *time.Duration, _ *exec.Join[int]) {
			*now += time.Second
			settle(x)
		},
	}
	want := map[string]error{"abort": exec.ErrCancelled, "timeout": exec.ErrTimeout}
	for how, up := range give {
		t.Run(how, func(t *testing.T) {
			x, now := faked(t, exec.Config{})
			y := stepped(t, exec.Config{})
			caller := func(body func(co *exec.Co) (int, error)) *exec.Join[int] {
				return launched(t, x, func(co *exec.Co) (v int, err error) {
					err = co.Within(time.Second, func() error { v, err = body(co); return err })
					return v, err
				})
			}
			queued := caller(func(co *exec.Co) (int, error) { return exec.CallFrom(co, y, noCall(t)) })
			up(t, x, now, queued)
			settle(x)
			_, err, _ := queued.Result()
			require.ErrorIs(t, err, want[how], "at once")
			queued = caller(func(co *exec.Co) (int, error) {
				return exec.CallGoFrom(co, y, func(*exec.Co) (int, error) { t.Error("it ran"); return 0, nil })
			})
			up(t, x, now, queued)
			stepAll(x, y)
			_, err, _ = queued.Result()
			require.ErrorIs(t, err, want[how])

			var inside error
			running := caller(func(co *exec.Co) (int, error) {
				return exec.CallGoFrom(co, y, func(co *exec.Co) (int, error) {
					inside = forEver(co)
					return 0, inside
				})
			})
			stepAll(x, y)
			require.Equal(t, 1, y.Stats().Coroutines)
			up(t, x, now, running)
			stepAll(x, y)
			_, err, _ = running.Result()
			require.ErrorIs(t, err, want[how])
			require.ErrorIs(t, inside, exec.ErrCancelled)
			require.Zero(t, y.Stats().Coroutines)

			// A function cannot be interrupted: it has returned when the caller gives up.
			ran := 0
			served := caller(func(co *exec.Co) (int, error) {
				return exec.CallFrom(co, y, func(*exec.Local) (int, error) { ran++; return 0, nil })
			})
			y.Step()
			up(t, x, now, served)
			stepAll(x, y)
			require.Equal(t, 1, ran)
			require.True(t, served.Finished())
			// All the room is there again.
			joins, _ := crowd(t, x, y, exec.MaxCalls)
			require.Equal(t, exec.MaxCalls, y.Stats().Depth)
			stepAll(x, y)
			require.True(t, joins[len(joins)-1].Finished())
		})
	}
}

// The end of the caller's Exec does not disturb the callee: what runs there for it is
// cancelled or runs to its end, and the answers are dropped.
func TestCallFromOfACallerThatEnds(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		x, y := w.exec(exec.Config{}), w.exec(exec.Config{})
		var begun, cancelled atomic.Bool
		errs := make(chan error, 3)
		ask := func(co *exec.Co) (int, error) {
			v, err := exec.CallGoFrom(co, y, func(co *exec.Co) (int, error) {
				begun.Store(true)
				err := forEver(co)
				cancelled.Store(true)
				return 0, err
			})
			errs <- err
			return v, err
		}
		launchIn(w, x, ask)
		w.until("it runs", begun.Load)
		x.Stop()
		w.until("x has ended", x.Ended)
		require.ErrorIs(t, <-errs, exec.ErrCancelled)
		w.until("y's coroutine has been cancelled", func() bool { return cancelled.Load() && y.Stats().Coroutines == 0 })
		v, err := in(w, w.exec(exec.Config{}), func(co *exec.Co) (int, error) { return exec.CallFrom(co, y, answer(1)) })
		require.NoError(t, err, "y goes on")
		require.Equal(t, 1, v)
		require.Zero(t, y.Stats().Panics)
		w.until("y forgets x", func() bool { return exec.Callers(y) <= 1 })
	})
}

// launchIn starts a coroutine and does not wait for it.
func launchIn[T any](w *world, x *exec.Exec, f func(co *exec.Co) (T, error)) {
	w.t.Helper()
	if w.stepped {
		launched(w.t, x, f)
		return
	}
	onLoop(w.t, x, func(l *exec.Local) {
		_, err := exec.Go(l, f)
		require.NoError(w.t, err)
	})
}

// A Drain of the caller waits for its calls, which complete.
func TestCallFromCompletesInADrain(t *testing.T) {
	x, y := begin(t, exec.Config{}), begin(t, exec.Config{})
	const n = 2 * exec.MaxCalls
	got := 0 // x's own
	onLoop(t, x, func(l *exec.Local) {
		for range n {
			_, err := exec.Go(l, func(co *exec.Co) (int, error) {
				v, err := exec.CallGoFrom(co, y, func(co *exec.Co) (int, error) { return 1, co.Sleep(time.Millisecond) })
				got += v
				return v, err
			})
			require.NoError(t, err)
		}
	})
	require.Empty(t, drain(t, x))
	require.Equal(t, n, got)
	settled(t, 1+n, x.Stats())
	require.Empty(t, drain(t, y))
}
