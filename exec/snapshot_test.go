package exec_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// inboxOf returns what a Snapshot says of an inbox.
func inboxOf(t *testing.T, x *exec.Exec, name string) exec.InboxStats {
	t.Helper()
	for _, in := range x.Snapshot().Inboxes {
		if in.Name == name {
			return in
		}
	}
	t.Fatalf("no inbox %q", name)
	return exec.InboxStats{}
}

// What was sent, refused, held back, expired and failed shows exactly.
func TestInboxStatsAreExact(t *testing.T) {
	now := time.Duration(0)
	x, err := exec.New(exec.Config{Burst: 4, Clock: func() time.Duration { return now }, OnPanic: func(exec.Panic) {}})
	require.NoError(t, err)
	defer x.Stop()
	most := 100 // that the handler consumes of a batch
	in, err := exec.NewInbox(x, exec.InboxConfig[int]{
		Name: "numbers", Cap: 8, LaneCap: 4, MaxWait: time.Second, OnExpired: func(*exec.Local, []int) {},
		Handle: func(_ *exec.Local, batch []int) int {
			for _, v := range batch {
				if v < 0 {
					panic("negative")
				}
			}
			return min(len(batch), most)
		},
	})
	require.NoError(t, err)
	for range 10 {
		in.TrySend(1) // two are refused
	}
	require.Equal(t, 4, in.TrySendBatch([]int{1, 2, 3, 4})+4) // and four
	lane, err := in.Lane()
	require.NoError(t, err)
	for range 6 {
		lane.Push(1) // two are refused
	}
	require.False(t, lane.Stage(1))
	require.Zero(t, lane.PushBatch([]int{1, 2}))

	s := inboxOf(t, x, "numbers")
	require.Equal(t, 12, s.Depth)
	require.Equal(t, 8, s.Cap)
	require.EqualValues(t, 6, s.Rejected)
	require.EqualValues(t, 3, s.LaneFull)
	require.Equal(t, []exec.LaneStats{{Cap: 4, Depth: 4}}, s.Lanes)
	require.EqualValues(t, 12, s.Received)

	x.Step() // a batch of four
	most = 3
	x.Step() // three of the lane's four, one is held back, and one more from the ring
	s = inboxOf(t, x, "numbers")
	require.EqualValues(t, 8, s.Consumed)
	require.EqualValues(t, 3, s.Batches)
	require.EqualValues(t, 1, s.Held)
	require.EqualValues(t, [4]uint64{1, 1, 1}, [4]uint64(s.BatchSizes[:])) // of 1, of 2 to 3, and of 4 to 7
	require.Equal(t, 4, s.Depth)
	require.Equal(t, []exec.LaneStats{{Cap: 4, Depth: 1, Taken: 3}}, s.Lanes)
	require.Equal(t, 12, s.MaxDepth)

	most = 100
	now = 2 * time.Second
	for range 4 {
		x.Step() // what is left has waited for too long
	}
	s = inboxOf(t, x, "numbers")
	require.EqualValues(t, 4, s.Expired)
	require.Zero(t, s.Depth)
	in.TrySend(-1)
	in.TrySend(1)
	x.Step()
	x.Step()
	s = inboxOf(t, x, "numbers")
	require.EqualValues(t, 2, s.Failed)
	require.EqualValues(t, 10, s.Consumed)
	require.EqualValues(t, 14, s.Received)
	total := x.Snapshot()
	require.EqualValues(t, 4, total.Expired)
	require.EqualValues(t, 2, total.ItemsFailed)
	require.EqualValues(t, 6, total.Rejects)
	require.EqualValues(t, 3, total.Batches)
	require.Equal(t, 12, total.MaxDepth)
	require.Equal(t, x.Stats(), total.Stats)
}

