package exec_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

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
			eventually(t, "all are handled", func() bool { return inboxOf(t, x, "values").Consumed == uint64(sent) })
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
