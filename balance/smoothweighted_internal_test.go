package balance

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func (b *smoothWeighted) currents() (got []int64) {
	for _, s := range b.shares {
		got = append(got, s.current)
	}
	return got
}

// The trace that the message of nginx' change "Upstream: smooth weighted round-robin balancing" gives for weights 5, 1
// and 1: the pick, and current_weight of a, b and c after it.
func TestSmoothWeightedTraceOfNginx(t *testing.T) {
	v := NewView(3)
	v.Weight[0] = 5
	made, err := SmoothWeighted()(v)
	require.NoError(t, err)
	b := made.(*smoothWeighted)
	for range 3 { // cycles
		for k, want := range []struct {
			pick    int
			current []int64
		}{
			{0, []int64{-2, 1, 1}},
			{0, []int64{-4, 2, 2}},
			{1, []int64{1, -4, 3}},
			{0, []int64{-1, -3, 4}},
			{2, []int64{4, -2, -2}},
			{0, []int64{2, -1, -1}},
			{0, []int64{0, 0, 0}},
		} {
			require.Equal(t, want.pick, b.Pick(0, v), "pick %d", k)
			require.Equal(t, want.current, b.currents(), "after pick %d", k)
			require.NoError(t, b.Update(v))
			require.Equal(t, want.current, b.currents(), "an Update that changes nothing")
		}
	}
}

// What is owed stays in picks when the total changes, and what those leave behind who go does not pile up.
func TestSmoothWeightedCarries(t *testing.T) {
	v := NewView(3)
	v.Weight[0] = 5
	made, err := SmoothWeighted()(v)
	require.NoError(t, err)
	b := made.(*smoothWeighted)
	b.Pick(0, v)
	b.Pick(0, v)
	require.Equal(t, []int64{-4, 2, 2}, b.currents())
	copy(v.Weight, []uint32{5000, 1000, 1000})
	require.NoError(t, b.Update(v))
	require.Equal(t, []int64{-4000, 2000, 2000}, b.currents())
	v.SetOpen(0, false) // 4/7 of a pick ahead
	require.NoError(t, b.Update(v))
	require.Equal(t, []int64{0, 0}, b.currents())
	b.Pick(0, v)
	require.Equal(t, []int64{-1000, 1000}, b.currents())
	v.SetOpen(0, true)
	require.NoError(t, b.Update(v))
	require.Equal(t, []int64{0, -3500, 3500}, b.currents(), "one that comes is owed nothing; half a pick stays half a pick")
}
