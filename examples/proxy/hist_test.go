package main

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestHistogram(t *testing.T) {
	var h histogram
	require.Zero(t, h.quantile(0.5))
	rng := rand.New(rand.NewPCG(1, 2))
	var all []time.Duration
	for range 10_000 {
		d := time.Duration(rng.Uint64() >> (10 + rng.IntN(50)))
		all = append(all, d)
		h.add(d)
		require.LessOrEqual(t, d, upTo(slotOf(d)))
		if d > 0 {
			require.Less(t, upTo(slotOf(d)-1), d)
		}
	}
	slices.Sort(all)
	for _, q := range []float64{0, 0.01, 0.5, 0.9, 0.99, 1} {
		want := all[min(int(q*float64(len(all))), len(all)-1)]
		got := h.quantile(q)
		require.GreaterOrEqual(t, got, want)
		require.LessOrEqual(t, got, want+want/16+1)
	}
	old := h
	h.add(time.Hour)
	only := h.since(&old)
	require.EqualValues(t, 1, only.n)
	require.InEpsilon(t, time.Hour, only.quantile(0.5), 0.07)
}
