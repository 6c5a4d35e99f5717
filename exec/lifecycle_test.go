package exec_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

func TestBlockingCallsOnALoopReturnErrOnLoop(t *testing.T) {
	x := begin(t, exec.Config{})
	y := begin(t, exec.Config{})
	onLoop(t, x, func(l *exec.Local) {
		ctx := context.Background()
		nop := exec.Func(func(*exec.Local) {})
		require.True(t, exec.OnLoop())
		for _, to := range []*exec.Exec{x, y} {
			require.ErrorIs(t, to.Send(ctx, nop), exec.ErrOnLoop)
			require.ErrorIs(t, to.Wait(), exec.ErrOnLoop)
			require.ErrorIs(t, to.Start(), exec.ErrOnLoop)
			require.ErrorIs(t, to.Run(ctx), exec.ErrOnLoop)
			_, err := to.Drain(ctx)
			require.ErrorIs(t, err, exec.ErrOnLoop)
		}
	})
	require.False(t, exec.OnLoop())
}

func TestLifecycleErrors(t *testing.T) {
	x, err := exec.New(exec.Config{Name: "x"})
	require.NoError(t, err)
	require.NoError(t, x.Start())
	require.ErrorIs(t, x.Start(), exec.ErrStarted)
	require.PanicsWithValue(t, `exec: Step of "x", which was started`, func() { x.Step() })
	x.Stop()
	require.NoError(t, x.Wait())
	x.Stop()
	require.ErrorIs(t, x.Start(), exec.ErrClosed)
	require.False(t, x.TrySend(exec.Func(func(*exec.Local) {})))
	require.ErrorIs(t, x.Send(context.Background(), exec.Func(func(*exec.Local) {})), exec.ErrClosed)
	worked, next := x.Step()
	require.False(t, worked)
	require.Equal(t, exec.Never, next)

	boom := errors.New("boom")
	y, err := exec.New(exec.Config{Name: "y", OnStart: func(*exec.Local) error { return boom }})
	require.NoError(t, err)
	require.True(t, y.TrySend(exec.Func(func(*exec.Local) {})))
	require.ErrorIs(t, y.Start(), boom)
	require.ErrorIs(t, y.Wait(), boom)
	require.Len(t, drain(t, y), 1, "what was accepted is returned")

	for _, cfg := range []exec.Config{{LocalCap: -1}, {InboxCap: -2}, {Burst: 1 << 30}, {MaxTimers: -1}} {
		_, err := exec.New(cfg)
		require.ErrorContains(t, err, "it must be from 1 to")
	}
	require.PanicsWithValue(t, "exec: TrySend of a nil Task", func() { x.TrySend(nil) })
}

func TestStopLeavesTheRestToDrain(t *testing.T) {
	x := begin(t, exec.Config{})
	release := make(chan struct{})
	entered := make(chan struct{})
	x.TrySend(exec.Func(func(l *exec.Local) {
		l.After(time.Hour, exec.Func(func(*exec.Local) {}))
		l.Spawn(exec.Func(func(*exec.Local) {}))
		close(entered)
		<-release
	}))
	<-entered
	x.TrySend(exec.Func(func(*exec.Local) {}))
	x.Stop()
	close(release)
	require.NoError(t, x.Wait())
	undone := drain(t, x)
	s := x.Stats()
	// The task that was sent while the first ran may have been in the same batch.
	require.EqualValues(t, 4, int(s.Executed())+len(undone))
	require.EqualValues(t, len(undone), s.Returned)
	require.GreaterOrEqual(t, len(undone), 2)
	require.Empty(t, drain(t, x), "a second drain returns nothing twice")
}

func TestDrainGivesUpAtItsDeadline(t *testing.T) {
	x := begin(t, exec.Config{})
	var self exec.Func
	self = func(l *exec.Local) { l.Spawn(self) }
	x.TrySend(self)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	undone, err := x.Drain(ctx)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Len(t, undone, 1, "the task that never ends is handed back")

	y := begin(t, exec.Config{})
	release := make(chan struct{})
	y.TrySend(exec.Func(func(*exec.Local) { <-release }))
	y.TrySend(exec.Func(func(*exec.Local) {}))
	ctx2, cancel2 := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel2()
	undone, err = y.Drain(ctx2)
	require.ErrorIs(t, err, exec.ErrRunning)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Empty(t, undone)
	close(release)
	require.NoError(t, y.Wait())
	undone = drain(t, y)
	require.EqualValues(t, 2, int(y.Stats().Executed())+len(undone))
}

func TestRunEndsWithItsContext(t *testing.T) {
	x, err := exec.New(exec.Config{})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(10*time.Millisecond, cancel)
	require.NoError(t, x.Run(ctx))
}

func TestOnStartAndOnStopRunOnTheLoop(t *testing.T) {
	var started, stopped bool
	x, err := exec.New(exec.Config{
		OnStart: func(*exec.Local) error { started = exec.OnLoop(); return nil },
		OnStop:  func(*exec.Local) { stopped = exec.OnLoop() },
	})
	require.NoError(t, err)
	require.NoError(t, x.Start())
	require.True(t, started)
	x.Stop()
	require.NoError(t, x.Wait())
	require.True(t, stopped)
}

func TestThreadsEndWithTheirExecs(t *testing.T) {
	before := runtime.NumGoroutine()
	for range 20 {
		x, err := exec.New(exec.Config{})
		require.NoError(t, err)
		require.NoError(t, x.Start())
		x.Stop()
		require.NoError(t, x.Wait())
	}
	eventually(t, "the goroutines are gone", func() bool { return runtime.NumGoroutine() <= before })
}
