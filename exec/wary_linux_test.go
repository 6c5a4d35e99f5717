//go:build !portable

package exec_test

import (
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/place"
)

// A loop that polls does not go on giving way to a thread that computes on its processor: it sleeps, because the
// kernel takes the processor from that thread for one that is woken, and not for one that gives way. It was told to
// poll for an hour, so nothing else makes it park.
func TestBesideAHogALoopSleeps(t *testing.T) {
	twoProcessors(t)
	allowed, err := place.Allowed()
	require.NoError(t, err)
	last := allowed[len(allowed)-1:]
	x := begin(t, exec.Config{CPUs: last, Spin: time.Hour})
	var end atomic.Bool
	pinned, ended := make(chan error), make(chan struct{})
	go func() {
		defer close(ended)
		runtime.LockOSThread() // and never unlocked: its affinity ends with it
		_, err := place.Pin(last)
		pinned <- err
		for err == nil && !end.Load() {
		}
	}()
	defer func() {
		end.Store(true)
		<-ended
	}()
	require.NoError(t, <-pinned)
	eventually(t, "it parks", func() bool { return x.Stats().Parks > 0 })
	for range 100 {
		onLoop(t, x, func(*exec.Local) {}) // and it is still there
	}
}
