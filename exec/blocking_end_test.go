package exec_test

import (
	"errors"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// Cancel keeps a job that has not begun from being run, and does nothing to another.
func TestBlockingCancel(t *testing.T) {
	w := &world{t: t, stepped: true}
	x := w.exec(exec.Config{MaxBlocking: 1})
	release, begun := make(chan struct{}), make(chan struct{})
	var first, second *exec.Job[int]
	inOneStep(t, x, func(l *exec.Local) {
		var err error
		first, err = exec.GoBlocking(l, func() (int, error) { close(begun); <-release; return 1, nil })
		require.NoError(t, err)
		second, err = exec.GoBlocking(l, func() (int, error) { t.Error("it ran"); return 2, nil })
		require.NoError(t, err)
	})
	<-begun
	waits := launched(t, x, func(co *exec.Co) (int, error) { return second.Await(co) })
	inOneStep(t, x, func(*exec.Local) {
		require.False(t, first.Cancel(), "it has begun")
		require.False(t, first.Finished())
		require.True(t, second.Cancel())
		require.False(t, second.Cancel())
		require.True(t, second.Finished())
	})
	settle(x)
	_, err, _ := waits.Result()
	require.ErrorIs(t, err, exec.ErrCancelled)
	close(release)
	w.until("the first is over", first.Finished)
	inOneStep(t, x, func(*exec.Local) { require.False(t, first.Cancel()) })
	v, err, _ := first.Result()
	require.NoError(t, err)
	require.Equal(t, 1, v)
	require.Zero(t, x.Stats().Blocking)
}

// A coroutine whose wait ends early takes a job back that has not begun, and leaves one
// that has alone.
func TestBlockingOfACoroutineThatGivesUp(t *testing.T) {
	x, now := faked(t, exec.Config{MaxBlocking: 1})
	release, begun := make(chan struct{}), make(chan struct{})
	var ended atomic.Bool
	running := launched(t, x, func(co *exec.Co) (int, error) {
		return exec.Blocking(co, func() (int, error) { close(begun); <-release; ended.Store(true); return 1, nil })
	})
	<-begun
	queued := launched(t, x, func(co *exec.Co) (int, error) {
		return exec.Blocking(co, func() (int, error) { t.Error("it ran"); return 1, nil })
	})
	late := launched(t, x, func(co *exec.Co) (v int, err error) {
		return v, co.Within(time.Second, func() error {
			v, err = exec.Blocking(co, func() (int, error) { t.Error("it ran"); return 1, nil })
			return err
		})
	})
	*now += time.Second
	inOneStep(t, x, func(*exec.Local) { running.Abort(); queued.Abort() })
	settle(x)
	for _, j := range []*exec.Join[int]{running, queued} {
		_, err, over := j.Result()
		require.True(t, over)
		require.ErrorIs(t, err, exec.ErrCancelled)
	}
	_, err, _ := late.Result()
	require.ErrorIs(t, err, exec.ErrTimeout)
	require.Equal(t, 1, x.Stats().Blocking, "the one that has begun")
	close(release)
	eventually(t, "it is over", func() bool { settle(x); return x.Stats().Blocking == 0 })
	require.True(t, ended.Load())
}

// A Drain waits for jobs, those queued included.
func TestBlockingIsWaitedForByDrain(t *testing.T) {
	x := begin(t, exec.Config{MaxBlocking: 1, Spin: -1})
	var ran atomic.Int64
	onLoop(t, x, func(l *exec.Local) {
		for range 5 {
			_, err := exec.GoBlocking(l, func() (int, error) { time.Sleep(time.Millisecond); ran.Add(1); return 0, nil })
			require.NoError(t, err)
		}
	})
	require.Empty(t, drain(t, x))
	require.EqualValues(t, 5, ran.Load())
	require.Zero(t, x.Stats().Blocking)
	eventually(t, "its goroutines have ended", func() bool { return exec.Workers(x) == 0 })
}

// Stop does not: what has begun goes on without it, what has not never will, and the
// goroutines end.
func TestBlockingIsNotWaitedForByStop(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		for _, coroutine := range []bool{false, true} {
			before := runtime.NumGoroutine()
			x := w.exec(exec.Config{MaxBlocking: 1})
			release, begun := make(chan struct{}), make(chan struct{})
			errs := make(chan error, 1)
			start := func(l *exec.Local) error {
				_, err := exec.GoBlocking(l, func() (int, error) { close(begun); <-release; return 0, nil })
				require.NoError(t, err)
				_, err = exec.GoBlocking(l, func() (int, error) { t.Error("it ran"); return 0, nil })
				return err
			}
			if coroutine {
				launchIn(w, x, func(co *exec.Co) (int, error) {
					require.NoError(t, start(co.Local()))
					v, err := exec.Blocking(co, func() (int, error) { t.Error("it ran"); return 0, nil })
					errs <- err
					return v, err
				})
			} else if w.stepped {
				inOneStep(t, x, func(l *exec.Local) { require.NoError(t, start(l)) })
			} else {
				onLoop(t, x, func(l *exec.Local) { require.NoError(t, start(l)) })
			}
			<-begun
			x.Stop()
			require.NoError(t, x.Wait())
			if coroutine {
				require.ErrorIs(t, <-errs, exec.ErrClosed)
			}
			require.Equal(t, 1, exec.Workers(x))
			close(release)
			eventually(t, "its goroutine has ended", func() bool { return exec.Workers(x) == 0 })
			if !w.stepped {
				eventually(t, "and all others", func() bool { return runtime.NumGoroutine() <= before })
			}
		}
	})
}

