package exec_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// named is a task that can be told from others.
type named string

func (named) Run(*exec.Local) {}

// tasksNamed lets a list of tasks be compared.
func tasksNamed(names ...named) (tasks []exec.Task) {
	for _, name := range names {
		tasks = append(tasks, name)
	}
	return tasks
}

// An Exec that never ran returns everything: what came by TryControl, by the
// inbox, by lanes.
func TestDrainOfAnExecThatNeverRan(t *testing.T) {
	x, err := exec.New(exec.Config{})
	require.NoError(t, err)
	in, err := exec.NewInbox(x, exec.InboxConfig[int]{Handle: func(_ *exec.Local, batch []int) int { panic("never") }})
	require.NoError(t, err)
	lane, err := x.Lane()
	require.NoError(t, err)
	values, err := in.Lane()
	require.NoError(t, err)
	require.True(t, lane.Push(named("lane")))
	require.True(t, x.TrySend(named("inbox 1")))
	require.True(t, x.TrySend(named("inbox 2")))
	require.True(t, x.TryControl(named("control")))
	require.True(t, in.TrySend(1))
	require.True(t, values.Push(2))
	_, err = in.Undone()
	require.ErrorIs(t, err, exec.ErrRunning, "it may still start")
	require.Equal(t, tasksNamed("control", "inbox 1", "inbox 2", "lane"), drain(t, x))
	got, err := in.Undone()
	require.NoError(t, err)
	require.Equal(t, []int{1, 2}, got)
	got, err = in.Undone()
	require.NoError(t, err)
	require.Empty(t, got, "nothing is returned twice")
	require.NoError(t, x.Wait())
	require.ErrorIs(t, x.Start(), exec.ErrClosed)
	settled(t, 6, x.Stats())
	require.EqualValues(t, 6, x.Stats().Returned)
}

// A complete drain runs what is queued and what that spawns, and returns the
// timers, the next to fire first.
func TestDrainReturnsArmedTimers(t *testing.T) {
	x := begin(t, exec.Config{})
	ran := 0
	onLoop(t, x, func(l *exec.Local) {
		for _, tm := range []struct {
			d    time.Duration
			name named
		}{{3 * time.Hour, "c"}, {time.Hour, "a"}, {2 * time.Hour, "b"}, {5 * time.Hour, "e1"}, {4 * time.Hour, "d"}, {5 * time.Hour, "e2"}} {
			_, ok := l.After(tm.d, tm.name)
			require.True(t, ok)
		}
		stopped, _ := l.After(time.Minute, named("stopped"))
		require.True(t, stopped.Stop())
		l.Spawn(exec.Func(func(l *exec.Local) {
			ran++
			l.Spawn(exec.Func(func(*exec.Local) { ran++ }))
		}))
	})
	require.Equal(t, tasksNamed("a", "b", "c", "d", "e1", "e2"), drain(t, x))
	require.Equal(t, 2, ran)
	require.Empty(t, drain(t, x))
	// The task of onLoop, two spawned, seven timers one of which was stopped.
	settled(t, 10, x.Stats())
}

// While it drains, an Exec refuses what comes from outside and goes on spawning.
func TestSpawnWhileDraining(t *testing.T) {
	x := begin(t, exec.Config{})
	hold := make(chan struct{})
	entered := make(chan struct{})
	refused, ran := 0, 0
	x.TrySend(exec.Func(func(l *exec.Local) {
		close(entered)
		<-hold
		var again exec.Func
		again = func(l *exec.Local) {
			ran++
			if !x.TrySend(nop{}) && !x.TryControl(nop{}) {
				refused++
			}
			if ran < 1000 {
				require.True(t, l.Spawn(again))
			}
		}
		require.True(t, l.Spawn(again))
	}))
	<-entered
	undone := make(chan []exec.Task)
	go func() { undone <- drain(t, x) }()
	eventually(t, "it refuses", func() bool { return x.Send(t.Context(), nop{}) != nil && !x.TryControl(nop{}) })
	close(hold)
	require.Empty(t, <-undone)
	require.Equal(t, []int{1000, 1000}, []int{ran, refused})
}

func TestConcurrentDrains(t *testing.T) {
	for range 50 {
		x, err := exec.New(exec.Config{})
		require.NoError(t, err)
		require.NoError(t, x.Start())
		onLoop(t, x, func(l *exec.Local) {
			for i := range 100 {
				l.After(time.Hour+time.Duration(i), nop{})
			}
		})
		var mu sync.Mutex
		var wg sync.WaitGroup
		total := 0
		for i := range 8 {
			wg.Go(func() {
				if i%4 == 0 {
					x.Stop()
				}
				undone, err := x.Drain(context.Background())
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				total += len(undone)
			})
		}
		wg.Wait()
		require.Equal(t, 100, total, "each was returned to one of them")
		require.NoError(t, x.Wait())
	}
}

// What OnStop spawns is returned, as it can not be run any more.
func TestSpawnInOnStop(t *testing.T) {
	x, err := exec.New(exec.Config{OnStop: func(l *exec.Local) {
		l.Spawn(named("spawned"))
		l.After(time.Hour, named("timer"))
	}})
	require.NoError(t, err)
	require.NoError(t, x.Start())
	require.Equal(t, tasksNamed("spawned", "timer"), drain(t, x))
	settled(t, 2, x.Stats())
}

// Stop during a Step, from another goroutine and from a task, ends the Exec when
// that Step is over.
func TestStopDuringStep(t *testing.T) {
	for range 200 {
		x := stepped(t, exec.Config{})
		entered := make(chan struct{})
		x.TrySend(exec.Func(func(*exec.Local) { close(entered) }))
		go func() {
			<-entered
			x.Stop()
		}()
		x.Step()
		eventually(t, "it has ended", x.Ended)
		require.NoError(t, x.Wait())
	}
	x := stepped(t, exec.Config{})
	x.TrySend(exec.Func(func(*exec.Local) { x.Stop() }))
	x.TrySend(named("not run"))
	worked, _ := x.Step()
	require.True(t, worked)
	require.True(t, x.Ended())
	worked, _ = x.Step()
	require.False(t, worked)
	settled(t, 2, x.Stats())
}

func TestRunOfAContextThatHasEnded(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	x, err := exec.New(exec.Config{})
	require.NoError(t, err)
	require.True(t, x.TrySend(named("waiting")))
	_ = x.Run(ctx) // ErrClosed where the end was noticed before the start
	require.False(t, x.TrySend(nop{}))
	require.LessOrEqual(t, len(drain(t, x)), 1)
	settled(t, 1, x.Stats())
}
