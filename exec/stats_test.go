package exec_test

import (
	"math/bits"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// After a known run every counter has its exact value.
func TestStatsOfAKnownRun(t *testing.T) {
	var seen reports
	now := time.Duration(0)
	x := stepped(t, exec.Config{
		InboxCap: 5, LocalCap: 2, MaxTimers: 2, OnPanic: seen.add,
		Clock: func() time.Duration { return now },
	})
	in, err := exec.NewInbox(x, exec.InboxConfig[int]{Cap: 100, Handle: func(_ *exec.Local, batch []int) int {
		if batch[0] < 0 {
			panic("batch")
		}
		return len(batch)
	}})
	require.NoError(t, err)

	require.True(t, x.TrySend(exec.Func(func(l *exec.Local) {
		for i := range 4 {
			require.Equal(t, i < 3, l.Spawn(nop{})) // two, and the reserve
		}
		for i := range 3 {
			_, ok := l.After(time.Second, nop{})
			require.Equal(t, i < 2, ok)
		}
	})))
	require.True(t, x.TryControl(nop{}))
	x.Step() // a control task, a task that leaves three spawned and two timers
	s := x.Stats()
	require.EqualValues(t, []uint64{1, 0, 5, 2, 1, 0}, []uint64{s.Turns, s.EmptyTurns, s.Spawned, s.Tasks, s.Control, s.Timers})
	require.EqualValues(t, []uint64{2, 2}, []uint64{s.Rejects, s.Batches})
	require.Equal(t, []int{3, 3}, []int{s.Depth, s.MaxDepth})

	x.Step() // the three
	for i := range 6 {
		require.Equal(t, i < 5, x.TrySend(nop{}))
	}
	require.Equal(t, 7, in.TrySendBatch([]int{1, 2, 3, 4, 5, 6, 7}))
	s = x.Stats()
	require.Equal(t, []int{12, 3}, []int{s.Depth, s.MaxDepth})
	require.EqualValues(t, 3, s.Rejects)
	x.Step() // five tasks in one batch, seven values in another
	require.Equal(t, 3, in.TrySendBatch([]int{-1, -2, -3}))
	now = time.Second
	x.Step() // a batch fails, and the timers
	require.True(t, x.TrySend(boom("")))
	x.Step()
	x.Step() // empty

	s = x.Stats()
	require.EqualValues(t, []uint64{6, 1}, []uint64{s.Turns, s.EmptyTurns})
	require.EqualValues(t, []uint64{1 + 1 + 3 + 5 + 2 + 1, 1, 1, 2}, []uint64{s.Tasks, s.TasksFailed, s.Control, s.Timers})
	require.EqualValues(t, []uint64{7, 3, 0}, []uint64{s.Items, s.ItemsFailed, s.Returned})
	require.EqualValues(t, []uint64{4, 2}, []uint64{s.Batches, s.Panics})
	require.EqualValues(t, [exec.BatchSizeBuckets]uint64{0: 2, 2: 2}, s.BatchSizes)
	require.EqualValues(t, 12+7, s.Executed())
	require.EqualValues(t, 4, s.Failed())
	require.Zero(t, s.Depth)
	require.Zero(t, s.Parks+s.Membarriers+s.WakesReceived+s.WakesSent)
	require.Positive(t, s.Busy)
	x.TrySend(nop{})
	x.Step()
	require.EqualValues(t, []uint64{7, 1}, []uint64{x.Stats().Turns, x.Stats().EmptyTurns})
	require.Positive(t, x.Stats().Idle)
}

// Each batch is in the bucket of its size, and all of them are in some bucket.
func TestBatchSizes(t *testing.T) {
	x := stepped(t, exec.Config{Burst: 1 << 17})
	in, err := exec.NewInbox(x, exec.InboxConfig[struct{}]{Cap: 1 << 17, Handle: func(_ *exec.Local, batch []struct{}) int { return len(batch) }})
	require.NoError(t, err)
	lane, err := in.Lane()
	require.NoError(t, err)
	var want [exec.BatchSizeBuckets]uint64
	batches := uint64(0)
	for _, n := range []int{1, 2, 3, 4, 5, 7, 8, 100, 1 << 14, 1<<15 - 1, 1 << 15, 1 << 16, 1 << 17} {
		lane, err = freshLane(in, lane)
		require.NoError(t, err)
		require.Equal(t, n, lane.PushBatch(make([]struct{}, n)))
		x.Step()
		want[min(bits.Len(uint(n))-1, exec.BatchSizeBuckets-1)]++
		batches++
	}
	s := x.Stats()
	require.Equal(t, want, s.BatchSizes)
	require.Equal(t, batches, s.Batches)
}

// freshLane replaces a lane by one whose ring does not wrap under the next batch.
func freshLane[T any](in *exec.Inbox[T], old *exec.Lane[T]) (*exec.Lane[T], error) {
	old.Close()
	return in.Lane()
}

// Whoever reads Stats while the Exec works sees a picture of one moment: counters
// that a turn changes together do not come apart, and none goes back.
func TestStatsAreConsistent(t *testing.T) {
	x, err := exec.New(exec.Config{LocalBudget: 3})
	require.NoError(t, err)
	in, err := exec.NewInbox(x, exec.InboxConfig[int]{Handle: func(_ *exec.Local, batch []int) int { return len(batch) }})
	require.NoError(t, err)
	startForTest(t, x)
	var stop atomic.Bool
	onLoop(t, x, func(l *exec.Local) {
		var again exec.Func
		again = func(l *exec.Local) {
			if stop.Load() {
				return
			}
			l.Spawn(again) // Spawned keeps ahead of Tasks by what is queued
			in.TrySend(1)
		}
		for range 5 {
			l.Spawn(again)
		}
	})
	eventually(t, "the first turn is shown", func() bool { return x.Stats().Tasks > 0 })
	var readers sync.WaitGroup
	rounds := sized(2_000, 20_000, 1_000_000)
	for range 3 {
		readers.Go(func() {
			last := x.Stats()
			for range rounds {
				s := x.Stats()
				sum := uint64(0)
				for _, n := range s.BatchSizes {
					sum += n
				}
				switch {
				case s.Tasks+5 != s.Spawned+1:
					t.Errorf("%d tasks begun, %d spawned: all but the five that wait have begun, and the first was sent", s.Tasks, s.Spawned)
				case sum != s.Batches:
					t.Errorf("%d batches, %d in the buckets", s.Batches, sum)
				case s.Tasks < last.Tasks || s.Turns < last.Turns || s.Items < last.Items || s.Busy < last.Busy || s.Spawned < last.Spawned || s.Batches < last.Batches:
					t.Errorf("a counter went back: %+v, then %+v", last, s)
				default:
					last = s
					continue
				}
				return
			}
		})
	}
	readers.Wait()
	stop.Store(true)
	drain(t, x)
	s := x.Stats()
	require.Equal(t, s.Spawned+1, s.Tasks)
	require.Positive(t, s.Busy)
}