// Where the Exec ends, no job begins any more.
func TestBlockingWhileItEnds(t *testing.T) {
	var err error
	x := begin(t, exec.Config{OnStop: func(l *exec.Local) {
		_, err = exec.GoBlocking(l, func() (int, error) { t.Error("it ran"); return 0, nil })
	}})
	x.Stop()
	require.NoError(t, x.Wait())
	require.ErrorIs(t, err, exec.ErrClosed)
}

// Goroutines that have had nothing to do for a while end, and others come when needed.
func TestBlockingGoroutinesLeaveWhenIdle(t *testing.T) {
	x, err := exec.New(exec.Config{Spin: -1})
	require.NoError(t, err)
	exec.SetIdleWorker(x, time.Millisecond)
	startForTest(t, x)
	for range 3 {
		v, err := exec.CallGo(patience(t), x, func(co *exec.Co) (int, error) {
			return exec.Blocking(co, func() (int, error) { return 1, nil })
		})
		require.NoError(t, err)
		require.Equal(t, 1, v)
		eventually(t, "it has left", func() bool { return exec.Workers(x) == 0 })
	}
}

// With OnPanic a panic in a job is reported on the loop, is the job's error, and the
// goroutine goes on.
func TestBlockingThatPanics(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		for how, end := range map[string]func(){"panic": func() { panic(errPlanted) }, "exit": runtime.Goexit} {
			var seen reports
			x := w.exec(exec.Config{Name: "it", OnPanic: func(p exec.Panic) {
				require.True(t, exec.OnLoop())
				seen.add(p)
			}})
			got, err := in(w, x, func(co *exec.Co) (reports, error) {
				_, err := exec.Blocking(co, func() (int, error) { end(); return 0, nil })
				var p exec.Panic
				require.ErrorAs(t, err, &p)
				require.True(t, p.Blocking)
				require.Equal(t, how == "exit", p.Goexit)
				require.Equal(t, how == "panic", errors.Is(err, errPlanted))
				require.Contains(t, err.Error(), "exec: it: blocking work: ")
				_, err = exec.Blocking(co, func() (int, error) { return 0, nil })
				return seen, err
			})
			require.NoError(t, err)
			require.Len(t, got, 1)
			require.Contains(t, string(got[0].Stack), "exec_test.TestBlockingThatPanics")
		}
	})
}

// Without OnPanic it ends the program, with its own stack, also when the Exec has ended; a
// Goexit does not.
func TestBlockingPanicEndsTheProgram(t *testing.T) {
	const variable = "EXEC_TEST_BLOCKING_CRASH"
	if when := os.Getenv(variable); when != "" {
		x := begin(t, exec.Config{})
		_, err := exec.CallGo(patience(t), x, func(co *exec.Co) (int, error) {
			_, err := exec.Blocking(co, func() (int, error) { runtime.Goexit(); return 0, nil })
			isPanic(t, err, nil)
			return exec.Blocking(co, func() (int, error) {
				if when == "afterwards" {
					x.Stop()
					_ = x.Wait()
				}
				crashHere()
				return 0, nil
			})
		})
		t.Log(err)
		time.Sleep(time.Minute) // a program that goes on
		return
	}
	for _, when := range []string{"meanwhile", "afterwards"} {
		out := diesOfPanic(t, "TestBlockingPanicEndsTheProgram", variable+"="+when)
		require.Contains(t, out, "panic: the end of it\n")
		require.Contains(t, out, "exec_test.crashHere(")
		require.Equal(t, 1, strings.Count(out, "panic: "), "%s", out)
	}
}
