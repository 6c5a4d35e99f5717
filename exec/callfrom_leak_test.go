package exec_test

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// A loop forgets the ways to Execs that have ended, and an Exec the callers that have.
func TestCallFromForgetsThoseThatHaveEnded(t *testing.T) {
	x, y := stepped(t, exec.Config{}), stepped(t, exec.Config{})
	live := func() uint64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	var before uint64
	rounds := sized(50, 200, 1000)
	for i := range rounds {
		if i == rounds/2 {
			before = live()
		}
		other, err := exec.New(exec.Config{InboxCap: 16, LocalCap: 16, ControlCap: 16})
		require.NoError(t, err)
		there := launched(t, x, func(co *exec.Co) (int, error) { return exec.CallFrom(co, other, answer(1)) })
		back := launched(t, other, func(co *exec.Co) (int, error) { return exec.CallFrom(co, y, answer(1)) })
		stepAll(x, other, y)
		require.True(t, there.Finished())
		require.True(t, back.Finished())
		require.Equal(t, 1, exec.Callers(y))
		other.Stop()
		require.Zero(t, exec.Callers(y))
		settle(x)
		require.LessOrEqual(t, exec.Peers(x), 1)
		settle(y)
	}
	after := live()
	require.Less(t, int64(after)-int64(before), int64(rounds/2)*1000, "bytes that %d Execs left behind", rounds/2)
	runtime.KeepAlive(x)
	runtime.KeepAlive(y)
}

// The first request of a turn leaves at once, the others together.
func TestCallFromWakesOncePerBatch(t *testing.T) {
	x := stepped(t, exec.Config{LocalBudget: 1000})
	y := begin(t, exec.Config{Spin: -1, Burst: 1000})
	for range 3 {
		parks := y.Stats().Parks
		eventually(t, "y sleeps", func() bool { return y.Stats().Parks > 0 && exec.Asleep(y) })
		before := x.Stats().WakesSent
		joins, _ := crowd(t, x, y, exec.MaxCalls)
		require.Greater(t, x.Stats().WakesSent, before)
		require.LessOrEqual(t, x.Stats().WakesSent, before+2)
		eventually(t, "all are answered", func() bool {
			settle(x)
			return joins[len(joins)-1].Finished()
		})
		require.Greater(t, y.Stats().WakesReceived, uint64(0))
		require.GreaterOrEqual(t, y.Stats().Parks, parks)
	}
	eventually(t, "all are counted", func() bool { return y.Stats().Tasks >= 3*exec.MaxCalls })
	s := y.Stats()
	require.EqualValues(t, 3*exec.MaxCalls, s.Tasks)
	require.LessOrEqual(t, s.Batches, uint64(6))
	require.Zero(t, x.Stats().Items, "answers are no items of the user's")

	// Answers wake the caller, once, and the callee's Stats show it.
	z := begin(t, exec.Config{Spin: -1})
	v, err := exec.CallGo(patience(t), z, func(co *exec.Co) (int, error) {
		return exec.CallFrom(co, y, func(*exec.Local) (int, error) {
			eventually(t, "z sleeps", func() bool { return exec.Asleep(z) })
			return 1, nil
		})
	})
	require.NoError(t, err)
	require.Equal(t, 1, v)
	eventually(t, "y shows it", func() bool { return y.Stats().WakesSent == 1 })
}
