package balancesim_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/pushcore/pushcore/balance/balancesim"
	"github.com/stretchr/testify/require"
)

func TestDistributions(t *testing.T) {
	const n = 200_000
	for _, c := range []struct {
		dist           balancesim.Dist
		mean, variance float64
	}{
		{balancesim.Exponential(2), 2, 4},
		{balancesim.Deterministic(3), 3, 0},
		{balancesim.Bimodal(0.5, 5.5, 0.1), 1, 0.9*0.25 + 0.1*30.25 - 1},
	} {
		r := rand.New(rand.NewPCG(1, 2))
		sum, squares := 0.0, 0.0
		for range n {
			v := c.dist.Draw(r)
			sum += v
			squares += v * v
		}
		mean := sum / n
		require.InDelta(t, c.mean, c.dist.Mean, 1e-12, c.dist.Name)
		require.InDelta(t, c.mean, mean, 5*math.Sqrt(c.variance/n)+1e-9, c.dist.Name)
		require.InDelta(t, c.variance, squares/n-mean*mean, 0.05*c.variance+1e-9, c.dist.Name)
	}
}

// Each rank is drawn as often as its law says: chi-square, five standard deviations.
func TestKeys(t *testing.T) {
	const n, draws = 50, 500_000
	zipf := make([]float64, n)
	sum := 0.0
	for k := range zipf {
		zipf[k] = math.Pow(float64(k+1), -1.1)
		sum += zipf[k]
	}
	for _, c := range []struct {
		keys balancesim.Keys
		want func(rank int) float64
	}{
		{balancesim.UniformKeys(n), func(int) float64 { return 1.0 / n }},
		{balancesim.ZipfKeys(1.1, n), func(k int) float64 { return zipf[k] / sum }},
		{balancesim.HotKey(0.5, n), func(k int) float64 {
			if k == 0 {
				return 0.5
			}
			return 0.5 / (n - 1)
		}},
	} {
		r := rand.New(rand.NewPCG(3, 4))
		counts := make([]int, c.keys.N)
		for range draws {
			counts[c.keys.Draw(r)]++
		}
		chi := 0.0
		for k, got := range counts {
			want := draws * c.want(k)
			chi += (float64(got) - want) * (float64(got) - want) / want
		}
		require.Less(t, chi, n+5*math.Sqrt(2*n), c.keys.Name)
	}
	require.Zero(t, balancesim.HotKey(0.1, 1).Draw(rand.New(rand.NewPCG(1, 1))), "the only key")
}
