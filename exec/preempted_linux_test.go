//go:build !portable

package exec_test

import (
	osexec "os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/place"
)

// A turn that takes long because a real-time process has the processor is reported, and as what it is: the code that the
// loop was in is not to blame.
func TestStallBesideARealTimeProcess(t *testing.T) {
	twoProcessors(t)
	allowed, err := place.Allowed()
	require.NoError(t, err)
	last := allowed[len(allowed)-1]
	var log logbook
	stalls := make(chan exec.Stall, 1)
	x := begin(t, exec.Config{CPUs: []int{last}, StallAfter: 20 * time.Millisecond, OnStall: func(s exec.Stall) {
		s.Log(log.logger())
		stalls <- s
	}})

	hog := osexec.Command("sh", "-c", "while :; do :; done")
	require.NoError(t, hog.Start())
	pid := hog.Process.Pid
	defer func() { // it may have ended
		_ = hog.Process.Kill()
		_ = hog.Wait()
	}()
	var only unix.CPUSet
	only.Set(last)
	require.NoError(t, unix.SchedSetaffinity(pid, &only))
	// The kernel ends it: while it has the processor of a loop, this program's world cannot be stopped, and it may be
	// that nothing here runs.
	limit := unix.Rlimit{Cur: 60_000, Max: 60_000} // in microseconds
	require.NoError(t, unix.Prlimit(pid, unix.RLIMIT_RTTIME, &limit, nil))

	var told atomic.Bool
	denied, ended := make(chan error, 1), make(chan struct{})
	require.True(t, x.TrySend(exec.Func(func(*exec.Local) {
		defer close(ended)
		if err := unix.SchedSetAttr(pid, &unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_FIFO, Priority: 10}, 0); err != nil {
			denied <- err
			return
		}
		for limit := time.Now().Add(10 * time.Second); !told.Load() && time.Now().Before(limit); {
		}
	})))
	var s exec.Stall
	select {
	case err := <-denied:
		require.ErrorIs(t, err, unix.EPERM)
		t.Skip("it takes the right to make real-time processes")
	case s = <-stalls:
	}
	told.Store(true)
	<-ended
	require.True(t, s.HeldUp, "%+v", s)
	require.Greater(t, s.Preempted, 2*time.Millisecond)
	require.Contains(t, strings.Join(log.with("others have the processor"), ""), "level=INFO")
}
