package measure

import (
	"runtime"
	"sync/atomic"
	"testing"

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
