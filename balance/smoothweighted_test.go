package balance_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/balance"
)

// weighted returns a view with these weights.
func weighted(weights ...uint32) *balance.View {
	v := balance.NewView(len(weights))
	copy(v.Weight, weights)
	return v
}

// The first is that of nginx' message for its change "Upstream: smooth weighted round-robin balancing": a a b a c a a.
// The others are by hand.
func TestSmoothWeightedSequences(t *testing.T) {
	for _, c := range []struct {
		weights []uint32
		want    []int
	}{
		{[]uint32{5, 1, 1}, []int{0, 0, 1, 0, 2, 0, 0, 0, 0, 1, 0, 2, 0, 0}},
		{[]uint32{1, 1, 1}, []int{0, 1, 2, 0, 1, 2}},
		{[]uint32{2, 1}, []int{0, 1, 0, 0, 1, 0}},
		{[]uint32{0, 3, 0, 3}, []int{1, 3, 1, 3}},
		{[]uint32{0, 7}, []int{1, 1, 1}},
		{[]uint32{math.MaxUint32, math.MaxUint32}, []int{0, 1, 0, 1}},
	} {
		v := weighted(c.weights...)
		b := make1(t, balance.SmoothWeighted(), v)
		require.False(t, b.Ordered())
		require.Equal(t, c.want, picks(b, v, len(c.want)), "%v", c.weights)
	}
}

// A cycle is exact for any weights, and nobody gets a whole pick ahead on the way.
func TestSmoothWeightedIsExactPerCycle(t *testing.T) {
	rng := rand.New(rand.NewPCG(21, 22))
	for range 200 {
		n, total := 1+rng.IntN(70), 0
		v := balance.NewView(n)
		for i := range n {
			v.Weight[i] = rng.Uint32N(9)
		}
		v.Weight[rng.IntN(n)] = 1
		for _, w := range v.Weight {
			total += int(w)
		}
		b, got := make1(t, balance.SmoothWeighted(), v), make([]uint32, n)
		for range 2 {
			clear(got)
			for k := range total {
				w := b.Pick(rng.Uint64(), v)
				got[w]++
				require.Less(t, float64(got[w]), float64((k+1)*int(v.Weight[w]))/float64(total)+1)
			}
			require.Equal(t, v.Weight, got)
		}
	}
}

// However often weights change, and by whatever factor, everybody gets the sum of his shares but for a few picks.
func TestSmoothWeightedIsFairUnderUpdates(t *testing.T) {
	rng := rand.New(rand.NewPCG(23, 24))
	for _, every := range []int{1, 2, 7, 100} {
		const n = 6
		v, due, got := balance.NewView(n), make([]float64, n), make([]float64, n)
		b := make1(t, balance.SmoothWeighted(), v)
		for k := range 6000 {
			if k%every == 0 {
				unit := uint32(1) << rng.IntN(20)
				for i := range n {
					v.Weight[i] = unit * (1 + rng.Uint32N(9))
				}
				require.NoError(t, b.Update(v))
			}
			total := 0.0
			for _, w := range v.Weight {
				total += float64(w)
			}
			for i, w := range v.Weight {
				due[i] += float64(w) / total
			}
			got[b.Pick(0, v)]++
			for i := range n {
				// The slack is what rounding to whole points of small weights may add up to.
				require.InDelta(t, due[i], got[i], 4+float64(k/every)/20, "worker %d after %d picks, changes every %d", i, k+1, every)
			}
		}
	}
}

// Workers come and go every few picks: those that are there get their shares all the same.
func TestSmoothWeightedIsFairUnderMembership(t *testing.T) {
	rng := rand.New(rand.NewPCG(25, 26))
	const n, rounds = 8, 20000
	v, due, got := weighted(3, 1, 1, 1, 1, 1, 1, 3), make([]float64, n), make([]float64, n)
	b := make1(t, balance.SmoothWeighted(), v)
	for k := range rounds {
		if k%3 == 0 {
			v.SetOpen(rng.IntN(n), rng.IntN(3) > 0)
			v.SetOpen(rng.IntN(n), true)
			require.NoError(t, b.Update(v))
		}
		total := 0.0
		for _, w := range v.AppendOpen(nil) {
			total += float64(v.Weight[w])
		}
		for _, w := range v.AppendOpen(nil) {
			due[w] += float64(v.Weight[w]) / total
		}
		got[b.Pick(0, v)]++
	}
	for i := range n {
		require.InEpsilon(t, due[i], got[i], 0.05, "worker %d: %v of %v", i, got, due)
	}
}

func TestSmoothWeightedAllZero(t *testing.T) {
	zero, some := weighted(0, 0, 0), weighted(0, 2, 0)
	b, err := balance.SmoothWeighted()(zero)
	require.Nil(t, b)
	require.ErrorIs(t, err, balance.ErrNoWorker)
	require.EqualError(t, err, "balance: no worker is open with a weight above 0: there are 3, all of weight 0")

	b = make1(t, balance.SmoothWeighted(), some)
	require.ErrorContains(t, b.Update(zero), "all of weight 0")
	require.Equal(t, balance.Full, b.Pick(1, zero))
	require.NoError(t, b.Update(some), "a later Update mends it")
	require.Equal(t, []int{1, 1}, picks(b, some, 2))

	some.SetOpen(1, false) // the only one with a weight
	require.ErrorContains(t, b.Update(some), "there are 2, all of weight 0")
	require.Equal(t, balance.Full, b.Pick(1, some))
}
