package balancesim_test

import (
	"math"
	"testing"

	"github.com/pushcore/pushcore/balance/balancesim"
	"github.com/stretchr/testify/require"
)

// The limits of the supermarket model, computed from Mitzenmacher's formula by other means.
func TestSupermarket(t *testing.T) {
	for _, c := range []struct{ load, d1, d2, d3 float64 }{
		{0.50, 2.00, 1.2657, 1.1252},
		{0.70, 3.3333, 1.6145, 1.3568},
		{0.80, 5.00, 1.9474, 1.5809},
		{0.90, 10.0, 2.6141, 2.0279},
		{0.95, 20.0, 3.3830, 2.5351},
		{0.99, 100, 5.4320, 3.8578},
	} {
		require.InDelta(t, c.d1, balancesim.Supermarket(1, c.load), 1e-4)
		require.InDelta(t, c.d2, balancesim.Supermarket(2, c.load), 1e-4)
		require.InDelta(t, c.d3, balancesim.Supermarket(3, c.load), 1e-4)
	}
}

func TestMMc(t *testing.T) {
	for c, want := range map[int]float64{1: 10.0, 2: 5.263, 4: 2.969, 8: 1.877, 16: 1.370} {
		require.InDelta(t, want, balancesim.MMc(c, 0.9), 5e-4, "%d workers", c)
	}
	require.InDelta(t, 1+0.8/(2*0.2), balancesim.MG1(0.8, 0), 1e-12, "M/D/1 waits rho/(2(1-rho))")
	require.InDelta(t, 5, balancesim.MG1(0.8, 1), 1e-12, "M/M/1")
	require.InDelta(t, 0.5, balancesim.ErlangB(1, 1), 1e-12)
	require.InDelta(t, 0.2, balancesim.ErlangB(2, 1), 1e-12, "(1/2) / (1 + 1 + 1/2)")
}

func TestRoundRobinForm(t *testing.T) {
	for _, load := range []float64{0.5, 0.9} {
		require.InDelta(t, balancesim.MG1(load, 1), balancesim.RoundRobin(1, load), 1e-9, "one worker is M/M/1")
	}
	// E_2/M/1 by hand: sigma = (r/(r+1-sigma))^2 with r = 2*0.5 = 1 has the root (3-sqrt 5)/2 below 1.
	require.InDelta(t, 1/(1-(3-math.Sqrt(5))/2), balancesim.RoundRobin(2, 0.5), 1e-9)
}

func TestShortestOfTwoForm(t *testing.T) {
	for _, load := range []float64{0.3, 0.6, 0.8} {
		got := balancesim.ShortestOfTwo(load)
		require.Greater(t, got, balancesim.MMc(2, load), "one queue for both is better")
		require.Less(t, got, balancesim.RoundRobin(2, load), "turns are worse")
		t.Logf("load %g: %.6f", load, got)
	}
}
