package exec_test

import (
	"errors"
	"log/slog"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// failures are ways to fail on the loop of x.
var failures = map[string]func(t *testing.T, w *world, x *exec.Exec){
	"task": func(t *testing.T, _ *world, x *exec.Exec) {
		require.True(t, x.TrySend(exec.Func(func(*exec.Local) { panic(errPlanted) })))
	},
	"coroutine": func(t *testing.T, _ *world, x *exec.Exec) {
		require.True(t, x.TrySend(exec.Func(func(l *exec.Local) {
			_, err := exec.Go(l, func(*exec.Co) (int, error) { panic(errPlanted) })
			require.NoError(t, err)
		})))
	},
	"blocking work": func(t *testing.T, _ *world, x *exec.Exec) {
		require.True(t, x.TrySend(exec.Func(func(l *exec.Local) {
			_, err := exec.GoBlocking(l, func() (int, error) { panic(errPlanted) })
			require.NoError(t, err)
		})))
	},
}

// Panic.Stop as OnPanic: one panic ends one Exec, and Wait returns it.
func TestPanicStop(t *testing.T) {
	for name, fail := range failures {
		t.Run(name, func(t *testing.T) {
			for _, isStepped := range []bool{true, false} {
				x, err := exec.New(exec.Config{Name: "it", OnPanic: exec.Panic.Stop, Spin: -1})
				require.NoError(t, err)
				w := &world{t: t, stepped: isStepped, execs: []*exec.Exec{x}}
				if !isStepped {
					require.NoError(t, x.Start())
				}
				fail(t, w, x)
				w.until("it has ended", x.Ended)
				err = x.Wait()
				var p exec.Panic
				require.True(t, errors.As(err, &p), "%v", err)
				require.Equal(t, errPlanted, p.Value)
				require.ErrorIs(t, err, errPlanted)
				require.Contains(t, string(p.Stack), "exec_test.")
				require.Contains(t, err.Error(), "exec: it: ")
				require.False(t, x.TrySend(nop{}))
			}
		})
	}
}

// The first panic is the one that counts; what waits is returned; others go on.
func TestPanicStopEndsOneExec(t *testing.T) {
	other := begin(t, exec.Config{OnPanic: exec.Panic.Stop})
	x := stepped(t, exec.Config{OnPanic: exec.Panic.Stop, Burst: 2})
	require.True(t, x.TrySend(boom("one")))
	require.True(t, x.TrySend(nop{}))
	require.True(t, x.TryControl(boom("zero")))
	settle(x)
	isPanic(t, x.Wait(), boom("zero"))
	require.Equal(t, []exec.Task{nop{}}, drain(t, x))
	onLoop(t, other, func(*exec.Local) {})

	y, err := exec.New(exec.Config{OnPanic: exec.Panic.Stop})
	require.NoError(t, err)
	require.NoError(t, y.Start())
	_, err = exec.Call(patience(t), y, func(*exec.Local) (int, error) { runtime.Goexit(); return 0, nil })
	isPanic(t, err, nil)
	isPanic(t, y.Wait(), nil)
}

// LogPanics tells the log, with the stack, and goes on.
func TestLogPanics(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		var log logbook
		x := w.exec(exec.Config{Name: "it", OnPanic: exec.LogPanics(log.logger())})
		for name, fail := range failures {
			fail(t, w, x)
			w.until(name+" is logged", func() bool { return len(log.with("survived a panic")) == 1 })
			line := log.with("level=ERROR")[0]
			require.Contains(t, line, "exec=it")
			require.Contains(t, line, "panic: planted")
			require.Contains(t, line, "exec_test.")
			log.clear()
		}
		v, err := in(w, x, func(co *exec.Co) (int, error) { return exec.CallFrom(co, x, answer(1)) })
		require.NoError(t, err)
		require.Equal(t, 1, v)
	})
}

func (b *logbook) clear() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lines = nil
}

// Without a logger, the default one is asked for when the panic comes.
func TestLogPanicsToTheDefaultLogger(t *testing.T) {
	var log logbook
	x := stepped(t, exec.Config{OnPanic: exec.LogPanics(nil)})
	before := slog.Default()
	slog.SetDefault(log.logger())
	defer slog.SetDefault(before)
	require.True(t, x.TrySend(boom("it")))
	settle(x)
	require.Len(t, log.with("survived a panic"), 1)
}
