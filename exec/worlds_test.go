package exec_test

import (
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// world is some Execs that belong to one test: either the test steps them in turn, or
// each has a thread of its own.
type world struct {
	t       testing.TB
	stepped bool
	spin    time.Duration
	execs   []*exec.Exec
}

// worlds runs a test in every kind of world.
func worlds(t *testing.T, test func(t *testing.T, w *world)) {
	t.Run("stepped", func(t *testing.T) { test(t, &world{t: t, stepped: true}) })
	t.Run("parking", func(t *testing.T) { test(t, &world{t: t, spin: -1}) })
	t.Run("polling", func(t *testing.T) {
		if runtime.GOMAXPROCS(0) < 2 {
			t.Skip("loops that poll take the only processor")
		}
		test(t, &world{t: t, spin: time.Millisecond})
	})
}

// exec adds an Exec, which survives panics.
func (w *world) exec(cfg exec.Config) *exec.Exec {
	w.t.Helper()
	cfg.Spin = w.spin
	if cfg.OnPanic == nil {
		cfg.OnPanic = func(exec.Panic) {}
	}
	x, err := exec.New(cfg)
	require.NoError(w.t, err)
	if !w.stepped {
		startForTest(w.t, x)
	}
	w.t.Cleanup(x.Stop)
	w.execs = append(w.execs, x)
	return x
}

// step gives each Exec a turn and reports whether any of them did something.
func (w *world) step() (worked bool) {
	for _, x := range w.execs {
		did, _ := x.Step()
		worked = worked || did
	}
	return worked
}

// until steps, or waits, for what the Execs or other goroutines bring about.
func (w *world) until(what string, cond func() bool) {
	w.t.Helper()
	eventuallyWithin(w.t, 30*time.Second, what, func() bool {
		for w.stepped && !cond() && w.step() {
		}
		return cond()
	})
}

// in runs f as a coroutine of x to its end.
func in[T any](w *world, x *exec.Exec, f func(co *exec.Co) (T, error)) (v T, err error) {
	w.t.Helper()
	if !w.stepped {
		return exec.CallGo(patience(w.t), x, f)
	}
	j := launched(w.t, x, f)
	w.until("the coroutine has ended", j.Finished)
	v, err, _ = j.Result()
	return v, err
}

// launched starts a coroutine of x, which the caller steps; it begins at once.
func launched[T any](t testing.TB, x *exec.Exec, f func(co *exec.Co) (T, error)) (j *exec.Join[T]) {
	t.Helper()
	inOneStep(t, x, func(l *exec.Local) {
		var err error
		j, err = exec.Go(l, f)
		require.NoError(t, err)
	})
	return j
}

// stepAll steps all of xs in turn until none of them finds anything to do.
func stepAll(xs ...*exec.Exec) {
	(&world{execs: xs}).settle()
}

func (w *world) settle() {
	for w.step() {
	}
}

// isPanic checks that err is, or wraps, a Panic with this value.
func isPanic(t testing.TB, err error, value any) {
	t.Helper()
	var p exec.Panic
	require.True(t, errors.As(err, &p), "%v", err)
	require.Equal(t, value, p.Value)
	require.Equal(t, value == nil, p.Goexit)
}

var errPlanted = errors.New("planted")

// answer returns a function for Call and CallFrom that returns v.
func answer[T any](v T) func(*exec.Local) (T, error) {
	return func(*exec.Local) (T, error) { return v, nil }
}

// forEver waits until it is cancelled.
func forEver(co *exec.Co) error { return co.Sleep(1000 * time.Hour) }
