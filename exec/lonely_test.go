package exec_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// One test for each way in which the executor lonely, whose model this package
// follows, fails its users. (Its balancers and its groups are other packages'.)

// It dropped a task whose ring was full, and told nobody.
func TestLonelyFullInboxIsReported(t *testing.T) {
	x := stepped(t, exec.Config{InboxCap: 4, ControlCap: 4})
	ran := 0
	count := &counting{&ran}
	lane, err := x.Lane()
	require.NoError(t, err)
	for _, send := range []func(exec.Task) bool{x.TrySend, x.TryControl, lane.Push} {
		ran = 0
		accepted := 0
		for range 100 {
			if send(count) {
				accepted++
			}
		}
		require.Equal(t, 4, accepted)
		settle(x)
		require.Equal(t, accepted, ran, "each that was accepted, and no other")
	}
	require.EqualValues(t, 2*96, x.Stats().Rejects)
}

// It spun for ever where all rings were full: there was no way to give up.
func TestLonelySendGivesUp(t *testing.T) {
	x := begin(t, exec.Config{InboxCap: 1})
	hold, entered := make(chan struct{}), make(chan struct{})
	require.True(t, x.TrySend(exec.Func(func(*exec.Local) { close(entered); <-hold })))
	<-entered
	x.TrySend(nop{})
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, x.Send(ctx, nop{}), context.DeadlineExceeded)
	require.ErrorIs(t, x.Send(ctx, nop{}), context.DeadlineExceeded, "at once")
	// Nor does it spin while it waits.
	used := processorTime(t)
	ctx2, cancel2 := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel2()
	require.ErrorIs(t, x.Send(ctx2, nop{}), context.DeadlineExceeded)
	require.Less(t, processorTime(t)-used, 100*time.Millisecond)
	// The end of the Exec ends the wait, too.
	errs := make(chan error)
	go func() { errs <- x.Send(context.Background(), nop{}) }()
	time.AfterFunc(5*time.Millisecond, x.Stop)
	require.ErrorIs(t, <-errs, exec.ErrClosed)
	close(hold)
}

// It moved its inbox into an unbounded local queue, so that a bounded ring was no
// backpressure at all.
func TestLonelyInboxIsBackpressure(t *testing.T) {
	x := begin(t, exec.Config{InboxCap: 8, LocalCap: 8, Burst: 4})
	hold, entered := make(chan struct{}), make(chan struct{})
	require.True(t, x.TrySend(exec.Func(func(*exec.Local) { close(entered); <-hold })))
	<-entered
	accepted := 0
	for range 1000 {
		if x.TrySend(nop{}) {
			accepted++
		}
	}
	require.LessOrEqual(t, accepted, 8)
	require.LessOrEqual(t, x.Stats().Depth, 8)
	close(hold)
	require.Empty(t, drain(t, x))
	require.EqualValues(t, 1+accepted, x.Stats().Tasks)
	require.LessOrEqual(t, x.Stats().MaxDepth, 8, "what comes by the inbox waits there, not in a queue without a bound")
}

// It ran its queue until that was empty: a task that re-posts itself starved the
// inbox for ever.
func TestLonelySelfRepostingTask(t *testing.T) {
	x := begin(t, exec.Config{LocalBudget: 8})
	var stop atomic.Bool
	onLoop(t, x, func(l *exec.Local) {
		var self exec.Func
		self = func(l *exec.Local) {
			if !stop.Load() {
				l.Spawn(self)
			}
		}
		l.Spawn(self)
	})
	for range 100 {
		onLoop(t, x, func(*exec.Local) {})
	}
	fired := make(chan struct{})
	onLoop(t, x, func(l *exec.Local) {
		l.After(time.Millisecond, exec.Func(func(*exec.Local) { close(fired) }))
	})
	<-fired
	stop.Store(true)
	require.Empty(t, drain(t, x))
}

// A stale look at the consumer's position let senders past a full ring.
func TestLonelyNeverMoreThanFits(t *testing.T) {
	const capacity = 4
	x, err := exec.New(exec.Config{})
	require.NoError(t, err)
	var inFlight, most atomic.Int64
	in, err := exec.NewInbox(x, exec.InboxConfig[int]{Cap: capacity, Handle: func(_ *exec.Local, batch []int) int {
		if n := inFlight.Load(); n > most.Load() {
			most.Store(n)
		}
		inFlight.Add(-int64(len(batch)))
		return len(batch)
	}})
	require.NoError(t, err)
	startForTest(t, x)
	n := sized(2_000, 20_000, 1_000_000)
	done := make(chan int)
	for range 4 {
		go func() {
			accepted := 0
			for range n {
				if in.TrySend(1) {
					accepted++
					inFlight.Add(1)
				}
			}
			done <- accepted
		}()
	}
	accepted := 0
	for range 4 {
		accepted += <-done
	}
	drain(t, x)
	require.LessOrEqual(t, most.Load(), int64(capacity))
	require.EqualValues(t, accepted, x.Stats().Items)
	require.EqualValues(t, 4*n-accepted, x.Stats().Rejects)
}

// It had neither a way to end nor a way to tell what was left.
func TestLonelyShutdown(t *testing.T) {
	x := begin(t, exec.Config{})
	hold, entered := make(chan struct{}), make(chan struct{})
	require.True(t, x.TrySend(exec.Func(func(*exec.Local) { close(entered); <-hold })))
	<-entered
	for range 10 {
		require.True(t, x.TrySend(nop{}))
	}
	x.Stop()
	close(hold)
	require.NoError(t, x.Wait())
	undone := drain(t, x)
	settled(t, 11, x.Stats())
	require.EqualValues(t, len(undone), x.Stats().Returned)
}
