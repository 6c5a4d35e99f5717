package exec_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// The time counts from the turn that takes the message.
func TestTryAfter(t *testing.T) {
	x, now := faked(t, exec.Config{})
	var at []time.Duration
	require.True(t, x.TryAfter(10, logTask(&at)))
	require.True(t, x.TryAfter(-5, logTask(&at)))
	require.Panics(t, func() { x.TryAfter(1, nil) })
	*now = 100
	_, next := x.Step()
	require.EqualValues(t, 10, next)
	stepTo(x, now, 109, 110, 111)
	require.Equal(t, []time.Duration{100, 110}, at)
	s := x.Stats()
	require.EqualValues(t, []uint64{2, 4, 2}, []uint64{s.Spawned, s.Tasks, s.Timers})
	settled(t, 2+2, s)
}

// Timers that were sent have places of their own: what was accepted is armed,
// however many are armed on the loop, and the other way round.
func TestTryAfterIsBounded(t *testing.T) {
	x, now := faked(t, exec.Config{MaxTimers: 3})
	ran := 0
	full := func(l *exec.Local) {
		for i := range 4 {
			_, ok := l.After(100, nop{})
			require.Equal(t, i < 3, ok)
		}
	}
	inOneStep(t, x, full)
	send := func(d time.Duration) {
		for i := range 5 {
			require.Equal(t, i < 3, x.TryAfter(d, &counting{&ran}))
		}
	}
	send(10)
	require.EqualValues(t, 1+2, x.Stats().Rejects)
	x.Step()
	require.False(t, x.TryAfter(1, nop{}), "armed, they still have their places")
	stepTo(x, now, 10)
	require.Equal(t, 3, ran)
	send(90)
	stepTo(x, now, 11, 100, 101)
	require.Equal(t, 6, ran)
	require.EqualValues(t, 9, x.Stats().Timers)
	send(1000)
	x.Step()
	inOneStep(t, x, full)
	require.Len(t, drain(t, x), 6)
	require.False(t, x.TryAfter(1, nop{}), "it has ended")
}

// A refusal of any kind takes no place.
func TestTryAfterRefused(t *testing.T) {
	x, now := faked(t, exec.Config{MaxTimers: 3, InboxCap: 1})
	for range 10 {
		x.TryAfter(1, nop{})
	}
	for i := range 3 {
		require.Equal(t, i > 0, x.TryAfter(1, nop{}), "the inbox")
		x.Step()
	}
	for range 10 {
		require.False(t, x.TryAfter(1, nop{}))
	}
	stepTo(x, now, 1)
	for range 3 {
		require.True(t, x.TryAfter(1, nop{}))
		x.Step()
	}
	require.EqualValues(t, 9+1+10, x.Stats().Rejects)
}

// A panic in the task of a timer that was sent is as any other's.
func TestTryAfterPanics(t *testing.T) {
	var seen reports
	x, now := faked(t, exec.Config{OnPanic: seen.add, MaxTimers: 1})
	for range 3 {
		require.True(t, x.TryAfter(1, boom("late")))
		x.Step()
		*now++
		x.Step()
	}
	require.Len(t, seen, 3)
	require.Equal(t, exec.Task(boom("late")), seen[0].Task)
	require.EqualValues(t, 3, x.Stats().TasksFailed)
	settled(t, 3+3, x.Stats())
}

// Drain returns the tasks themselves, whether their message has arrived or not,
// armed ones in the order of their deadlines.
func TestDrainReturnsWhatTryAfterSent(t *testing.T) {
	x, _ := faked(t, exec.Config{})
	require.True(t, x.TryAfter(30, named("c")))
	inOneStep(t, x, func(l *exec.Local) { l.After(20, named("b")); l.Every(10, named("a")) })
	require.True(t, x.TryAfter(2, named("second")))
	require.True(t, x.TryAfter(1, named("third")))
	require.Equal(t, tasksNamed("second", "third", "a", "b", "c"), drain(t, x))
	settled(t, 1+3+3, x.Stats())
	require.Empty(t, drain(t, x))
}

// From many goroutines, through a drain: every task that was accepted runs or is
// returned, and none is early.
func TestTryAfterFromManyGoroutines(t *testing.T) {
	for _, spin := range allSpins {
		x := begin(t, exec.Config{Spin: spin, MaxTimers: 500, InboxCap: 64})
		var accepted, ran, early atomic.Int64
		var senders sync.WaitGroup
		for i := range 4 {
			senders.Go(func() {
				for k := range sized(500, 3000, 20000) {
					d := time.Duration(k*i%300) * time.Microsecond
					sent := time.Now()
					if x.TryAfter(d, exec.Func(func(*exec.Local) {
						ran.Add(1)
						if time.Since(sent) < d {
							early.Add(1)
						}
					})) {
						accepted.Add(1)
					} else {
						time.Sleep(10 * time.Microsecond)
					}
				}
			})
		}
		eventually(t, "some were accepted", func() bool { return accepted.Load() > 100 })
		if spin == 0 {
			senders.Wait()
			eventually(t, "all ran", func() bool { return ran.Load() == accepted.Load() })
		}
		undone, err := x.Drain(context.Background())
		require.NoError(t, err)
		senders.Wait()
		require.Equal(t, accepted.Load(), ran.Load()+int64(len(undone)))
		require.Zero(t, early.Load())
		s := x.Stats()
		settled(t, int(accepted.Load())+int(s.Spawned), s)
	}
}
