package balancesim_test

import (
	"strings"
	"testing"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/balance/balancesim"
	"github.com/stretchr/testify/require"
)

// items is how many a test simulates: fewer when there is little time, with wider intervals.
func items(n int) int {
	if testing.Short() || raced {
		return n / 10
	}
	return n
}

// anchors are all of them, or one in four for the race detector, which makes a simulation ten times as slow and finds
// nothing in it: there is one goroutine.
func anchors(items int) (some []balancesim.Anchor) {
	for i, a := range balancesim.Anchors(1, items) {
		if i%4 == 0 || !raced {
			some = append(some, a)
		}
	}
	return some
}

// What theory knows is within the interval of what the simulation finds.
func TestAnchors(t *testing.T) {
	for _, a := range anchors(items(1_000_000)) {
		t.Run(a.Name, func(t *testing.T) {
			t.Parallel()
			r, err := balancesim.Run(a.Config)
			require.NoError(t, err)
			found := a.Of(r)
			t.Logf("%s: found %v, %s says %.4f (at most %.2g more)", a.Measures, found, a.Formula, a.Want, a.Slack)
			require.True(t, a.Agrees(found), "found %v, want %.4f to %.4f", found, a.Want, a.Want+a.Slack)
			require.Less(t, found.Half, 0.25*a.Want, "an interval this wide agrees with anything")
			require.Zero(t, r.Unsent)
		})
	}
}

// Each anchor holds for its policy only: with another one in its place it does not agree.
func TestAnchorsTellPoliciesApart(t *testing.T) {
	random := balance.Policy(nil)
	for _, a := range anchors(items(300_000)) {
		if random == nil {
			random = a.Config.Policy // the first anchor's
		}
		other := random
		if strings.Contains(a.Name, "Random") {
			other = balance.LeastLoaded()
		}
		if a.Config.Workers == 1 {
			continue // they are all the same
		}
		t.Run(a.Name, func(t *testing.T) {
			t.Parallel()
			a.Config.Policy = other
			r, err := balancesim.Run(a.Config)
			require.NoError(t, err)
			require.False(t, a.Agrees(a.Of(r)), "another policy gives %v, and %.4f is wanted", a.Of(r), a.Want)
		})
	}
}

// With few workers two choices take longer than in the limit, by about as much as Supermarket says.
func TestSupermarketOfFew(t *testing.T) {
	const n, load = 10, 0.9
	r := run(t, balancesim.Config{Policy: balance.PowerOfTwo(1), Workers: n, Load: load, Items: items(1_000_000)})
	more, about := r.Sojourn.Mean-balancesim.Supermarket(2, load), load/(2*n*(1-load))
	t.Logf("%d workers take %.3f more, and should about %.3f", n, more, about)
	require.Greater(t, more, 0.5*about)
	require.Less(t, more, 1.5*about)
}
