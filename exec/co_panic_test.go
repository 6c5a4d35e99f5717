package exec_test

import (
	"errors"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// coroutineCrash is what the stack of a coroutine that panics must name.
//
//go:noinline
func coroutineCrash() { panic(errCrash) }

var errCrash = errors.New("the end of a coroutine")

// A panic ends the coroutine. Its value and its own stack are in the error of the Join and
// in OnPanic, and what else was ready in that round still runs in it.
func TestPanicInACoroutine(t *testing.T) {
	for when, crash := range map[string]func(co *exec.Co) error{
		"at once":      func(*exec.Co) error { coroutineCrash(); return nil },
		"after a wait": func(co *exec.Co) error { _ = co.Yield(); coroutineCrash(); return nil },
		"in a deferred function": func(co *exec.Co) error {
			defer coroutineCrash()
			return co.Yield()
		},
		"twice": func(co *exec.Co) error {
			defer coroutineCrash()
			panic("covered")
		},
	} {
		t.Run(when, func(t *testing.T) {
			var seen atomic.Pointer[exec.Panic]
			cfg := exec.Config{Name: "it", OnPanic: func(p exec.Panic) { seen.Store(&p) }}
			onBoth(t, cfg, func(t *testing.T, h *host) {
				var bad *exec.Join[none]
				beside := 0
				h.do(func(l *exec.Local) {
					bad = spawn(l, crash)
					spawn(l, func(co *exec.Co) error {
						beside++
						_ = co.Yield()
						beside++
						return nil
					})
				})
				err := h.ended(bad)
				var p exec.Panic
				require.True(t, errors.As(err, &p))
				require.Equal(t, errCrash, p.Value)
				require.True(t, p.Coroutine)
				require.False(t, p.Goexit)
				require.Nil(t, p.Task)
				require.Equal(t, "it", p.Exec)
				require.Contains(t, string(p.Stack), "exec_test.coroutineCrash(")
				require.EqualError(t, p, "exec: it: coroutine: panic: the end of a coroutine")
				h.until("the one beside it went on", func() bool { return beside == 2 })
				require.Equal(t, p, *seen.Load())
				h.do(func(l *exec.Local) {
					s := l.Stats()
					require.EqualValues(t, 1, s.Panics)
					require.EqualValues(t, 1, s.TasksFailed)
					require.Zero(t, s.Coroutines)
				})
			})
		})
	}
}

// A panic while the coroutine is being cancelled is a panic like any other.
func TestPanicWhileCancelled(t *testing.T) {
	for _, how := range []string{"Abort", "Stop"} {
		t.Run(how, func(t *testing.T) {
			var reported atomic.Int64
			cfg := exec.Config{OnPanic: func(exec.Panic) { reported.Add(1) }}
			onBoth(t, cfg, func(t *testing.T, h *host) {
				reported.Store(0)
				var js []*exec.Join[none]
				for range 3 {
					js = append(js, h.waiting(func(co *exec.Co) error {
						defer coroutineCrash()
						return co.Park()
					}))
				}
				if how == "Abort" {
					h.do(func(*exec.Local) {
						for _, j := range js {
							j.Abort()
						}
					})
					for _, j := range js {
						require.ErrorAs(t, h.ended(j), new(exec.Panic))
					}
				}
				h.x.Stop()
				require.NoError(t, h.x.Wait())
				for _, j := range js {
					_, err, ended := j.Result()
					require.True(t, ended)
					require.ErrorAs(t, err, new(exec.Panic))
				}
				require.EqualValues(t, 3, reported.Load())
				require.EqualValues(t, 3, h.x.Stats().TasksFailed)
			})
		})
	}
}

// In Step, without OnPanic, the panic comes out of Step, and the Exec may be stepped on.
func TestPanicOfACoroutineComesOutOfStep(t *testing.T) {
	x := stepped(t, exec.Config{})
	ran := 0
	require.True(t, x.TrySend(exec.Func(func(l *exec.Local) {
		spawn(l, func(*exec.Co) error { ran++; return nil })
		spawn(l, func(*exec.Co) error { coroutineCrash(); return nil })
		spawn(l, func(*exec.Co) error { ran++; return nil })
	})))
	func() {
		defer func() {
			p, ok := recover().(exec.Panic)
			require.True(t, ok)
			require.Equal(t, errCrash, p.Value)
			require.Contains(t, string(p.Stack), "exec_test.coroutineCrash(")
		}()
		x.Step()
	}()
	require.False(t, exec.OnLoop())
	require.Equal(t, 1, ran)
	settle(x)
	require.Equal(t, 2, ran)
	s := x.Stats()
	require.EqualValues(t, 1, s.Panics)
	require.EqualValues(t, 1, s.TasksFailed)
	settled(t, 4, s)
}

// In Stop of an Exec that is stepped it comes out of Stop, which has done its work all the
// same.
func TestPanicOfACoroutineComesOutOfStop(t *testing.T) {
	before := count()
	x, err := exec.New(exec.Config{})
	require.NoError(t, err)
	h := &host{t, x, false}
	var js []*exec.Join[none]
	for i := range 6 {
		js = append(js, h.waiting(func(co *exec.Co) error {
			if i%3 == 0 {
				defer coroutineCrash()
			}
			return co.Park()
		}))
	}
	func() {
		defer func() {
			p, ok := recover().(exec.Panic)
			require.True(t, ok)
			require.Equal(t, errCrash, p.Value)
		}()
		x.Stop()
	}()
	require.False(t, exec.OnLoop())
	require.True(t, x.Ended())
	for _, j := range js {
		require.True(t, j.Finished())
	}
	require.Empty(t, drain(t, x))
	require.EqualValues(t, 2, x.Stats().TasksFailed)
	require.EqualValues(t, 2, x.Stats().Panics)
	before.goroutinesGone(t)
}

// On a thread, without OnPanic, it ends the program, which shows the coroutine's stack.
func TestPanicOfACoroutineEndsTheProgram(t *testing.T) {
	const variable = "EXEC_TEST_COROUTINE_CRASH"
	crashes := map[string]func(x *exec.Exec, l *exec.Local){
		"at once":      func(_ *exec.Exec, l *exec.Local) { spawn(l, func(*exec.Co) error { coroutineCrash(); return nil }) },
		"after a wait": func(_ *exec.Exec, l *exec.Local) { spawn(l, crashLater) },
		"while the Exec ends": func(x *exec.Exec, l *exec.Local) {
			spawn(l, func(co *exec.Co) error {
				defer coroutineCrash()
				x.Stop()
				return co.Park()
			})
		},
	}
	if how := os.Getenv(variable); how != "" {
		x := begin(t, exec.Config{})
		onLoop(t, x, func(l *exec.Local) { crashes[how](x, l) })
		time.Sleep(time.Minute) // a program that goes on
		return
	}
	for how := range crashes {
		t.Run(how, func(t *testing.T) {
			out := diesOfPanic(t, "TestPanicOfACoroutineEndsTheProgram", variable+"="+how)
			require.Contains(t, out, "panic: the end of a coroutine\n")
			require.Contains(t, out, "exec_test.coroutineCrash(", "the stack where it happened")
			require.Equal(t, 1, strings.Count(out, "the end of a coroutine"), "%s", out)
		})
	}
}

func crashLater(co *exec.Co) error {
	if err := co.Sleep(time.Millisecond); err != nil {
		return err
	}
	coroutineCrash()
	return nil
}
