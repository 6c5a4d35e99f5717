package group_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
)

// errGone is what ends a worker before its time in these tests.
var errGone = errors.New("gone")

// endWorker ends worker i by a panic. The group's policy must be exec.Panic.Stop.
func endWorker[T any](t testing.TB, g *group.Group[T], i int) {
	t.Helper()
	_, err := exec.Call(within(30*time.Second), g.Exec(i), func(*exec.Local) (int, error) { panic(errGone) })
	require.Error(t, err)
	eventually(t, g.Exec(i).Ended)
}

// fragile starts a group in which a panic ends its worker.
func fragile[T any](t testing.TB, cfg group.Config[T]) *group.Group[T] {
	t.Helper()
	cfg.Exec.OnPanic = exec.Panic.Stop
	g := newGroup(t, cfg)
	require.NoError(t, g.Start())
	t.Cleanup(func() {
		g.Stop()
		_ = g.Wait()
	})
	return g
}

// The others finish what they have, coroutines and what these send included. Shutdown says
// what has ended the one, each time it is called.
func TestShutdownWhenAWorkerHasEnded(t *testing.T) {
	var c collector[int]
	g := fragile(t, group.Config[int]{Workers: 3, Worker: c.worker(3)})
	var next *group.Forwarder[int] // worker 1's
	inWorker(t, g, 1, func(l *exec.Local) { next, _ = g.Forwarder(l) })
	require.NotNil(t, next)
	endWorker(t, g, 0)
	begun, finished := make(chan struct{}), make(chan error, 2)
	cos(t, g, 1, 1, func(co *exec.Co) error {
		close(begun)
		err := co.Sleep(20 * time.Millisecond)
		finished <- next.SendTo(0, 1)
		finished <- errors.Join(err, next.SendTo(2, 2))
		return nil
	})
	<-begun
	r, err := g.Shutdown(within(30 * time.Second))
	require.ErrorIs(t, err, errGone)
	require.ErrorContains(t, err, "group/0")
	require.NotErrorIs(t, err, context.DeadlineExceeded)
	require.Equal(t, group.ErrClosed, <-finished, "nobody is there any more")
	require.NoError(t, <-finished)
	require.Equal(t, []int{2}, c.got[2])
	require.Empty(t, r.Undone)
	require.Zero(t, r.Cancelled)
	_, err = g.Drain(context.Background())
	require.ErrorIs(t, err, errGone)
}

// What was bound for a worker that has ended is undone, whether it had been taken by then
// or not, and what was bound for the others is not.
func TestDrainReturnsWhatAWorkerThatHasEndedWasToDo(t *testing.T) {
	entered, release := make(chan struct{}, 1), make(chan struct{})
	handled := make([]int, 2) // each worker's
	g := fragile(t, group.Config[int]{Workers: 2, Worker: func(_ *exec.Local, id int) (group.Handler[int], error) {
		return group.HandlerFunc[int](func(_ *exec.Local, batch []int) int {
			if id == 0 {
				entered <- struct{}{}
				<-release
				panic(errGone)
			}
			handled[id] += len(batch)
			return len(batch)
		}), nil
	}})
	p := producer(t, g)
	require.NoError(t, p.SendTo(0, 1))
	<-entered
	for i := range 10 {
		require.NoError(t, p.SendTo(0, 10+i))
		require.NoError(t, p.SendTo(1, 20+i))
	}
	close(release)
	undone, err := g.Drain(within(30 * time.Second))
	require.ErrorIs(t, err, errGone)
	require.NotErrorIs(t, err, context.DeadlineExceeded)
	require.Equal(t, []int{10, 11, 12, 13, 14, 15, 16, 17, 18, 19}, undone)
	require.Equal(t, []int{0, 10}, handled)
	require.EqualValues(t, 1, balanced(t, g).Failed)
}

// Items on their way to a worker that has ended hold all the credits that there are. The
// others must get them, or they could not take the NEW items that they have accepted.
func TestDrainGivesBackTheCreditsOfAWorkerThatHasEnded(t *testing.T) {
	const credits = 4
	entered, release := make(chan struct{}), make(chan struct{})
	var got []int // worker 1's
	g := fragile(t, group.Config[int]{Workers: 2, MaxForwards: credits, Worker: func(_ *exec.Local, id int) (group.Handler[int], error) {
		return group.HandlerFunc[int](func(_ *exec.Local, batch []int) int {
			if id == 0 {
				close(entered)
				<-release
				panic(errGone)
			}
			got = append(got, batch...)
			return len(batch)
		}), nil
	}})
	p := producer(t, g)
	require.NoError(t, p.SendTo(0, 1))
	<-entered
	inWorker(t, g, 1, func(l *exec.Local) {
		next, err := g.Forwarder(l)
		require.NoError(t, err)
		for i := range credits {
			require.NoError(t, next.SendTo(0, 10+i))
		}
		require.Equal(t, group.ErrFull, next.SendTo(0, 14), "there are no more")
	})
	for i := range 3 {
		require.NoError(t, p.SendTo(1, 20+i))
	}
	close(release)
	undone, err := g.Drain(within(10 * time.Second))
	require.ErrorIs(t, err, errGone)
	require.NotErrorIs(t, err, context.DeadlineExceeded)
	require.Equal(t, []int{10, 11, 12, 13}, undone)
	require.Equal(t, []int{20, 21, 22}, got)
}

// A worker that ends while the group is being drained does not end the others either.
func TestAWorkerEndsDuringShutdown(t *testing.T) {
	g := fragile(t, group.Config[int]{Workers: 2, Worker: ignore[int]})
	begun, draining := make(chan struct{}, 3), make(chan struct{})
	cos(t, g, 0, 1, func(co *exec.Co) error {
		co.CancelOnDrain()
		begun <- struct{}{}
		_ = forEver(co)
		close(draining)
		panic(errGone)
	})
	finished := make(chan error, 1)
	cos(t, g, 1, 1, func(co *exec.Co) error {
		begun <- struct{}{}
		for !g.Exec(0).Ended() {
			if err := co.Sleep(time.Millisecond); err != nil {
				return err
			}
		}
		finished <- co.Sleep(10 * time.Millisecond)
		return nil
	})
	<-begun
	<-begun
	r, err := g.Shutdown(within(30 * time.Second))
	<-draining
	require.ErrorIs(t, err, errGone)
	require.NoError(t, <-finished)
	require.EqualValues(t, 1, r.Cancelled)
	require.Empty(t, r.Undone)
}

// One that somebody has stopped has not failed, so there is no error.
func TestDrainAfterAWorkerWasStopped(t *testing.T) {
	var c collector[int]
	g := fragile(t, group.Config[int]{Workers: 2, Worker: c.worker(2)})
	p := producer(t, g)
	g.Exec(0).Stop()
	require.NoError(t, g.Exec(0).Wait())
	require.NoError(t, p.SendTo(1, 1))
	require.Empty(t, drain(t, g))
	require.Equal(t, []int{1}, c.got[1])
}