// Many send at once, by all ways, while others look: in the end nothing is missing, and every picture on the way was of
// one moment.
func TestSnapshotsAreConsistent(t *testing.T) {
	var handled atomic.Uint64
	x, err := exec.New(exec.Config{})
	require.NoError(t, err)
	in, err := exec.NewInbox(x, exec.InboxConfig[int]{Name: "values", Handle: func(_ *exec.Local, batch []int) int {
		handled.Add(uint64(len(batch)))
		return len(batch)
	}})
	require.NoError(t, err)
	require.NoError(t, x.Start())
	t.Cleanup(func() { drain(t, x) })
	before := x.Stats()
	const senders, each = 4, 2000
	var sending, looking sync.WaitGroup
	for i := range senders {
		sending.Go(func() {
			lane, err := in.Lane()
			if err != nil {
				t.Error(err)
				return
			}
			defer lane.Close()
			for v := range each {
				task := exec.Func(func(*exec.Local) {})
				for (i%2 == 0 || !lane.Push(v)) && !in.TrySend(v) {
					time.Sleep(time.Microsecond)
				}
				for !x.TrySend(task) {
					time.Sleep(time.Microsecond)
				}
			}
		})
	}
	done := make(chan struct{})
	var looks atomic.Int64
	looking.Go(func() {
		var last exec.Snapshot
		for {
			s := x.Snapshot()
			var items, batches uint64
			for _, in := range s.Inboxes {
				var sizes uint64
				for _, n := range in.BatchSizes {
					sizes += n
				}
				if sizes != in.Batches {
					t.Errorf("inbox %s: %d batches by size, and %d in all", in.Name, sizes, in.Batches)
				}
				items, batches = items+in.Consumed, batches+in.Batches
			}
			if items != s.Items+s.Tasks || batches != s.Batches {
				t.Errorf("%d items in inboxes, and %d + %d in all; %d and %d batches", items, s.Items, s.Tasks, batches, s.Batches)
			}
			if s.Turns < last.Turns || s.Tasks < last.Tasks || s.Busy < last.Busy || s.TurnTime.Count() < last.TurnTime.Count() {
				t.Errorf("a counter went back: %+v, then %+v", last.Stats, s.Stats)
			}
			last = s
			looks.Add(1)
			select {
			case <-done:
				return
			default:
			}
		}
	})
	sending.Wait()
	require.Eventually(t, func() bool { return handled.Load() == senders*each && x.Stats().Tasks-before.Tasks == senders*each }, 20*time.Second, time.Millisecond)
	close(done)
	looking.Wait()
	require.Positive(t, looks.Load())
	s := inboxOf(t, x, "values")
	require.EqualValues(t, senders*each, s.Consumed)
	require.Zero(t, s.Depth)
	require.EqualValues(t, senders*each, x.Stats().Items)
}

// Whoever looks while the loop is showing something waits for the end of that.
func TestReadersWaitForTheLoop(t *testing.T) {
	x := stepped(t, exec.Config{})
	for _, look := range []func(){func() { x.Stats() }, func() { x.Snapshot() }} {
		release := exec.HoldBoard(x)
		looked := make(chan struct{})
		go func() {
			look()
			close(looked)
		}()
		select {
		case <-looked:
			t.Error("it did not wait")
		case <-time.After(20 * time.Millisecond):
		}
		release()
		<-looked
	}
}

// The time that tasks take is that of samples which stand for all.
func TestRunTimes(t *testing.T) {
	x := begin(t, exec.Config{})
	for range 3 {
		onLoop(t, x, func(*exec.Local) { time.Sleep(5 * time.Millisecond) })
	}
	s := x.Snapshot()
	require.GreaterOrEqual(t, s.RunTime.Max, 5*time.Millisecond)
	require.GreaterOrEqual(t, s.TurnTime.Max, 5*time.Millisecond)
	require.GreaterOrEqual(t, inboxOf(t, x, "tasks").RunTime.Max, 5*time.Millisecond)

	left := 100_000
	done := make(chan struct{})
	var again exec.Func
	again = func(l *exec.Local) {
		if left--; left == 0 {
			close(done)
			return
		}
		l.Spawn(again)
	}
	require.True(t, x.TrySend(again))
	<-done
	require.Eventually(t, func() bool { return x.Stats().Tasks >= 100_000 }, 10*time.Second, time.Millisecond)
	s = x.Snapshot()
	require.InDelta(t, float64(s.Tasks), float64(s.RunTime.Count()), 10_000, "samples stand for all tasks")
}

