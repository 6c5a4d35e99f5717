package exec_test

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// outside calls from a goroutine of its own, while the world goes on.
func outside[T any](w *world, call func(ctx context.Context) (T, error)) (v T, err error) {
	w.t.Helper()
	ctx, ended := patience(w.t), make(chan struct{})
	go func() {
		defer close(ended)
		v, err = call(ctx)
	}()
	w.until("the call has ended", func() bool {
		select {
		case <-ended:
			return true
		default:
			return false
		}
	})
	return v, err
}

// What fn returns comes back, the value beside an error, too.
func TestCallReturnsWhatTheFunctionReturns(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		x := w.exec(exec.Config{})
		for _, want := range []error{nil, errPlanted} {
			v, err := outside(w, func(ctx context.Context) (int, error) {
				return exec.Call(ctx, x, func(l *exec.Local) (int, error) {
					require.True(t, exec.OnLoop())
					require.Equal(t, x, l.Exec())
					return 42, want
				})
			})
			require.Equal(t, want, err)
			require.Equal(t, 42, v)
			v, err = outside(w, func(ctx context.Context) (int, error) {
				return exec.CallGo(ctx, x, func(co *exec.Co) (int, error) {
					require.Equal(t, x, co.Local().Exec())
					require.NoError(t, co.Yield())
					require.NoError(t, co.Sleep(time.Microsecond))
					return 43, want
				})
			})
			require.Equal(t, want, err)
			require.Equal(t, 43, v)
		}
	})
}

// A call that panics or exits is answered, reported once, and counted as failed.
func TestCallThatFailsIsAnswered(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		for name, end := range map[string]struct {
			f     func()
			value any
		}{
			"panic":  {func() { panic(errPlanted) }, errPlanted},
			"goexit": {runtime.Goexit, nil},
		} {
			if w.stepped && name == "goexit" {
				continue // it would end the goroutine that steps
			}
			seen := make(chan exec.Panic, 10)
			x := w.exec(exec.Config{Name: "it", OnPanic: func(p exec.Panic) { seen <- p }})
			_, err := outside(w, func(ctx context.Context) (int, error) {
				return exec.Call(ctx, x, func(*exec.Local) (int, error) { end.f(); return 1, nil })
			})
			isPanic(t, err, end.value)
			p := <-seen
			require.False(t, p.Coroutine)
			require.Contains(t, string(p.Stack), "exec_test.")
			_, err = outside(w, func(ctx context.Context) (int, error) {
				return exec.CallGo(ctx, x, func(*exec.Co) (int, error) { end.f(); return 1, nil })
			})
			isPanic(t, err, end.value)
			require.True(t, (<-seen).Coroutine)
			v, err := outside(w, func(ctx context.Context) (int, error) { return exec.Call(ctx, x, answer(7)) })
			require.NoError(t, err, "it goes on")
			require.Equal(t, 7, v)
			require.Empty(t, seen)
			w.until("Stats shows it", func() bool { return x.Stats().Panics == 2 })
			require.EqualValues(t, 2, x.Stats().TasksFailed)
			if name == "panic" {
				require.ErrorIs(t, exec.Panic{Value: errPlanted}, errPlanted)
			}
		}
	})
}

// On any loop, its own or another's, a call is refused and fn does not run.
func TestCallOnALoop(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		x, y := w.exec(exec.Config{}), w.exec(exec.Config{})
		for _, to := range []*exec.Exec{x, y} {
			_, err := in(w, x, func(co *exec.Co) (int, error) {
				_, err := exec.Call(context.Background(), to, func(*exec.Local) (int, error) { t.Error("it ran"); return 0, nil })
				require.Equal(t, exec.ErrOnLoop, err)
				return exec.CallGo(context.Background(), to, func(*exec.Co) (int, error) { t.Error("it ran"); return 0, nil })
			})
			require.Equal(t, exec.ErrOnLoop, err)
		}
	})
}

func TestCallOfANilFunction(t *testing.T) {
	x := stepped(t, exec.Config{})
	ctx := context.Background()
	require.PanicsWithValue(t, "exec: Call of a nil function", func() { _, _ = exec.Call[int](ctx, x, nil) })
	require.PanicsWithValue(t, "exec: CallGo of a nil function", func() { _, _ = exec.CallGo[int](ctx, x, nil) })
	j := launched(t, x, func(co *exec.Co) (int, error) {
		require.PanicsWithValue(t, "exec: CallFrom of a nil function", func() { _, _ = exec.CallFrom[int](co, x, nil) })
		require.PanicsWithValue(t, "exec: CallGoFrom of a nil function", func() { _, _ = exec.CallGoFrom[int](co, x, nil) })
		return 0, nil
	})
	require.True(t, j.Finished())
}

// A call waits for room in a full inbox.
func TestCallWaitsForRoom(t *testing.T) {
	w := &world{t: t, stepped: true}
	x := w.exec(exec.Config{InboxCap: 1})
	require.True(t, x.TrySend(nop{}))
	short, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	_, err := exec.Call(short, x, func(*exec.Local) (int, error) { t.Error("it ran"); return 0, nil })
	require.ErrorIs(t, err, context.DeadlineExceeded, "nobody made room")
	v, err := outside(w, func(ctx context.Context) (int, error) { return exec.Call(ctx, x, answer(1)) })
	require.NoError(t, err)
	require.Equal(t, 1, v)
}

// Every coroutine of CallGo counts; the limit is an answer, too.
func TestCallGoBeyondMaxCoroutines(t *testing.T) {
	w := &world{t: t, stepped: true}
	x := w.exec(exec.Config{MaxCoroutines: 1})
	launched(t, x, func(co *exec.Co) (int, error) { return 0, forEver(co) })
	_, err := outside(w, func(ctx context.Context) (int, error) {
		return exec.CallGo(ctx, x, func(*exec.Co) (int, error) { return 0, nil })
	})
	require.ErrorIs(t, err, exec.ErrTooMany)
}
