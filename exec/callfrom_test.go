package exec_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

func TestCallFromReturnsWhatTheFunctionReturns(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		x, y := w.exec(exec.Config{Name: "x"}), w.exec(exec.Config{Name: "y"})
		for _, to := range []*exec.Exec{y, x} { // x: its own
			for _, want := range []error{nil, errPlanted} {
				v, err := in(w, x, func(co *exec.Co) (int, error) {
					return exec.CallFrom(co, to, func(l *exec.Local) (int, error) {
						require.Equal(t, to, l.Exec())
						require.Positive(t, l.Now())
						return 42, want
					})
				})
				require.Equal(t, want, err)
				require.Equal(t, 42, v)
				v, err = in(w, x, func(co *exec.Co) (int, error) {
					return exec.CallGoFrom(co, to, func(co *exec.Co) (int, error) {
						require.Equal(t, to, co.Local().Exec())
						require.NoError(t, co.Yield())
						require.NoError(t, co.Sleep(time.Microsecond))
						return 43, want
					})
				})
				require.Equal(t, want, err)
				require.Equal(t, 43, v)
			}
		}
	})
}

// While a coroutine waits for an answer the loop goes on, and so does every other call.
func TestCallFromDoesNotHoldUpTheLoop(t *testing.T) {
	x, y := stepped(t, exec.Config{}), stepped(t, exec.Config{})
	j := launched(t, x, func(co *exec.Co) (int, error) { return exec.CallFrom(co, y, answer(1)) })
	for range 10 {
		inOneStep(t, x, func(*exec.Local) {})
	}
	require.False(t, j.Finished())
	y.Step()
	require.False(t, j.Finished(), "the answer is on its way")
	stepAll(x)
	require.True(t, j.Finished())
}

// Both directions at once: each loop serves the other's calls while its own are away.
func TestCallFromBothDirections(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		x, y := w.exec(exec.Config{}), w.exec(exec.Config{})
		n := sized(20, 100, 2000)
		both := func(co *exec.Co, to *exec.Exec) (sum int, err error) {
			for i := range n {
				v, err := exec.CallFrom(co, to, answer(i))
				if err != nil {
					return 0, err
				}
				sum += v
			}
			return sum, nil
		}
		v, err := in(w, x, func(co *exec.Co) (int, error) {
			back, err := exec.Go(co.Local(), func(co *exec.Co) (int, error) {
				return exec.CallGoFrom(co, y, func(co *exec.Co) (int, error) { return both(co, x) })
			})
			require.NoError(t, err)
			a, err := both(co, y)
			require.NoError(t, err)
			b, err := back.Await(co)
			return a + b, err
		})
		require.NoError(t, err)
		require.Equal(t, n*(n-1), v)
	})
}

// Two stepped Execs play the same game every time: a request leaves at the end of the
// caller's turn, and its answer at the end of the callee's.
func TestCallFromPingPongByStep(t *testing.T) {
	play := func() (log []string) {
		x, y := stepped(t, exec.Config{}), stepped(t, exec.Config{})
		say := func(format string, args ...any) { log = append(log, fmt.Sprintf(format, args...)) }
		j := launched(t, x, func(co *exec.Co) (int, error) {
			for i := range 2 {
				say("ask %d", i)
				v, err := exec.CallFrom(co, y, func(*exec.Local) (int, error) { say("serve %d", i); return 10 + i, nil })
				say("got %d %v", v, err)
			}
			return 0, nil
		})
		for turn := 0; !j.Finished(); turn++ {
			require.Less(t, turn, 10)
			say("y")
			y.Step()
			say("x")
			x.Step() // takes the answer
			x.Step() // goes on
		}
		return log
	}
	want := []string{
		"ask 0",
		"y", "serve 0", "x", "got 10 <nil>", "ask 1",
		"y", "serve 1", "x", "got 11 <nil>",
	}
	for range 3 {
		require.Equal(t, want, play())
	}
}

// A callee that panics or exits is answered for, and goes on.
func TestCallFromThatFailsIsAnswered(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		for name, end := range map[string]struct {
			f     func()
			value any
		}{
			"panic":  {func() { panic("it") }, "it"},
			"goexit": {runtime.Goexit, nil},
		} {
			if w.stepped && name == "goexit" {
				continue // it would end the goroutine that steps
			}
			x, y := w.exec(exec.Config{Name: "x"}), w.exec(exec.Config{Name: "y"})
			_, err := in(w, x, func(co *exec.Co) (int, error) {
				_, err := exec.CallFrom(co, y, func(*exec.Local) (int, error) { end.f(); return 1, nil })
				isPanic(t, err, end.value)
				require.Contains(t, err.Error(), "exec: y: ", "it says where")
				_, err = exec.CallGoFrom(co, y, func(*exec.Co) (int, error) { end.f(); return 1, nil })
				isPanic(t, err, end.value)
				v, err := exec.CallFrom(co, y, answer(7))
				require.Equal(t, 7, v)
				return 0, err
			})
			require.NoError(t, err, name)
			w.until("y shows both", func() bool { return y.Stats().Panics == 2 })
			require.Zero(t, x.Stats().Panics)
		}
	})
}

// A batch of calls of which one panics: only that one fails.
func TestCallFromFailsOneByOne(t *testing.T) {
	x, y := stepped(t, exec.Config{}), stepped(t, exec.Config{OnPanic: func(exec.Panic) {}})
	joins := make([]*exec.Join[int], 5)
	inOneStep(t, x, func(l *exec.Local) {
		for i := range joins {
			var err error
			joins[i], err = exec.Go(l, func(co *exec.Co) (int, error) {
				return exec.CallFrom(co, y, func(*exec.Local) (int, error) {
					if i == 2 {
						panic(i)
					}
					return i, nil
				})
			})
			require.NoError(t, err)
		}
	})
	stepAll(x, y)
	for i, j := range joins {
		v, err, ended := j.Result()
		require.True(t, ended)
		if i == 2 {
			isPanic(t, err, 2)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, i, v)
	}
	settled(t, 5, y.Stats())
}
