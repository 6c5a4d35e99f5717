package exec_test

import (
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// Where there is no loop to go on with, a Goexit ends the Exec and says so.
func TestGoexitInOnStart(t *testing.T) {
	for how, exit := range exits {
		t.Run(how, func(t *testing.T) {
			before := runtime.NumGoroutine()
			x, err := exec.New(exec.Config{Name: "it", OnStart: func(*exec.Local) error { exit(); return nil }})
			require.NoError(t, err)
			require.True(t, x.TrySend(nop{}))
			err = x.Start()
			require.EqualError(t, err, "exec: it: runtime.Goexit was called in OnStart or OnStop")
			require.Equal(t, err, x.Wait())
			require.False(t, x.TrySend(nop{}))
			require.Equal(t, []exec.Task{nop{}}, drain(t, x))
			eventually(t, "its goroutine is gone", func() bool { return runtime.NumGoroutine() <= before })
		})
	}
}

func TestGoexitInOnStop(t *testing.T) {
	x, err := exec.New(exec.Config{Name: "it", OnStop: func(*exec.Local) { runtime.Goexit() }})
	require.NoError(t, err)
	require.NoError(t, x.Start())
	x.Stop()
	require.EqualError(t, x.Wait(), "exec: it: runtime.Goexit was called in OnStart or OnStop")
	require.Empty(t, drain(t, x))
}

// An OnPanic that fails a test ends the goroutine that it runs on: the loop's.
func TestGoexitInOnPanic(t *testing.T) {
	for name, task := range map[string]exec.Task{
		"of a panic":  boom(""),
		"of a Goexit": exec.Func(func(*exec.Local) { runtime.Goexit() }),
	} {
		t.Run(name, func(t *testing.T) {
			x := begin(t, exec.Config{OnPanic: func(exec.Panic) { runtime.Goexit() }})
			for range 3 {
				require.True(t, x.TrySend(task))
			}
			require.True(t, x.TrySend(nop{}))
			require.Empty(t, drain(t, x))
			require.EqualValues(t, 3, x.Stats().TasksFailed)
			settled(t, 4, x.Stats())
		})
	}
}

// A task that exits in every turn starves neither what comes after it in the turn
// nor what comes after it in its phase.
func TestGoexitInEveryTurnStarvesNobody(t *testing.T) {
	x, err := exec.New(exec.Config{})
	require.NoError(t, err)
	bad, err := exec.NewInbox(x, exec.InboxConfig[int]{Handle: func(*exec.Local, []int) int { runtime.Goexit(); return 0 }})
	require.NoError(t, err)
	var typed, tasks, timers atomic.Int64
	good, err := exec.NewInbox(x, exec.InboxConfig[int]{Handle: func(_ *exec.Local, batch []int) int {
		typed.Add(int64(len(batch)))
		bad.TrySend(1)
		return len(batch)
	}})
	require.NoError(t, err)
	startForTest(t, x)
	onLoop(t, x, func(l *exec.Local) {
		var self exec.Func
		self = func(l *exec.Local) { l.Spawn(self); bad.TrySend(1); runtime.Goexit() }
		l.Spawn(self)
		l.After(time.Millisecond, exec.Func(func(*exec.Local) { timers.Add(1) }))
	})
	require.True(t, x.TrySend(exec.Func(func(*exec.Local) { tasks.Add(1) })))
	require.True(t, good.TrySend(1))
	eventually(t, "all had their turn", func() bool { return typed.Load() > 0 && tasks.Load() > 0 && timers.Load() > 0 })
}

// Each thread that takes over polls in the place of the one before it: an Exec
// that has survived some Goexits is not demoted to parking at once.
func TestGoexitLeavesTheLadderAlone(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	var log logbook
	x := begin(t, exec.Config{Logger: log.logger()})
	for range 20 {
		require.True(t, x.TrySend(exec.Func(func(*exec.Local) { runtime.Goexit() })))
	}
	onLoop(t, x, func(*exec.Local) {})
	if quotaAllows(4) {
		require.Empty(t, log.with(""))
	}
	drain(t, x)
	// Nor is the next one.
	y := begin(t, exec.Config{Logger: log.logger()})
	onLoop(t, y, func(*exec.Local) {})
	if quotaAllows(4) {
		require.Empty(t, log.with(""))
	}
}

// What failed shows in Stats at once, also where the Exec never parks.
func TestGoexitShowsInStats(t *testing.T) {
	x := begin(t, exec.Config{Spin: exec.SpinForever})
	require.True(t, x.TrySend(exec.Func(func(*exec.Local) { runtime.Goexit() })))
	eventually(t, "Stats shows it", func() bool { return x.Stats().Panics == 1 && x.Stats().TasksFailed == 1 })
}

func TestGoexitInStep(t *testing.T) {
	x := stepped(t, exec.Config{})
	ran := 0
	count := exec.Func(func(*exec.Local) { ran++ })
	for _, task := range []exec.Task{count, exec.Func(func(*exec.Local) { runtime.Goexit() }), count} {
		require.True(t, x.TrySend(task))
	}
	returned := false
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		x.Step()
		returned = true
	}()
	<-ended
	require.False(t, returned)
	require.EqualValues(t, 1, x.Stats().TasksFailed)
	settle(x)
	require.Equal(t, 2, ran)
	settled(t, 3, x.Stats())
}
