package group_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
)

// From the moment at which NEW work is refused, so is whatever else comes from outside:
// code for shards, and tasks and calls to the Exec of a worker. Coroutines of the group
// reach each other's shards until they have ended.
func TestShutdownRefusesWhatComesFromOutside(t *testing.T) {
	g, s := sharded(t, 2, exec.Config{})
	begun, finish := make(chan struct{}), new(atomic.Bool)
	var fromInside []error // worker 0's
	cos(t, g, 0, 1, func(co *exec.Co) error {
		close(begun)
		for !finish.Load() {
			if err := co.Sleep(time.Millisecond); err != nil {
				return err
			}
		}
		_, one := group.InvokeOnFrom(co, s, 1, count)
		_, all := group.InvokeAllFrom(co, s, count)
		fromInside = append(fromInside, one, all)
		return nil
	})
	<-begun
	ended := make(chan error, 1)
	go func() {
		_, err := g.Shutdown(within(30 * time.Second))
		ended <- err
	}()
	eventually(t, func() bool { return errors.Is(g.TrySend(1), group.ErrClosed) })
	for i := range 2 {
		_, err := outside.on(s, i, count)
		require.ErrorIs(t, err, exec.ErrClosed)
		require.ErrorContains(t, err, "group: it: shard ")
	}
	_, err := outside.key(s, 5, count)
	require.ErrorIs(t, err, exec.ErrClosed)
	_, err = outside.all(s, count)
	require.ErrorIs(t, err, exec.ErrClosed)
	require.ErrorContains(t, err, "shard 0: ")
	require.ErrorContains(t, err, "shard 1: ")
	_, err = outside.mapReduce(s, count)
	require.ErrorIs(t, err, exec.ErrClosed)

	// Exec.Quiesce closes the inbox of tasks.
	for i := range 2 {
		x := g.Exec(i)
		eventually(t, func() bool { return errors.Is(x.Send(context.Background(), nop{}), exec.ErrClosed) })
		require.False(t, x.TrySend(nop{}))
		_, err := exec.Call(context.Background(), x, func(*exec.Local) (int, error) { return 0, nil })
		require.ErrorIs(t, err, exec.ErrClosed)
	}

	require.Empty(t, ended, "it waits for the coroutine")
	finish.Store(true)
	require.NoError(t, <-ended)
	require.Equal(t, []error{nil, nil}, fromInside)
	states := group.States(s)
	require.Equal(t, []int{1, 2}, []int{(*states[0]).n, (*states[1]).n}, "what coroutines have called, and nothing else")
}

// Goroutines that call shards again and again cannot keep the group from ending.
func TestShutdownUnderAStreamOfCalls(t *testing.T) {
	g, s := sharded(t, 2, exec.Config{})
	var calls sync.WaitGroup
	var answered atomic.Int64
	for c := range 16 {
		calls.Go(func() {
			for {
				_, err := outside.on(s, c%2, func(l *exec.Local, _ **shard) (int, error) {
					for begin := l.Now(); l.Now()-begin < 20*time.Microsecond; {
					}
					return 0, nil
				})
				if errors.Is(err, exec.ErrClosed) {
					return
				}
				answered.Add(1)
			}
		})
	}
	eventually(t, func() bool { return answered.Load() > 100 })
	r, err := g.Shutdown(within(20 * time.Second))
	require.NoError(t, err)
	require.Empty(t, r.Tasks, "a call that was accepted is answered")
	calls.Wait()
}

// On a loop the outside forms are a mistake, whether the group is closed or not.
func TestInvokeOnALoopAfterTheEnd(t *testing.T) {
	g, s := sharded(t, 2, exec.Config{})
	drain(t, g)
	x, err := exec.New(exec.Config{})
	require.NoError(t, err)
	require.NoError(t, from(t, x, func(*exec.Co) error {
		_, err := outside.on(s, 0, count)
		require.Equal(t, exec.ErrOnLoop, err)
		return nil
	}))
}
