package measure

import (
	"errors"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestPoll: who shares a cpu gives it away after some looks in a row that found nothing, and nobody else does.
func TestPoll(t *testing.T) {
	given := 0
	p := Poll{yield: func() { given++ }}
	for range patience - 1 {
		p.Took(0, 1)
	}
	require.Zero(t, given)
	p.Took(0, 1)
	p.Took(0, 1)
	require.Equal(t, 2, given)
	for _, short := range []int{4, 1} { // a full take, and one that found something
		p.Took(short, 4)
		for range patience - 1 {
			p.Took(0, 4)
		}
		require.Equal(t, 2, given)
	}

	for _, pinned := range []bool{true, false} {
		s := Spot{Pinned: pinned}
		alone, shared := s.Poll(2), s.Poll(3)
		require.Nil(t, alone.yield)
		require.NotNil(t, shared.yield)
	}
}

// TestTeam: nobody begins before the last one is there, which is the start, and all errors are returned.
func TestTeam(t *testing.T) {
	const n = 3
	var there, early atomic.Int32
	late := func(i int) int {
		if i == n-1 {
			time.Sleep(10 * time.Millisecond)
		}
		there.Add(1)
		return 0
	}
	var begun [n]time.Time
	broken := []error{nil, errors.New("one"), errors.New("another")}
	called := time.Now()
	start, err := (Spot{CPUs: twoCPUs(t), Pinned: true}).Team(n, late, Shared(true), func(i int) error {
		begun[i] = time.Now()
		if there.Load() < n {
			early.Add(1)
		}
		return broken[i]
	})
	require.ErrorIs(t, err, broken[1])
	require.ErrorIs(t, err, broken[2])
	require.Zero(t, early.Load())
	require.GreaterOrEqual(t, start.Sub(called), 10*time.Millisecond)
	for _, at := range begun {
		require.False(t, at.Before(start))
	}
}

// TestCrowd: more threads than cpus come to an end, each producer has an index of its own, and the number of Ps is
// put back.
func TestCrowd(t *testing.T) {
	procs := runtime.GOMAXPROCS(0)
	for _, pinned := range []bool{true, false} {
		s := Spot{CPUs: twoCPUs(t), Pinned: pinned}
		var turn atomic.Int32 // the producers go one after the other, then the consumer
		await := func(i int) {
			for wait := s.Poll(5); turn.Load() != int32(i); {
				wait.Took(0, 1)
			}
			turn.Add(1)
		}
		var within int
		took, err := s.Crowd(4, await, func() error {
			within = runtime.GOMAXPROCS(0)
			await(4)
			return nil
		})
		require.NoError(t, err)
		require.Positive(t, took)
		require.EqualValues(t, 5, turn.Load())
		if pinned {
			require.GreaterOrEqual(t, within, 5, "a thread without a P cannot be yielded to")
		}
		require.Equal(t, procs, runtime.GOMAXPROCS(0))
	}
}
