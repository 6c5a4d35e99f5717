package exec_test

import (
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// What an inbox has received never goes back: not while its handler has a batch in hand, not when a lane is closed and
// forgotten, not after Undone.
func TestReceivedOnlyGrows(t *testing.T) {
	x, err := exec.New(exec.Config{StallAfter: -1})
	require.NoError(t, err)
	free := make(chan struct{})
	in, err := exec.NewInbox(x, exec.InboxConfig[int]{Name: "values", Handle: func(_ *exec.Local, batch []int) int {
		<-free
		return len(batch)
	}})
	require.NoError(t, err)
	received := func(want uint64) {
		t.Helper()
		require.Equal(t, want, inboxOf(t, x, "values").Received)
	}
	require.NoError(t, x.Start())
	lane, err := in.Lane()
	require.NoError(t, err)
	lane.Push(1)
	in.TrySend(1)
	received(2)
	free <- struct{}{}
	received(2)
	free <- struct{}{}
	lane.Close()
	eventually(t, "the lane is done", func() bool { return inboxOf(t, x, "values").Consumed == 2 })
	received(2)
	_, err = in.Lane() // the other one is forgotten now
	require.NoError(t, err)
	received(2)
	require.True(t, in.TrySend(1))
	eventually(t, "it is in hand", func() bool { return x.Snapshot().Turn > time.Millisecond })
	require.Equal(t, 2, in.TrySendBatch([]int{1, 2}))
	received(5)
	x.Stop()
	close(free)
	require.NoError(t, x.Wait())
	_, err = in.Undone()
	require.NoError(t, err)
	received(5)
}

// A sleep counts while it lasts, and nothing goes back when it is over.
func TestIdleGrowsDuringASleep(t *testing.T) {
	x := begin(t, exec.Config{Spin: -1})
	onLoop(t, x, func(*exec.Local) { compute(5 * time.Millisecond) })
	eventually(t, "it sleeps", func() bool { return x.Snapshot().Asleep })
	before := x.Stats()
	time.Sleep(30 * time.Millisecond)
	during := x.Stats()
	require.GreaterOrEqual(t, during.Slept-before.Slept, 25*time.Millisecond)
	require.GreaterOrEqual(t, during.Idle-before.Idle, 25*time.Millisecond)
	last := during
	for i := range 200 {
		if i%10 == 0 {
			onLoop(t, x, func(*exec.Local) { compute(200 * time.Microsecond) })
		}
		s := x.Stats()
		require.GreaterOrEqual(t, s.Idle, last.Idle)
		require.GreaterOrEqual(t, s.Slept, last.Slept)
		require.GreaterOrEqual(t, s.Busy, last.Busy)
		last = s
	}
}

// A loop that polls for ever, in vain, says so.
func TestIdleGrowsWhilePollingInVain(t *testing.T) {
	x := begin(t, exec.Config{Spin: exec.SpinForever})
	before := x.Stats()
	eventually(t, "its idle time shows", func() bool {
		s := x.Stats()
		return s.Idle > before.Idle+10*time.Millisecond && s.EmptyTurns > before.EmptyTurns
	})
}

// Report is the program's code: it may ask the Exec whatever it likes.
type asker struct {
	figures
	x *exec.Exec
}

func (a *asker) Report() []exec.Counter {
	return []exec.Counter{{Name: "tasks", Value: a.x.Stats().Tasks}}
}

func TestReportMayAskTheExec(t *testing.T) {
	watchdog(t, 30*time.Second)
	x := begin(t, exec.Config{})
	onLoop(t, x, func(l *exec.Local) { l.AddSource(&asker{x: x}) })
	require.Len(t, x.Snapshot().Sources[0].Counters, 1)
}

// An OnStall that waits holds up no report but those of its own Exec.
func TestOnStallMayWait(t *testing.T) {
	hold := make(chan struct{})
	defer close(hold)
	slow := begin(t, exec.Config{StallAfter: 10 * time.Millisecond, OnStall: func(exec.Stall) { <-hold }})
	first, second := newStuckTask(), newStuckTask()
	defer first.release()
	require.True(t, slow.TrySend(first))
	eventually(t, "the first is reported", func() bool { return slow.Snapshot().LastStall != nil })
	x, stalls := stalling(t, exec.Config{})
	defer second.release()
	require.True(t, x.TrySend(second))
	awaitStall(t, stalls, "(*stuckTask).Run")
}

// A patient Exec that is watched seldom does not keep another one from being watched often.
func TestStallBesideAPatientExec(t *testing.T) {
	begin(t, exec.Config{StallAfter: time.Hour})
	time.Sleep(20 * time.Millisecond) // the detector looks again in half an hour
	x, stalls := stalling(t, exec.Config{})
	task := newStuckTask()
	defer task.release()
	require.True(t, x.TrySend(task))
	awaitStall(t, stalls, "(*stuckTask).Run")
}

// A turn that a Goexit has cut short goes on with a new thread, and is watched there; reports stay few.
func TestStallAfterAGoexit(t *testing.T) {
	x, stalls := stalling(t, exec.Config{OnPanic: func(exec.Panic) {}})
	free := make(chan struct{})
	defer close(free)
	onLoop(t, x, func(l *exec.Local) {
		in, err := exec.NewInbox(x, exec.InboxConfig[int]{Handle: func(_ *exec.Local, batch []int) int {
			waitsFor(free)
			return len(batch)
		}})
		require.NoError(t, err)
		l.Spawn(exec.Func(func(*exec.Local) {
			in.TrySend(1) // inboxes come after local tasks: it is handled in the same turn
			runtime.Goexit()
		}))
	})
	s := awaitStall(t, stalls, "TestStallAfterAGoexit.func2.1")
	require.Equal(t, "handler", s.Kind)
	require.NotZero(t, x.Snapshot().Turn)
}

//go:noinline
func waitsFor(free chan struct{}) { <-free }

// The stack of what stalls may be deeper than a profile shows.
func TestStallDeepDown(t *testing.T) {
	x, stalls := stalling(t, exec.Config{})
	free := make(chan struct{})
	defer close(free)
	require.True(t, x.TrySend(exec.Func(func(*exec.Local) { deeper(300, free) })))
	s := awaitStall(t, stalls, "deeper")
	require.Contains(t, s.Stack, "exec_test.deeper")
}

//go:noinline
func deeper(n int, free chan struct{}) int {
	if n == 0 {
		<-free
		return 0
	}
	return deeper(n-1, free) + 1
}

// What the detector does is nobody's: it has no Exec's labels.
func TestDetectorHasNoLabels(t *testing.T) {
	begin(t, exec.Config{Name: "innocent"})
	eventually(t, "it runs", func() bool {
		var text strings.Builder
		require.NoError(t, pprof.Lookup("goroutine").WriteTo(&text, 1))
		for block := range strings.SplitSeq(text.String(), "\n\n") {
			if strings.Contains(block, "(*detector).run") {
				require.NotContains(t, block, `"exec"`)
				return true
			}
		}
		return false
	})
}

// Snapshots of an Exec with very much to show get through, and hold up nothing.
func TestSnapshotOfALargeExec(t *testing.T) {
	watchdog(t, time.Minute)
	x, err := exec.New(exec.Config{})
	require.NoError(t, err)
	for range 100 {
		_, err := exec.NewInbox(x, exec.InboxConfig[int]{Cap: 2, Handle: func(_ *exec.Local, batch []int) int { return len(batch) }})
		require.NoError(t, err)
	}
	require.NoError(t, x.Start())
	t.Cleanup(func() { drain(t, x) })
	var stop sync.WaitGroup
	done := make(chan struct{})
	stop.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
				x.TrySend(nop{})
			}
		}
	})
	for range 50 {
		require.Len(t, x.Snapshot().Inboxes, 102)
	}
	close(done)
	stop.Wait()
}
