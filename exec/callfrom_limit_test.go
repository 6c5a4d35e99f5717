package exec_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// crowd starts n coroutines on x, each of which calls y; served has the order in which
// these calls were run.
func crowd(t testing.TB, x, y *exec.Exec, n int) (joins []*exec.Join[int], served *[]int) {
	served = new([]int)
	inOneStep(t, x, func(l *exec.Local) {
		for i := range n {
			j, err := exec.Go(l, func(co *exec.Co) (int, error) {
				return exec.CallFrom(co, y, func(*exec.Local) (int, error) { *served = append(*served, i); return i, nil })
			})
			require.NoError(t, err)
			joins = append(joins, j)
		}
	})
	return joins, served
}

// Of more calls than may be on their way the rest waits for room, first come first served.
func TestCallFromWaitsForRoom(t *testing.T) {
	const n = 3*exec.MaxCalls + 7
	x := stepped(t, exec.Config{LocalBudget: n})
	y := stepped(t, exec.Config{Burst: n})
	joins, served := crowd(t, x, y, n)
	require.Equal(t, exec.MaxCalls, y.Stats().Depth)
	settle(x)
	require.Equal(t, exec.MaxCalls, y.Stats().Depth, "no more than that are on their way")
	y.Step()
	stepAll(x)
	require.Equal(t, exec.MaxCalls, y.Stats().Depth, "and now the next")
	stepAll(x, y)
	require.Len(t, *served, n)
	for i, j := range joins {
		require.Equal(t, i, (*served)[i])
		v, err, ended := j.Result()
		require.True(t, ended)
		require.NoError(t, err)
		require.Equal(t, i, v)
	}
}

// Waiting for room may end early, and then somebody else gets it.
func TestCallFromGivesUpWaitingForRoom(t *testing.T) {
	x, now := faked(t, exec.Config{LocalBudget: 1000})
	y := stepped(t, exec.Config{Burst: 1000})
	crowd(t, x, y, exec.MaxCalls)
	ran := 0
	count := func(*exec.Local) (int, error) { ran++; return 0, nil }
	aborted := launched(t, x, func(co *exec.Co) (int, error) { return exec.CallFrom(co, y, count) })
	late := launched(t, x, func(co *exec.Co) (v int, err error) {
		return v, co.Within(time.Second, func() error { v, err = exec.CallFrom(co, y, count); return err })
	})
	last := launched(t, x, func(co *exec.Co) (int, error) { return exec.CallFrom(co, y, count) })
	*now += time.Second
	inOneStep(t, x, func(*exec.Local) { aborted.Abort() })
	settle(x)
	_, err, _ := aborted.Result()
	require.ErrorIs(t, err, exec.ErrCancelled)
	_, err, _ = late.Result()
	require.ErrorIs(t, err, exec.ErrTimeout)
	require.False(t, last.Finished())
	stepAll(x, y)
	require.True(t, last.Finished())
	require.Equal(t, 1, ran)
}

// A coroutine that is cancelled after it was given room, and before it could use it, does
// not call any more, and its room goes to the next.
func TestCallFromCancelledWithRoomGivesItAway(t *testing.T) {
	for _, how := range []string{"abort", "timeout"} {
		t.Run(how, func(t *testing.T) {
			x, now := faked(t, exec.Config{LocalBudget: 1000})
			y := stepped(t, exec.Config{})
			held := launched(t, x, func(co *exec.Co) (int, error) { return exec.CallFrom(co, y, answer(0)) })
			stuck := make([]*exec.Join[int], exec.MaxCalls-1)
			for i := range stuck {
				stuck[i] = launched(t, x, func(co *exec.Co) (int, error) {
					return exec.CallGoFrom(co, y, func(co *exec.Co) (int, error) { return 0, forEver(co) })
				})
			}
			first := launched(t, x, func(co *exec.Co) (v int, err error) {
				return v, co.Within(time.Second, func() error { v, err = exec.CallFrom(co, y, noCall(t)); return err })
			})
			second := launched(t, x, func(co *exec.Co) (int, error) { return exec.CallFrom(co, y, answer(2)) })
			if how == "abort" {
				inOneStep(t, x, func(l *exec.Local) {
					l.After(time.Second/2, exec.Func(func(*exec.Local) { first.Abort() }))
				})
			}
			y.Step()
			*now += time.Second // timers fire after the answer has come, and before coroutines run
			require.False(t, first.Finished())
			x.Step()
			settle(x)
			require.True(t, held.Finished())
			require.True(t, first.Finished(), "its wait ended early")
			_, err, _ := first.Result()
			require.ErrorIs(t, err, map[string]error{"abort": exec.ErrCancelled, "timeout": exec.ErrTimeout}[how])
			stepAll(x, y)
			require.True(t, second.Finished(), "the room was not lost")
			v, err, _ := second.Result()
			require.NoError(t, err)
			require.Equal(t, 2, v)
		})
	}
}

// All who wait for room hear it when the callee has ended.
func TestCallFromWaitsForRoomAtTheEnd(t *testing.T) {
	const n = 2 * exec.MaxCalls
	x := stepped(t, exec.Config{LocalBudget: n})
	y := stepped(t, exec.Config{})
	joins, served := crowd(t, x, y, n)
	y.Stop()
	settle(x)
	require.Empty(t, *served)
	for _, j := range joins {
		_, err, ended := j.Result()
		require.True(t, ended)
		require.ErrorIs(t, err, exec.ErrClosed)
	}
	require.Len(t, drain(t, y), exec.MaxCalls, "what was sent comes back")
}
