package group_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
)

// inWorker runs f on the loop of worker i.
func inWorker[T any](t testing.TB, g *group.Group[T], i int, f func(l *exec.Local)) {
	t.Helper()
	_, err := exec.Call(within(30*time.Second), g.Exec(i), func(l *exec.Local) (int, error) { f(l); return 0, nil })
	require.NoError(t, err)
}

// cos starts n coroutines on worker i.
func cos[T any](t testing.TB, g *group.Group[T], i, n int, f func(co *exec.Co) error) {
	t.Helper()
	inWorker(t, g, i, func(l *exec.Local) {
		for range n {
			_, err := exec.Go(l, func(co *exec.Co) (int, error) { return 0, f(co) })
			require.NoError(t, err)
		}
	})
}

func forEver(co *exec.Co) error { return co.Sleep(1000 * time.Hour) }

func untilDrained(co *exec.Co) error {
	co.CancelOnDrain()
	return forEver(co)
}

// Whatever can end does, and the report says that nothing is left: coroutines that asked
// for it are cancelled at once, and others wait for them in peace.
func TestShutdownThatCompletes(t *testing.T) {
	var c collector[int]
	g := startGroup(t, group.Config[int]{Workers: 2, Worker: c.worker(2)})
	ended, finished := 0, false // worker 0's
	cos(t, g, 0, 3, func(co *exec.Co) error {
		defer func() { ended++ }()
		return untilDrained(co)
	})
	cos(t, g, 1, 2, untilDrained)
	cos(t, g, 0, 1, func(co *exec.Co) error {
		for ended < 3 {
			if err := co.Sleep(time.Millisecond); err != nil {
				return err
			}
		}
		finished = true
		return nil
	})
	p := producer(t, g)
	for i := range 100 {
		require.NoError(t, p.Send(i))
	}
	r, err := g.Shutdown(within(30 * time.Second))
	require.NoError(t, err)
	require.Empty(t, r.Undone)
	require.Empty(t, r.Tasks)
	require.EqualValues(t, 5, r.Cancelled)
	require.Positive(t, r.Took)
	require.True(t, finished)
	require.Len(t, append(c.got[0], c.got[1]...), 100)
	require.NoError(t, g.Wait())
	require.ErrorIs(t, p.Send(1), group.ErrClosed)
	s := g.Stats()
	require.EqualValues(t, 3+100+6, s.Executed, "calls, items and coroutines")
	require.Zero(t, s.Returned)
}

// At the deadline the rest is cancelled, and the report has all of it.
func TestShutdownAtTheDeadline(t *testing.T) {
	g := startGroup(t, group.Config[int]{Workers: 2, Worker: func(_ *exec.Local, id int) (group.Handler[int], error) {
		return group.HandlerFunc[int](func(_ *exec.Local, batch []int) int {
			if id == 1 {
				return 0 // it holds all back
			}
			return len(batch)
		}), nil
	}})
	cos(t, g, 0, 2, untilDrained)
	cos(t, g, 0, 1, func(co *exec.Co) error { return co.Sleep(time.Millisecond) })
	cleaned := 0 // worker 1's
	cos(t, g, 1, 3, func(co *exec.Co) error {
		defer func() { cleaned++ }()
		return forEver(co)
	})
	inWorker(t, g, 0, func(l *exec.Local) {
		for range 2 {
			_, ok := l.After(time.Hour, nop{})
			require.True(t, ok)
		}
	})
	p := producer(t, g)
	for i := range 7 {
		require.NoError(t, p.SendTo(1, i))
		require.NoError(t, p.SendTo(0, i))
	}
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	start := time.Now()
	r, err := g.Shutdown(ctx)
	took := time.Since(start)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.NotErrorIs(t, err, exec.ErrRunning)
	require.Equal(t, []int{0, 1, 2, 3, 4, 5, 6}, r.Undone)
	require.Equal(t, []exec.Task{nop{}, nop{}}, r.Tasks)
	require.EqualValues(t, 5, r.Cancelled)
	require.Positive(t, r.Took)
	require.LessOrEqual(t, r.Took, took)
	require.Equal(t, 3, cleaned)
	s := g.Stats()
	require.EqualValues(t, 4+7+6, s.Executed, "calls, items and coroutines")
	require.EqualValues(t, 7+2, s.Returned)
	require.Zero(t, s.Workers[0].Coroutines+s.Workers[1].Coroutines)
}

type nop struct{}

func (nop) Run(*exec.Local) {}

// A worker whose coroutine sleeps has not finished: what it sends when it wakes is handled,
// also by another worker that has long been idle.
func TestShutdownWaitsForASleepingCoroutine(t *testing.T) {
	var c collector[int]
	g := startGroup(t, group.Config[int]{Workers: 2, Worker: c.worker(2)})
	begun := make(chan struct{})
	cos(t, g, 0, 1, func(co *exec.Co) error {
		next, err := g.Forwarder(co.Local())
		if err != nil {
			return err
		}
		close(begun)
		for i := range 3 {
			if err := co.Sleep(5 * time.Millisecond); err != nil {
				return err
			}
			if err := next.SendTo(1, i); err != nil {
				return err
			}
		}
		return nil
	})
	<-begun
	r, err := g.Shutdown(within(30 * time.Second))
	require.NoError(t, err)
	require.Empty(t, r.Undone)
	require.Zero(t, r.Cancelled)
	require.Equal(t, []int{0, 1, 2}, c.got[1])
}

