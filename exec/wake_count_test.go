package exec_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// While there is work no sender makes a wake call, whichever way it sends.
func TestNoWakeWhileBusy(t *testing.T) {
	x, err := exec.New(exec.Config{Spin: -1})
	require.NoError(t, err)
	var items atomic.Int64
	in, err := exec.NewInbox(x, exec.InboxConfig[int]{Handle: func(_ *exec.Local, batch []int) int {
		items.Add(int64(len(batch)))
		return len(batch)
	}})
	require.NoError(t, err)
	lane, err := in.Lane()
	require.NoError(t, err)
	startForTest(t, x)
	var stop atomic.Bool
	var before exec.Stats
	onLoop(t, x, func(l *exec.Local) {
		var busy exec.Func
		busy = func(l *exec.Local) {
			if !stop.Load() {
				l.Spawn(busy)
			}
		}
		l.Spawn(busy)
		before = l.Stats() // from here on it is busy
	})
	received := x.Stats().WakesReceived // senders count, and this goroutine has
	var tasks atomic.Int64
	count := exec.Func(func(*exec.Local) { tasks.Add(1) })
	const n = 20_000
	for range n {
		for !x.TrySend(count) {
			time.Sleep(time.Microsecond)
		}
		x.TryControl(nop{})
		for !lane.Push(1) {
			time.Sleep(time.Microsecond)
		}
		x.Wake()
	}
	eventually(t, "all arrived", func() bool { return tasks.Load() == n && items.Load() == n })
	after := x.Stats()
	require.Equal(t, received, after.WakesReceived)
	require.Equal(t, before.Membarriers, after.Membarriers)
	stop.Store(true)
	eventually(t, "it parks when the work is done", func() bool { return x.Stats().Parks > after.Parks })
}

// Many senders that find one Exec parked make one wake call between them.
func TestOneWakePerPark(t *testing.T) {
	x := begin(t, exec.Config{Spin: -1})
	var ran atomic.Int64
	count := exec.Func(func(*exec.Local) { ran.Add(1) })
	const senders = 8
	rounds := sized(200, 1000, 10_000)
	parks := uint64(0)
	for r := range rounds {
		eventually(t, "it parked", func() bool { return x.Stats().Parks > parks })
		parks = x.Stats().Parks
		var wg sync.WaitGroup
		for range senders {
			wg.Go(func() { x.TrySend(count) })
		}
		wg.Wait()
		eventually(t, "all ran", func() bool { return ran.Load() == int64((r+1)*senders) })
	}
	drain(t, x)
	oneWakePerPark(t, x.Stats())
	s := x.Stats()
	require.Positive(t, s.WakesReceived)
}

// An Exec that spins does not go to sleep between two items that come close
// together, and so costs their sender no wake call.
func TestSpinForeverIsNeverWoken(t *testing.T) {
	x := begin(t, exec.Config{Spin: exec.SpinForever})
	for range 1000 {
		onLoop(t, x, func(*exec.Local) {})
	}
	x.Wake()
	s := x.Stats()
	require.Zero(t, s.WakesReceived)
	require.Zero(t, s.Parks)
	require.Zero(t, s.Membarriers)
}
