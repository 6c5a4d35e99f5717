package balancesim

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHistogram(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	var h, other histogram
	var all []float64
	for i := range 20_000 {
		v := math.Exp(4 * r.NormFloat64())
		all = append(all, v)
		if i%2 == 0 {
			h.add(v)
		} else {
			other.add(v)
		}
	}
	h.merge(&other)
	slices.Sort(all)
	for _, q := range []float64{0.0001, 0.01, 0.5, 0.9, 0.99, 0.999, 1} {
		want := all[int(math.Ceil(q*float64(len(all))))-1]
		require.InEpsilon(t, want, h.quantile(q), 0.004, "quantile %g", q)
	}
	require.Zero(t, new(histogram).quantile(0.5))
	var edge histogram
	edge.add(0)
	edge.add(math.MaxFloat64)
	require.Equal(t, 2, edge.n)
	require.InEpsilon(t, math.Pow(2, minExp), edge.quantile(0.5), 0.01)
	require.InEpsilon(t, math.Pow(2, maxExp), edge.quantile(1), 0.01)
}

// Departures come in order of time, whatever was pushed, replaced and popped.
func TestDepartures(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	var h departures
	var model []float64
	for range 20_000 {
		switch v := float64(r.IntN(1000)); {
		case len(model) == 0 || r.IntN(3) == 0 && len(model) < 50:
			h.push(departure{at: v})
			model = append(model, v)
		case r.IntN(2) == 0:
			h.replace(departure{at: v})
			model[0] = v
		default:
			h.pop()
			model = model[1:]
		}
		slices.Sort(model)
		require.Len(t, h, len(model))
		if len(model) > 0 {
			require.Equal(t, model[0], h[0].at)
		}
	}
}

// Tables of Student's distribution.
func TestStudent(t *testing.T) {
	for _, c := range []struct{ p, df, want float64 }{
		{0.975, 1, 12.7062}, {0.975, 4, 2.7764}, {0.975, 29, 2.0452}, {0.995, 9, 3.2498}, {0.9995, 19, 3.8834}, {0.975, 1e6, 1.9600},
	} {
		require.InDelta(t, c.want, studentQuantile(c.p, c.df), 2e-4, "p %g, %g degrees", c.p, c.df)
	}
	i := estimate([]float64{1, 2, 3, 4, 5}, 0.95)
	require.InDelta(t, 3, i.Mean, 1e-12)
	require.InDelta(t, 2.7764*math.Sqrt(2.5/5), i.Half, 1e-3)
	require.True(t, i.Contains(4.9))
	require.False(t, i.Contains(5))
	require.Equal(t, Interval{0, math.Inf(1)}, estimate(nil, 0.95))
	require.Equal(t, math.Inf(1), estimate([]float64{1}, 0.95).Half, "one mean tells nothing of how far it may be off")
}

func TestQueue(t *testing.T) {
	s := slab{free: none}
	var q queue
	var model []int32
	most := 0
	r := rand.New(rand.NewPCG(9, 10))
	for range 10_000 {
		most = max(most, len(model))
		switch {
		case len(model) == 0 || r.IntN(2) == 0:
			i := s.get()
			q.push(&s, i)
			model = append(model, i)
		case r.IntN(3) == 0:
			i := q.pop(&s)
			require.Equal(t, model[0], i)
			q.unpop(&s, i)
		default:
			i := q.pop(&s)
			require.Equal(t, model[0], i)
			model = model[1:]
			s.put(i)
		}
		require.Equal(t, len(model), q.len)
	}
	require.Len(t, s.items, max(most, len(model)), "memory is used again")
}
