package exec_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// An OnPanic that fails itself (a test that asserts in it, say) does not end the loop.
func TestGoexitInOnPanicOfACoroutine(t *testing.T) {
	x := begin(t, exec.Config{OnPanic: func(exec.Panic) { exits["Goexit"]() }})
	var ran atomic.Int64
	onLoop(t, x, func(l *exec.Local) {
		for range 3 {
			spawn(l, func(*exec.Co) error { coroutineCrash(); return nil })
			spawn(l, func(co *exec.Co) error {
				_ = co.Yield()
				ran.Add(1)
				return nil
			})
		}
	})
	eventually(t, "all others ran", func() bool { return ran.Load() == 3 })
	drain(t, x)
	require.EqualValues(t, 3, x.Stats().TasksFailed)
}

// The same while the Exec ends: it still ends.
func TestGoexitInOnPanicWhileTheExecEnds(t *testing.T) {
	watchdog(t, time.Minute)
	before := count()
	x, err := exec.New(exec.Config{OnPanic: func(exec.Panic) { exits["Goexit"]() }})
	require.NoError(t, err)
	require.NoError(t, x.Start())
	h := &host{t, x, true}
	for range 4 {
		h.waiting(func(co *exec.Co) error {
			defer coroutineCrash()
			return co.Park()
		})
	}
	x.Stop()
	require.ErrorContains(t, x.Wait(), "runtime.Goexit was called")
	require.EqualValues(t, 4, x.Stats().TasksFailed)
	before.goroutinesGone(t)
}
