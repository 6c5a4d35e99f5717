package exec_test

import (
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// While more loops run than there are Ps, one that finds nothing parks at once, however long it
// was to poll, and can be woken from that, by who sends and by a timer.
func TestCrowdedLoopsPark(t *testing.T) {
	const ps, loops = 3, 5
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(ps))
	watchdog(t, time.Minute)
	var log logbook
	var execs []*exec.Exec
	for range loops {
		execs = append(execs, begin(t, exec.Config{Spin: time.Hour, Logger: log.logger()}))
	}
	for _, x := range execs {
		onLoop(t, x, func(*exec.Local) {})
		eventually(t, "it parks", func() bool { return x.Stats().Parks > 0 })
	}
	var ran atomic.Int64
	count := exec.Func(func(*exec.Local) { ran.Add(1) })
	for round := range 300 {
		for _, x := range execs {
			require.True(t, x.TrySend(count))
		}
		eventually(t, "all have run it", func() bool { return ran.Load() == int64(loops*(round+1)) })
	}
	ran.Store(0)
	for _, x := range execs {
		onLoop(t, x, func(l *exec.Local) {
			for i := range 3 {
				_, ok := l.After(time.Duration(i)*time.Millisecond, count)
				require.True(t, ok)
			}
		})
	}
	eventually(t, "all timers have fired", func() bool { return ran.Load() == 3*loops })
}

// When the others have ended, those that are left sleep as before, and wake from that.
func TestCrowdedNoMore(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	watchdog(t, time.Minute)
	x := begin(t, exec.Config{})
	for range 3 {
		var others []*exec.Exec
		for range 2 {
			others = append(others, begin(t, exec.Config{}))
		}
		for range 50 {
			onLoop(t, x, func(*exec.Local) {})
		}
		for _, other := range others {
			drain(t, other)
		}
		for range 50 {
			onLoop(t, x, func(*exec.Local) {})
			time.Sleep(50 * time.Microsecond)
		}
	}
}
