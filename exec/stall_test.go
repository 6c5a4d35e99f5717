//go:build stalltest

package exec_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// A sender stopped between claiming its place and publishing hides what others
// send behind it. The Exec sleeps meanwhile instead of polling in vain, it is not
// woken for what it cannot take, and everything else makes progress.
func TestStallHidesWhatIsBehindIt(t *testing.T) {
	const n = 100_000
	x, err := exec.New(exec.Config{Spin: -1, InboxCap: n})
	require.NoError(t, err)
	var got []int
	var arrived atomic.Int64
	in, err := exec.NewInbox(x, exec.InboxConfig[int]{Cap: n + 1, Handle: func(_ *exec.Local, batch []int) int {
		got = append(got, batch...)
		arrived.Add(int64(len(batch)))
		return len(batch)
	}})
	require.NoError(t, err)
	lane, err := in.Lane()
	require.NoError(t, err)
	startForTest(t, x)
	eventually(t, "it parked", func() bool { return x.Stats().Parks > 0 })

	publish := exec.StallSend(in, 0)
	before := x.Stats()
	for i := range n {
		require.True(t, in.TrySend(1+i))
	}
	s := x.Stats()
	require.LessOrEqual(t, s.WakesReceived-before.WakesReceived, uint64(2))
	require.LessOrEqual(t, s.Turns-before.Turns, uint64(4))
	require.Zero(t, arrived.Load())

	// It sleeps: no turns, and next to no processor time.
	used := processorTime(t)
	time.Sleep(200 * time.Millisecond)
	require.Less(t, processorTime(t)-used, 50*time.Millisecond)
	require.LessOrEqual(t, x.Stats().Turns-s.Turns, uint64(4))

	// The others make progress: a lane of the same inbox, and other inboxes.
	for i := range 100 {
		require.True(t, lane.Push(-1-i))
		onLoop(t, x, func(*exec.Local) {})
	}
	require.True(t, x.TryControl(nop{}))
	eventually(t, "the lane's items arrived", func() bool { return arrived.Load() == 100 })
	eventually(t, "it sleeps again", func() bool { return x.Stats().Control == 1 })

	publish()
	eventually(t, "all arrived", func() bool { return arrived.Load() == 100+n+1 })
	require.Empty(t, drain(t, x))
	for i := range 100 {
		require.Equal(t, -1-i, got[i])
	}
	for i, v := range got[100:] {
		if i != v {
			t.Fatalf("%d arrived as number %d", v, i)
		}
	}
	require.EqualValues(t, 100+n+1, x.Stats().Items)
}

// Closing waits for the one that has claimed: its item was accepted, and neither
// Drain nor Undone loses it.
func TestStallThroughDrain(t *testing.T) {
	for name, stop := range map[string]bool{"drain": false, "stop": true} {
		t.Run(name, func(t *testing.T) {
			x, err := exec.New(exec.Config{Spin: -1})
			require.NoError(t, err)
			var sum atomic.Int64
			in, err := exec.NewInbox(x, exec.InboxConfig[int]{Handle: func(_ *exec.Local, batch []int) int {
				for _, v := range batch {
					sum.Add(int64(v))
				}
				return len(batch)
			}})
			require.NoError(t, err)
			startForTest(t, x)
			publish := exec.StallSend(in, 1)
			require.True(t, in.TrySend(2))
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				if stop {
					x.Stop()
					require.NoError(t, x.Wait())
				}
				_, err := x.Drain(patience(t))
				require.NoError(t, err)
				rest, err := in.Undone()
				require.NoError(t, err)
				for _, v := range rest {
					sum.Add(int64(v))
				}
			}()
			eventually(t, "closed", func() bool { return !x.TrySend(nop{}) })
			select {
			case <-ended:
				t.Fatal("the drain ended without what was accepted")
			case <-time.After(20 * time.Millisecond):
			}
			used := processorTime(t)
			time.Sleep(100 * time.Millisecond)
			require.Less(t, processorTime(t)-used, 50*time.Millisecond, "it polls in vain")
			publish()
			<-ended
			require.EqualValues(t, 3, sum.Load())
		})
	}
}
