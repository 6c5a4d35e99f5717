package exec_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// filler keeps lanes full between turns.
type filler struct {
	lanes []*exec.Lane[from]
	next  []int
}

func (f *filler) fill(ids ...int) {
	if f.next == nil {
		f.next = make([]int, len(f.lanes))
	}
	for _, id := range ids {
		for f.lanes[id].Push(from{id, f.next[id]}) {
			f.next[id]++
		}
	}
}

func upTo(n int) (ids []int) {
	for i := range n {
		ids = append(ids, i)
	}
	return ids
}

// Lanes that always have something get equal shares, and a burst is a burst.
func TestSaturatedLanesShareFairly(t *testing.T) {
	const n, turns, burst = 8, 160, 16
	x := stepped(t, exec.Config{Burst: burst})
	o, in := newInOrder(t, x, exec.InboxConfig[from]{LaneCap: 32})
	f := filler{lanes: lanes(t, in, n)}
	for range turns {
		f.fill(upTo(n)...)
		before := len(o.served)
		x.Step()
		require.LessOrEqual(t, len(o.served)-before, burst)
	}
	require.Equal(t, turns*burst, len(o.served))
	for id := range n {
		require.InDelta(t, turns*burst/n, o.next[id], 2*burst, "lane %d", id)
	}
}

// An idle Exec sees a value in any of its lanes in the next turn.
func TestOneActiveLaneOfMany(t *testing.T) {
	const n = 64
	x := stepped(t, exec.Config{})
	o, in := newInOrder(t, x, exec.InboxConfig[from]{LaneCap: 4, MaxLanes: n})
	f := filler{lanes: lanes(t, in, n)}
	for range 200 {
		x.Step() // nothing: all of them turn cold
	}
	for round := range 3 {
		for id := range n {
			f.fill(id)
			x.Step()
			require.Equal(t, 4*(round+1), o.next[id])
		}
	}
}

// A lane that has been silent is served soon after it speaks up, although others
// take all of every burst: within one rotation over the cold lanes and one over
// the hot ones.
func TestColdLaneIsServedAmongSaturatedOnes(t *testing.T) {
	for _, tc := range []struct{ lanes, saturated int }{{2, 1}, {8, 4}, {64, 1}, {64, 8}, {64, 40}} {
		x := stepped(t, exec.Config{Burst: 16})
		o, in := newInOrder(t, x, exec.InboxConfig[from]{LaneCap: 32})
		f := filler{lanes: lanes(t, in, tc.lanes)}
		for range 200 {
			f.fill(upTo(tc.saturated)...)
			x.Step()
		}
		cold := tc.lanes - 1
		require.True(t, f.lanes[cold].Push(from{cold, 0}))
		turns := 0
		for ; o.next[cold] == 0 && turns < 1000; turns++ {
			f.fill(upTo(tc.saturated)...)
			x.Step()
		}
		const coldPolls = 8
		require.LessOrEqual(t, turns, tc.lanes/coldPolls+1+tc.saturated+1, "%+v", tc)
	}
}

// Neither the shared ring nor the lanes starve the other.
func TestSharedRingAndLanesShareATurn(t *testing.T) {
	for _, burst := range []int{1, 16} {
		x := stepped(t, exec.Config{Burst: burst})
		o, in := newInOrder(t, x, exec.InboxConfig[from]{Cap: 64, LaneCap: 64})
		f := filler{lanes: lanes(t, in, 2)}
		const shared = 9
		sent := 0
		const turns = 100
		for range turns {
			for in.TrySend(from{shared, sent}) {
				sent++
			}
			f.fill(0, 1)
			before := len(o.served)
			x.Step()
			require.LessOrEqual(t, len(o.served)-before, burst)
		}
		for _, who := range []int{0, 1, shared} {
			require.GreaterOrEqual(t, o.next[who], turns*burst/6, "burst %d: %d was starved", burst, who)
		}
	}
}

// Lanes that come and go while others are saturated leave nothing behind.
func TestLanesComeAndGoAmongSaturatedOnes(t *testing.T) {
	x := stepped(t, exec.Config{Burst: 16})
	o, in := newInOrder(t, x, exec.InboxConfig[from]{LaneCap: 32, MaxLanes: 4})
	f := filler{lanes: lanes(t, in, 1)}
	for i := range 1000 {
		f.fill(0)
		guest := lanes(t, in, 1)[0]
		require.True(t, guest.Push(from{1, i}))
		for o.next[1] == i {
			f.fill(0)
			x.Step()
		}
		guest.Close()
		f.fill(0)
		x.Step()
	}
	require.LessOrEqual(t, exec.LanesKnown(in), 4)
}
