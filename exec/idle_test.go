package exec_test

import (
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// Execs that have nothing to do sleep: a second of several of them, with a timer
// that is far off and a source that waits to be woken, takes next to no processor
// time and no turns. (The contract is below 1 % of a core; the bound here leaves
// room for the rest of the test binary.)
func TestIdleCostsLittle(t *testing.T) {
	var execs []*exec.Exec
	for range 3 {
		x := begin(t, exec.Config{})
		parks := uint64(0)
		onLoop(t, x, func(l *exec.Local) {
			l.AddSource(pollFunc(func() {}))
			l.After(time.Hour, nop{})
			parks = x.Stats().Parks
		})
		eventually(t, "it parked", func() bool { return x.Stats().Parks > parks })
		execs = append(execs, x)
	}
	runtime.GC() // rather now than in the second that counts
	turns := uint64(0)
	for _, x := range execs {
		turns += x.Stats().Turns
	}
	used := processorTime(t)
	time.Sleep(time.Second)
	require.Less(t, processorTime(t)-used, 50*time.Millisecond)
	for _, x := range execs {
		turns -= x.Stats().Turns
	}
	require.Zero(t, turns)
}

// An Exec that was told to spin parks only after so long without work, unless a thread with work of its own has
// taken its processor: then it is tried again.
func TestSpinComesBeforeAPark(t *testing.T) {
	twoProcessors(t) // with one there is none to spare for spinning
	const spin = 10 * time.Millisecond
	eventuallyWithin(t, time.Minute, "it polls for as long as it was told to", func() bool {
		x, err := exec.New(exec.Config{Spin: spin})
		require.NoError(t, err)
		require.NoError(t, x.Start())
		eventually(t, "it parked", func() bool { return x.Stats().Parks > 0 })
		polled := x.Stats().Idle // until the park: nothing has woken it yet
		drain(t, x)
		return polled >= spin*9/10
	})
}