// The same of a job that runs elsewhere, and of a call to another Exec.
func TestShutdownWaitsForJobsAndCalls(t *testing.T) {
	x, err := exec.New(exec.Config{})
	require.NoError(t, err)
	require.NoError(t, x.Start())
	defer x.Stop()
	g := startGroup(t, group.Config[int]{Workers: 2, Worker: ignore[int]})
	begun, done := make(chan struct{}), 0
	inWorker(t, g, 1, func(l *exec.Local) {
		_, err := exec.GoBlocking(l, func() (int, error) { time.Sleep(10 * time.Millisecond); done++; return 0, nil })
		require.NoError(t, err)
	})
	called := 0
	cos(t, g, 0, 1, func(co *exec.Co) error {
		close(begun)
		v, err := exec.CallGoFrom(co, x, func(co *exec.Co) (int, error) { return 1, co.Sleep(10 * time.Millisecond) })
		called = v
		return err
	})
	<-begun
	r, err := g.Shutdown(within(30 * time.Second))
	require.NoError(t, err)
	require.Zero(t, r.Cancelled)
	require.Equal(t, []int{1, 1}, []int{done, called})
}

// A handler that does not return cannot be interrupted: Shutdown says so, and may be called
// again.
func TestShutdownOfAStuckHandler(t *testing.T) {
	release, entered := make(chan struct{}), make(chan struct{}, 10)
	g := startGroup(t, group.Config[int]{Workers: 2, Worker: func(*exec.Local, int) (group.Handler[int], error) {
		return group.HandlerFunc[int](func(*exec.Local, []int) int { entered <- struct{}{}; <-release; return 1 }), nil
	}})
	p := producer(t, g)
	for i := range 3 {
		require.NoError(t, p.SendTo(0, i))
	}
	<-entered
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	r, err := g.Shutdown(ctx)
	require.ErrorIs(t, err, exec.ErrRunning)
	require.ErrorIs(t, err, context.Canceled)
	require.Empty(t, r.Undone)
	close(release)
	require.NoError(t, g.Wait())
	r, err = g.Shutdown(within(30 * time.Second))
	require.NoError(t, err)
	require.NotEmpty(t, r.Undone)
	require.Equal(t, 2, r.Undone[len(r.Undone)-1])
	require.EqualValues(t, 3, balanced(t, g).Executed+uint64(len(r.Undone)))
}

func TestShutdownOnALoop(t *testing.T) {
	g := startGroup(t, group.Config[int]{Worker: ignore[int]})
	inWorker(t, g, 0, func(*exec.Local) {
		_, err := g.Shutdown(context.Background())
		require.Equal(t, exec.ErrOnLoop, err)
	})
	require.NoError(t, g.TrySend(1), "it goes on")
}

// A group that was never started gives everything back.
func TestShutdownOfAGroupThatNeverRan(t *testing.T) {
	g := newGroup(t, group.Config[int]{Workers: 2, Worker: ignore[int]})
	require.NoError(t, g.TrySend(1))
	require.True(t, g.Exec(0).TrySend(nop{}))
	r, err := g.Shutdown(context.Background())
	require.NoError(t, err)
	require.Equal(t, []int{1}, r.Undone)
	require.Equal(t, []exec.Task{nop{}}, r.Tasks)
	require.Zero(t, r.Cancelled)
}

// Also if every worker has ended, of the stop at the deadline, by the time that it is asked.
func TestShutdownAtTheDeadlineSaysSo(t *testing.T) {
	for range 50 {
		g := startGroup(t, group.Config[int]{Worker: ignore[int]})
		cos(t, g, 0, 1, forEver)
		over, cancel := context.WithCancel(context.Background())
		cancel()
		r, err := g.Shutdown(over)
		require.ErrorIs(t, err, context.Canceled)
		require.EqualValues(t, 1, r.Cancelled)
	}
}

// A worker's coroutine that receives from a Mailbox ends with the drain of the group.
func TestDrainClosesMailboxes(t *testing.T) {
	var got atomic.Int64
	var boxes [2]*exec.Mailbox[int]
	g, err := group.New(group.Config[exec.Task]{Workers: 2, Exec: exec.Config{OnStart: func(l *exec.Local) error {
		m, err := exec.NewMailbox(l.Exec(), exec.InboxConfig[int]{})
		if err != nil {
			return err
		}
		boxes[int(l.Exec().Name()[len(l.Exec().Name())-1]-'0')] = m
		return l.Go(func(co *exec.Co) {
			for {
				if _, err := m.Receive(co); err != nil {
					return
				}
				got.Add(1)
			}
		})
	}}})
	require.NoError(t, err)
	require.NoError(t, g.Start())
	for _, m := range boxes {
		require.True(t, m.TrySend(1))
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	r, err := g.Shutdown(ctx)
	require.NoError(t, err)
	require.EqualValues(t, 2, got.Load())
	require.Zero(t, r.Cancelled)
}

// Blocking work that is left is in the report, and can be waited for.
func TestShutdownReportsBlockingWork(t *testing.T) {
	g, err := group.New(group.Config[exec.Task]{Workers: 1, Exec: exec.Config{MaxBlocking: 2}})
	require.NoError(t, err)
	require.NoError(t, g.Start())
	hold, begun := make(chan struct{}), make(chan struct{}, 10)
	require.NoError(t, g.TrySend(exec.Func(func(l *exec.Local) {
		for range 5 {
			_, err := exec.GoBlocking(l, func() (int, error) { begun <- struct{}{}; <-hold; return 0, nil })
			require.NoError(t, err)
		}
	})))
	<-begun
	<-begun
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	r, err := g.Shutdown(ctx)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.EqualValues(t, 3, r.Jobs)
	require.Equal(t, 2, r.Running)
	require.ErrorIs(t, g.WaitBlocking(ctx), context.DeadlineExceeded)
	close(hold)
	require.NoError(t, g.WaitBlocking(context.Background()))
}