// A coroutine is timed from when it goes on until it waits.
func TestRunTimesOfCoroutines(t *testing.T) {
	x := begin(t, exec.Config{})
	onLoop(t, x, func(l *exec.Local) {
		_, err := exec.Go(l, func(co *exec.Co) (int, error) {
			time.Sleep(5 * time.Millisecond)
			return 0, co.Sleep(50 * time.Millisecond)
		})
		require.NoError(t, err)
	})
	require.Eventually(t, func() bool { return x.Stats().Resumes >= 2 && x.Stats().Coroutines == 0 }, 10*time.Second, time.Millisecond)
	s := x.Snapshot()
	require.GreaterOrEqual(t, s.RunTime.Max, 5*time.Millisecond)
	require.Less(t, s.RunTime.Sum, 50*time.Millisecond+5*time.Second, "the wait is no part of it")
}

// Timers say how late they are.
func TestTimerLag(t *testing.T) {
	now := time.Duration(0)
	x, err := exec.New(exec.Config{Clock: func() time.Duration { return now }})
	require.NoError(t, err)
	defer x.Stop()
	x.TrySend(exec.Func(func(l *exec.Local) {
		l.After(10*time.Millisecond, exec.Func(func(*exec.Local) {}))
		l.After(20*time.Millisecond, exec.Func(func(*exec.Local) {}))
	}))
	x.Step()
	now = 25 * time.Millisecond
	x.Step()
	lag := x.Snapshot().TimerLag
	require.EqualValues(t, 2, lag.Count())
	require.Equal(t, 20*time.Millisecond, lag.Sum)
	require.Equal(t, 15*time.Millisecond, lag.Max)
}

// figures is a Source with figures of its own.
type figures struct{ polls int }

func (f *figures) Poll(*exec.Local, int) int {
	if f.polls++; f.polls%2 == 0 {
		return 3
	}
	return 0
}
func (f *figures) Next() (time.Duration, bool) { return 0, false }
func (f *figures) String() string              { return "figures" }
func (f *figures) Report() []exec.Counter {
	return []exec.Counter{{Name: "answer", Value: 42}, {Name: "level", Value: 7, Gauge: true}}
}

func TestSourceStats(t *testing.T) {
	x, err := exec.New(exec.Config{})
	require.NoError(t, err)
	defer x.Stop()
	x.TrySend(exec.Func(func(l *exec.Local) {
		l.AddSource(&figures{})
		l.AddSource(&stuckSource{once: true})
	}))
	for range 6 {
		x.Step()
	}
	ss := x.Snapshot().Sources
	require.Len(t, ss, 2)
	require.Equal(t, "figures", ss[0].Name)
	require.EqualValues(t, 6, ss[0].Polls)
	require.EqualValues(t, 3, ss[0].Useful)
	require.EqualValues(t, 9, ss[0].Done)
	require.NotZero(t, ss[0].RunTime.Count())
	require.Equal(t, (&figures{}).Report(), ss[0].Counters)
	require.Equal(t, "exec_test.stuckSource", ss[1].Name)
	require.EqualValues(t, 6, ss[1].Polls)
	require.Zero(t, ss[1].Useful)
}

func TestStates(t *testing.T) {
	x, err := exec.New(exec.Config{Name: "x"})
	require.NoError(t, err)
	require.Equal(t, exec.StateMade, x.Snapshot().State)
	require.NoError(t, x.Start())
	s := x.Snapshot()
	require.Equal(t, exec.StateRunning, s.State)
	require.Equal(t, "x", s.Name)
	require.Eventually(t, func() bool { return x.Snapshot().Asleep }, 10*time.Second, time.Millisecond)
	require.Zero(t, x.Snapshot().Turn)
	require.Eventually(t, func() bool { x.Wake(); return x.Stats().Slept > 0 }, 10*time.Second, time.Millisecond)
	require.LessOrEqual(t, x.Stats().Slept, x.Stats().Idle)
	x.Stop()
	require.NoError(t, x.Wait())
	s = x.Snapshot()
	require.Equal(t, exec.StateEnded, s.State)
	require.Zero(t, s.Thread)
	require.Zero(t, s.Turn)
}

// Without statistics nothing is measured, and everything is still counted.
func TestNoStats(t *testing.T) {
	x := begin(t, exec.Config{NoStats: true})
	for range 10 {
		onLoop(t, x, func(l *exec.Local) { l.AddSource(&stuckSource{once: true}) })
	}
	drain(t, x)
	s := x.Snapshot()
	require.EqualValues(t, 10, s.Tasks)
	require.Zero(t, s.RunTime.Count()+s.TurnTime.Count()+s.QueueDelay.Count())
	require.EqualValues(t, 10, s.Inboxes[1].Consumed)
}
