package exec_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// A handler that consumes a part of its batch is offered the rest in the next
// turn, in order: nothing is lost and nothing comes twice.
func TestHandlerConsumesAPart(t *testing.T) {
	for _, part := range []int{1, 3, 7} {
		for _, way := range []string{"shared", "lane"} {
			x := stepped(t, exec.Config{Burst: 8})
			var got []int
			var firsts []int // of each batch in this turn
			in, err := exec.NewInbox(x, exec.InboxConfig[int]{Cap: 16, Handle: func(_ *exec.Local, batch []int) int {
				n := min(part, len(batch))
				firsts = append(firsts, batch[0])
				got = append(got, batch[:n]...)
				return n
			}})
			require.NoError(t, err)
			lane, err := in.Lane()
			require.NoError(t, err)
			send := map[string]func(int) bool{"shared": in.TrySend, "lane": lane.Push}[way]
			const n = 100
			for sent := 0; len(got) < n; {
				for sent < n && send(sent) {
					sent++
				}
				before := len(got)
				firsts = nil
				x.Step()
				require.Greater(t, len(got), before)
				require.Equal(t, before, firsts[0], "the rest comes first")
			}
			for i, v := range got {
				require.Equal(t, i, v)
			}
			settle(x)
			s := x.Stats()
			require.EqualValues(t, n, s.Items)
			require.Zero(t, s.Depth)
			settled(t, n, s)
		}
	}
}

// What one lane's handler holds back does not hold back the others.
func TestHeldBackLaneHoldsBackNoOther(t *testing.T) {
	x := stepped(t, exec.Config{})
	passed := 0
	in, err := exec.NewInbox(x, exec.InboxConfig[int]{Handle: func(_ *exec.Local, batch []int) int {
		if batch[0] < 0 {
			return 0
		}
		passed += len(batch)
		return len(batch)
	}})
	require.NoError(t, err)
	held, err := in.Lane()
	require.NoError(t, err)
	free, err := in.Lane()
	require.NoError(t, err)
	require.True(t, held.Push(-1))
	require.True(t, in.TrySend(-1))
	for i := range 100 {
		require.True(t, free.Push(i))
		x.Step()
	}
	require.GreaterOrEqual(t, passed, 99)
	require.Equal(t, 2, in.Len()-free.Len(), "what is held back is still there")
}

// While a handler holds everything back the Exec neither sleeps for ever nor
// takes a whole processor, and it goes on when the handler does, without being
// woken. Meanwhile everything else works.
func TestHeldBackBatch(t *testing.T) {
	for name, spin := range allSpins {
		t.Run(name, func(t *testing.T) {
			x, err := exec.New(exec.Config{Spin: spin})
			require.NoError(t, err)
			var full atomic.Bool
			var calls, passed atomic.Int64
			in, err := exec.NewInbox(x, exec.InboxConfig[int]{Handle: func(_ *exec.Local, batch []int) int {
				calls.Add(1)
				if full.Load() {
					return 0
				}
				passed.Add(int64(len(batch)))
				return len(batch)
			}})
			require.NoError(t, err)
			startForTest(t, x)
			full.Store(true)
			for i := range 10 {
				require.True(t, in.TrySend(i))
			}
			eventually(t, "it was offered again and again", func() bool { return calls.Load() > 50 })
			require.Zero(t, passed.Load())
			if spin != exec.SpinForever {
				parks := x.Stats().Parks
				eventually(t, "it sleeps between two looks", func() bool { return x.Stats().Parks > parks+10 })
			}
			if spin < 0 {
				used := processorTime(t)
				time.Sleep(100 * time.Millisecond)
				require.Less(t, processorTime(t)-used, 70*time.Millisecond)
			}
			onLoop(t, x, func(*exec.Local) {})
			full.Store(false)
			eventually(t, "all arrived", func() bool { return passed.Load() == 10 })
			drain(t, x)
			settled(t, 11, x.Stats())
		})
	}
}

// Drain waits for what is held back, and gives it back when its time is over.
func TestDrainWithABatchHeldBack(t *testing.T) {
	x, err := exec.New(exec.Config{})
	require.NoError(t, err)
	var full atomic.Bool
	full.Store(true)
	in, err := exec.NewInbox(x, exec.InboxConfig[int]{Handle: func(_ *exec.Local, batch []int) int {
		if full.Load() {
			return min(1, len(batch)-1) // all but the last
		}
		return len(batch)
	}})
	require.NoError(t, err)
	startForTest(t, x)
	lane, err := in.Lane()
	require.NoError(t, err)
	require.Equal(t, 3, lane.PushBatch([]int{1, 2, 3}))
	release := time.AfterFunc(30*time.Millisecond, func() { full.Store(false) })
	defer release.Stop()
	drain(t, x)
	require.False(t, full.Load())
	require.EqualValues(t, 3, x.Stats().Items)
}
