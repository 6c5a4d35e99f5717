package exec

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// wait is what a coroutine is to the timers.
type wait struct {
	timerNode
	expirations int
	then        func(l *Local)
}

func newWait() *wait {
	w := &wait{then: func(*Local) {}}
	w.owner = w
	return w
}

func (w *wait) expired(l *Local) {
	w.expirations++
	w.then(l)
}

type countedTask struct{ n *int }

func (c countedTask) Run(*Local) { *c.n++ }

// stepWith returns a function that runs code in one step, on a clock of its own.
func stepWith(t *testing.T, cfg Config) (x *Exec, now *time.Duration, do func(f func(l *Local))) {
	now = new(time.Duration)
	cfg.Clock = func() time.Duration { return *now }
	x, err := New(cfg)
	require.NoError(t, err)
	t.Cleanup(x.Stop)
	return x, now, func(f func(l *Local)) {
		t.Helper()
		require.True(t, x.TryControl(Func(f)))
		x.Step()
	}
}

func TestWait(t *testing.T) {
	x, now, do := stepWith(t, Config{})
	w, at := newWait(), time.Duration(-1)
	do(func(l *Local) {
		l.disarm(&w.timerNode) // does nothing
		require.True(t, l.arm(&w.timerNode, 10))
		require.True(t, l.arm(&w.timerNode, 20), "it is moved")
		require.True(t, w.armed)
		w.then = func(l *Local) {
			at = l.Now()
			require.False(t, w.armed)
			require.Nil(t, l.running.task, "a panic here fails no task")
			require.True(t, l.reserve)
		}
		l.After(20, countedTask{new(int)}) // leaves no task behind as running
	})
	*now = 19
	worked, next := x.Step()
	require.False(t, worked)
	require.EqualValues(t, 1, next)
	*now = 20
	worked, _ = x.Step()
	require.True(t, worked)
	require.EqualValues(t, 20, at)

	do(func(l *Local) {
		require.True(t, l.arm(&w.timerNode, 30))
		l.disarm(&w.timerNode)
		l.disarm(&w.timerNode)
	})
	*now = 40
	x.Step()
	require.Equal(t, 1, w.expirations)

	// Armed anew when it fires, for the past: once a turn.
	w.then = func(l *Local) { l.arm(&w.timerNode, 0) }
	do(func(l *Local) { l.arm(&w.timerNode, 5) })
	for i := range 5 {
		require.Equal(t, 2+i, w.expirations)
		_, next = x.Step()
		require.Zero(t, next)
	}
}

// Waits are timers to MaxTimers, and tasks to nobody.
func TestWaitsAreCounted(t *testing.T) {
	x, now, do := stepWith(t, Config{MaxTimers: 2})
	ran := 0
	a, b, c := newWait(), newWait(), newWait()
	do(func(l *Local) {
		require.True(t, l.arm(&a.timerNode, 10))
		require.True(t, l.arm(&b.timerNode, 20))
		require.False(t, l.arm(&c.timerNode, 30))
		require.False(t, c.armed)
		require.True(t, l.arm(&a.timerNode, 11), "what is armed keeps its place")
		_, ok := l.After(1, countedTask{&ran})
		require.False(t, ok)
		l.disarm(&a.timerNode)
		_, ok = l.After(10, countedTask{&ran})
		require.True(t, ok)
	})
	*now = 10
	x.Step()
	require.Equal(t, 1, ran)
	do(func(l *Local) { require.True(t, l.arm(&a.timerNode, 15)) })
	*now = 15
	x.Step()
	require.Equal(t, 1, a.expirations)
	do(func(l *Local) {
		_, ok := l.After(100, countedTask{&ran})
		require.True(t, ok)
	})
	undone, err := x.Drain(context.Background())
	require.NoError(t, err)
	require.Equal(t, []Task{countedTask{&ran}}, undone, "and not what waits")
	require.False(t, b.armed)
	require.Zero(t, b.expirations)
	s := x.Stats()
	require.EqualValues(t, []uint64{2, 2, 1, 1}, []uint64{s.Spawned, s.Rejects, s.Timers, s.Returned})
	require.Equal(t, 3+s.Spawned, s.Executed()+s.Failed()+s.Returned)
}

// Waits and timers with one deadline take their turns in the order of arming.
func TestWaitsAndTimersInOrder(t *testing.T) {
	x, now, do := stepWith(t, Config{})
	var got []int
	do(func(l *Local) {
		for i := range 20 {
			if i%3 == 0 {
				w := newWait()
				w.then = func(*Local) { got = append(got, i) }
				l.arm(&w.timerNode, 1<<40)
			} else {
				l.At(1<<40, Func(func(*Local) { got = append(got, i) }))
			}
		}
	})
	*now = 1 << 40
	x.Step()
	require.Len(t, got, 20)
	require.IsIncreasing(t, got)
}

// A wait that panics is reported and takes nothing with it.
func TestWaitPanics(t *testing.T) {
	var reports []Panic
	x, now, do := stepWith(t, Config{OnPanic: func(p Panic) { reports = append(reports, p) }})
	w, ran := newWait(), 0
	w.then = func(*Local) { panic("wait") }
	do(func(l *Local) {
		l.After(1, countedTask{&ran})
		l.arm(&w.timerNode, 1)
		l.After(1, countedTask{&ran})
	})
	*now = 1
	x.Step()
	x.Step()
	require.Equal(t, 2, ran)
	require.Len(t, reports, 1)
	require.Nil(t, reports[0].Task)
	s := x.Stats()
	require.Zero(t, s.TasksFailed)
	require.Equal(t, 1+s.Spawned, s.Executed())
}

func TestWaitsAllocateNothing(t *testing.T) {
	x, now, do := stepWith(t, Config{})
	w := newWait()
	w.then = func(l *Local) { l.arm(&w.timerNode, *now+100) }
	do(func(l *Local) { l.arm(&w.timerNode, 1) })
	empty := testing.AllocsPerRun(100, func() { x.Step() })
	require.Equal(t, empty, testing.AllocsPerRun(100, func() { *now += 100; x.Step() }))
	require.Greater(t, w.expirations, 100)
	do(func(l *Local) {
		require.Zero(t, testing.AllocsPerRun(100, func() { l.disarm(&w.timerNode); l.arm(&w.timerNode, 1<<40) }))
	})
}
