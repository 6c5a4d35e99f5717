package exec_test

import (
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// exitTasks sends n tasks that call Goexit, and waits until all have.
func exitTasks(t testing.TB, x *exec.Exec, n int) {
	t.Helper()
	failed := x.Stats().TasksFailed
	for range n {
		require.NoError(t, x.Send(patience(t), exec.Func(func(*exec.Local) { runtime.Goexit() })))
	}
	eventuallyWithin(t, 30*time.Second, "all exited", func() bool {
		return x.Ended() || x.Stats().TasksFailed == failed+uint64(n)
	})
}

// While there are coroutines the loop stays on its thread after a Goexit in a task, and
// they go on; when there are none it moves to another, as ever.
func TestGoexitInATaskWhileThereAreCoroutines(t *testing.T) {
	watchdog(t, time.Minute)
	x := begin(t, exec.Config{})
	home := loopThread(t, x)
	var j *exec.Join[none]
	var w exec.LocalWaker
	woken := 0
	onLoop(t, x, func(l *exec.Local) {
		j = spawn(l, func(co *exec.Co) error {
			w = co.LocalWaker()
			for {
				if err := co.Park(); err != nil {
					return err
				}
				woken++
			}
		})
	})
	for i := range 50 {
		exitTasks(t, x, 1)
		onLoop(t, x, func(*exec.Local) { w.Wake() })
		eventually(t, "it went on", func() (ok bool) {
			onLoop(t, x, func(*exec.Local) { ok = woken == i+1 })
			return ok
		})
	}
	require.Equal(t, home, loopThread(t, x))
	onLoop(t, x, func(*exec.Local) { j.Abort() })
	eventually(t, "it ended", func() bool { return x.Stats().Coroutines == 0 })
	exitTasks(t, x, 1)
	if home != 0 {
		require.NotEqual(t, home, loopThread(t, x))
	}
	h := &host{t, x, true}
	require.NoError(t, h.run(func(co *exec.Co) error { return co.Yield() }), "coroutines work there, too")
	require.Empty(t, drain(t, x))
}

// The stack of a thread that cannot be replaced is not bottomless: the Exec ends and says
// why, and its coroutines are cancelled.
func TestGoexitInTooManyTasksWhileThereAreCoroutines(t *testing.T) {
	deep(t)
	x, err := exec.New(exec.Config{Name: "it"})
	require.NoError(t, err)
	require.NoError(t, x.Start())
	var j *exec.Join[none]
	onLoop(t, x, func(l *exec.Local) { j = spawn(l, forever) })
	exitTasks(t, x, 1000)
	require.False(t, x.Ended())
	exitTasks(t, x, 1)
	require.EqualError(t, x.Wait(), "exec: it: runtime.Goexit was called in 1000 tasks, while coroutines bind the Exec to one thread")
	_, err, ended := j.Result()
	require.True(t, ended)
	require.ErrorIs(t, err, exec.ErrCancelled)
	require.Empty(t, drain(t, x))
}

// What one thread has survived does not count on the next.
func TestGoexitsAreCountedPerThread(t *testing.T) {
	deep(t)
	x := begin(t, exec.Config{})
	for range 2 {
		var j *exec.Join[none]
		onLoop(t, x, func(l *exec.Local) { j = spawn(l, forever) })
		exitTasks(t, x, 600)
		onLoop(t, x, func(*exec.Local) { j.Abort() })
		eventually(t, "it ended", func() bool { return x.Stats().Coroutines == 0 })
		exitTasks(t, x, 1) // to another thread
	}
	require.False(t, x.Ended())
}

// In Step the Goexit ends the goroutine that steps; the next one that does goes on with
// the same coroutines.
func TestGoexitInATaskInStepWhileThereAreCoroutines(t *testing.T) {
	x := stepped(t, exec.Config{})
	h := &host{t, x, false}
	j := h.waiting(forever)
	require.True(t, x.TrySend(exec.Func(func(*exec.Local) { runtime.Goexit() })))
	ended := make(chan none)
	go func() {
		defer close(ended)
		x.Step()
		t.Error("Step returned")
	}()
	<-ended
	h.do(func(*exec.Local) { j.Abort() })
	require.ErrorIs(t, h.ended(j), exec.ErrCancelled)
}

// deep skips a test whose stack gets so deep that each trace of it takes milliseconds.
func deep(t testing.TB) {
	t.Helper()
	if testing.Short() || raced {
		t.Skip("takes some ten seconds")
	}
	watchdog(t, 2*time.Minute)
}
