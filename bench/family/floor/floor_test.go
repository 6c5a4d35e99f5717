package floor

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/bench/internal/measure"
)

// TestTurns: the gaps are those between turns, the first of which has none before it, and there is an end.
func TestTurns(t *testing.T) {
	d := newTurns(20 * time.Millisecond)
	require.True(t, d.turn())
	_, err := d.sample()
	require.ErrorIs(t, err, measure.ErrSkip, "one turn has no gap")
	began := time.Now()
	d = newTurns(20 * time.Millisecond)
	require.True(t, d.turn())
	time.Sleep(21 * time.Millisecond)
	require.False(t, d.turn())
	sm, err := d.sample()
	require.NoError(t, err)
	longest, ok := sm.Of("max-ns")
	require.True(t, ok)
	require.GreaterOrEqual(t, longest, 20e6)
	require.LessOrEqual(t, longest, 1.01*float64(time.Since(began)))
	require.InDelta(t, 1, sm.Items, 0)
}

// TestCounter: an add that is lost is found.
func TestCounter(t *testing.T) {
	c := new(counter)
	c.add(3)
	require.NoError(t, c.err(3))
	require.ErrorContains(t, c.err(4), "data error")
}

// TestOddAmounts: any amount is done in full, also where threads are not pinned.
func TestOddAmounts(t *testing.T) {
	for _, n := range []int{1, 63, 65} {
		for _, run := range []func(measure.Spot, int) (measure.Sample, error){
			stream(1), stream(64), addShared, handover, futexWake, getpidRaw,
			jitter(execTurns, besideGC), jitter(bareTurns, besideSpinner),
		} {
			if _, err := run(measure.Spot{}, n); !errors.Is(err, measure.ErrSkip) {
				require.NoError(t, err, n)
			}
		}
	}
}
