package exec_test

import (
	"fmt"
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
	require.EqualValues(t, 8, s.Items)
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
	require.EqualValues(t, 10, s.Items)
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
				items, batches = items+in.Items, batches+in.Batches
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
	require.EqualValues(t, senders*each, s.Items)
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

// An item's wait is from when it was sent, by whatever way, until it is offered.
func TestQueueDelay(t *testing.T) {
	for _, maxWait := range []time.Duration{0, time.Hour} {
		for _, way := range []string{"shared", "batch", "lane", "staged"} {
			t.Run(fmt.Sprint(way, "/maxwait=", maxWait), func(t *testing.T) {
				x, err := exec.New(exec.Config{})
				require.NoError(t, err)
				defer x.Stop()
				cfg := exec.InboxConfig[int]{Name: "values", MaxWait: maxWait, Handle: func(_ *exec.Local, batch []int) int { return len(batch) }}
				if maxWait > 0 {
					cfg.OnExpired = func(*exec.Local, []int) {}
				}
				in, err := exec.NewInbox(x, cfg)
				require.NoError(t, err)
				lane, err := in.Lane()
				require.NoError(t, err)
				x.Step() // asks for the time of what comes next
				switch way {
				case "shared":
					in.TrySend(1)
				case "batch":
					in.TrySendBatch([]int{1, 2})
				case "lane":
					lane.Push(1)
				case "staged":
					lane.Stage(1)
					lane.Flush()
				}
				time.Sleep(10 * time.Millisecond)
				x.Step()
				s := inboxOf(t, x, "values")
				require.EqualValues(t, s.Received, s.Delay.Count())
				require.GreaterOrEqual(t, s.Delay.Max, 10*time.Millisecond)
				require.Equal(t, s.Delay, x.Snapshot().QueueDelay)
			})
		}
	}
}

// What a Snapshot says of waits is what items say that carry the time of their sending: in bursts that arrive at once, when
// the loop is away now and then, by one way and by another.
func TestQueueDelaysAreTrue(t *testing.T) {
	for _, way := range []string{"lane", "batch", "shared"} {
		t.Run(way, func(t *testing.T) {
			var truth exec.Histogram
			x, err := exec.New(exec.Config{Spin: exec.SpinForever, StallAfter: -1})
			require.NoError(t, err)
			n := 0
			in, err := exec.NewInbox(x, exec.InboxConfig[time.Time]{Name: "values", Cap: 1 << 14, Handle: func(_ *exec.Local, batch []time.Time) int {
				offered := time.Now()
				for _, sent := range batch {
					truth.Observe(offered.Sub(sent), 1)
					if n++; n%1500 == 0 {
						time.Sleep(5 * time.Millisecond)
					}
				}
				compute(time.Duration(len(batch)) * time.Microsecond)
				return len(batch)
			}})
			require.NoError(t, err)
			require.NoError(t, x.Start())
			t.Cleanup(func() { drain(t, x) })
			lane, err := in.Lane()
			require.NoError(t, err)
			burst := make([]time.Time, 500)
			sent := 0
			for end := time.Now().Add(400 * time.Millisecond); time.Now().Before(end); {
				for i := range burst {
					burst[i] = time.Now()
					switch way {
					case "lane":
						sent += boolToInt(lane.Push(burst[i]))
					case "shared":
						sent += boolToInt(in.TrySend(burst[i]))
					}
				}
				if way == "batch" {
					sent += lane.PushBatch(burst)
				}
				time.Sleep(5 * time.Millisecond)
			}
			eventually(t, "all are handled", func() bool { return inboxOf(t, x, "values").Items == uint64(sent) })
			s := inboxOf(t, x, "values").Delay
			t.Logf("%d items; mean %v, true %v; median %v, true %v; p90 %v, true %v", sent, s.Mean(), truth.Mean(), s.Quantile(.5), truth.Quantile(.5), s.Quantile(.9), truth.Quantile(.9))
			require.InEpsilon(t, sent, s.Count(), 0.25)
			for _, q := range []float64{.5, .9} {
				ratio := float64(s.Quantile(q)) / float64(truth.Quantile(q))
				require.True(t, 0.5 < ratio && ratio < 2, "quantile %v: %v, true is %v", q, s.Quantile(q), truth.Quantile(q))
			}
		})
	}
}

// More items may wait than there is room for stamps: those without lie between those with.
func TestQueueDelayOfManyThatComeSlowly(t *testing.T) {
	x := stepped(t, exec.Config{})
	var truth exec.Histogram
	in, err := exec.NewInbox(x, exec.InboxConfig[time.Time]{Name: "values", Handle: func(_ *exec.Local, batch []time.Time) int {
		for _, sent := range batch {
			truth.Observe(time.Since(sent), 1)
		}
		return len(batch)
	}})
	require.NoError(t, err)
	x.Step()
	for range 100 { // slower than that senders would leave some out
		require.True(t, in.TrySend(time.Now()))
		time.Sleep(300 * time.Microsecond)
	}
	settle(x)
	require.True(t, in.TrySend(time.Now()))
	settle(x)
	s := inboxOf(t, x, "values").Delay
	t.Logf("%d items; mean %v, true %v; median %v, true %v", s.Count(), s.Mean(), truth.Mean(), s.Quantile(.5), truth.Quantile(.5))
	require.EqualValues(t, 101, s.Count())
	require.InEpsilon(t, truth.Mean(), s.Mean(), 0.3)
	require.InEpsilon(t, truth.Quantile(.5), s.Quantile(.5), 0.3)
}

func boolToInt(b bool) int {
	if b {
		return 1
	}
	return 0
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
	require.EqualValues(t, 10, s.Inboxes[1].Items)
}

// What a sampler's samples say is what is true, whatever the rate: how many there were, and how long they took together,
// also if few of them take most of the time, and if there are pauses.
func TestSamplerIsUnbiased(t *testing.T) {
	const every, stale = 100, 4000 // ticks
	for name, took := range map[string]func(n int) (busy, pause int64){
		"short":       func(int) (int64, int64) { return 2, 0 },
		"as they are": func(int) (int64, int64) { return 100, 0 },
		"long":        func(int) (int64, int64) { return 10_000, 0 },
		"few long":    func(n int) (int64, int64) { return 1 + int64(n%100/99)*5000, 0 },
		"pauses":      func(n int) (int64, int64) { return 1 + int64(n%100/99)*300, int64(n%5000/4999) * 100_000 },
	} {
		t.Run(name, func(t *testing.T) {
			var s exec.Sampler
			now, shown, busy, sum, count, samples := int64(0), int64(0), int64(0), int64(0), uint64(0), 0
			const things = 2_000_000
			for n := range things {
				d, pause := took(n)
				now, busy = now+d, busy+d
				if s.Due(uint64(n + 1)) {
					w := s.Took(uint64(n+1), now, every)
					sum, count = sum+d*int64(w), count+w
					samples++
				}
				if now += pause; now-shown > every {
					s.Relax(uint64(n+1), now, stale)
					shown = now
				}
			}
			require.InEpsilon(t, things, count, 0.05)
			require.InEpsilon(t, busy, sum, 0.35)
			require.Less(t, int64(samples), max(things/10, 4*busy/every), "so few that they cost little")
		})
	}
}
