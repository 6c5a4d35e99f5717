package balancesim_test

import (
	"testing"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/balance/balancesim"
	"github.com/stretchr/testify/require"
)

// What holds for every policy: nothing is lost, a run can be repeated, nothing beats one queue for all, and what is
// Ordered keeps the order of keys, also with old Views and short lanes.
func TestEveryPolicy(t *testing.T) {
	for _, p := range balancesim.Shelf(1, 0) {
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			c := balancesim.Config{
				Policy: p.Policy, Workers: 8, Load: 0.6, Items: items(100_000), WarmUp: -1, Keys: balancesim.ZipfKeys(1.1, 1000),
				Confidence: 0.999,
			}
			r := run(t, c)
			require.Equal(t, r, run(t, c))
			require.Equal(t, c.Items, r.Items())
			require.Zero(t, r.Dropped+r.Unsent)
			require.Greater(t, r.Sojourn.Mean+r.Sojourn.Half, balancesim.MMc(8, 0.6))

			b, err := p.Policy(balance.NewView(8))
			require.NoError(t, err)
			c.Producers, c.RefreshEvery, c.Cap = 3, 5, 6
			old := run(t, c)
			require.Equal(t, c.Items, old.Items()+old.Unsent)
			if b.Ordered() {
				require.Zero(t, r.Reordered)
				require.Zero(t, old.Reordered)
			} else if p.Name != "StickySpill(8, 2, KeyHash)" && p.Name != "Flowlet(20, LeastLoaded)" {
				require.Positive(t, r.Reordered+old.Reordered, "not one item overtook another")
			}
		})
	}
}

// Two different workers of two are all there are: PowerOfTwo always sends to the shorter queue.
func TestPowerOfTwoOfTwo(t *testing.T) {
	picks := 0
	check := func(p balance.Policy) balance.Policy {
		return spoilt(p, func(b balance.Balancer, key uint64, v *balance.View) int {
			i := b.Pick(key, v)
			require.LessOrEqual(t, v.Depth[i], v.Depth[1-i])
			picks++
			return i
		})
	}
	run(t, balancesim.Config{Policy: check(balance.PowerOfTwo(1)), Workers: 2, Load: 0.9, Items: 20_000})
	require.Equal(t, 24_000, picks)
}

// While some worker is idle, nobody waits: the policies that look for an idle one find it.
func TestNoWaitWhileIdle(t *testing.T) {
	for name, p := range map[string]balance.Policy{
		"LeastLoaded": balance.LeastLoaded(),
		"JoinIdle":    balance.JoinIdle(balance.Random(1)),
		"JBSQ":        balance.JBSQ(2),
	} {
		picks := 0
		run(t, balancesim.Config{Workers: 10, Load: 0.9, Items: 20_000, Policy: spoilt(p,
			func(b balance.Balancer, key uint64, v *balance.View) int {
				idle := false
				for _, d := range v.Depth {
					idle = idle || d == 0
				}
				i := b.Pick(key, v)
				if idle {
					picks++
					require.Zero(t, v.Depth[i], "%s joined a queue while a worker was idle", name)
				}
				return i
			})})
		require.Greater(t, picks, 1000)
	}
}

// Policies that look at depths come close to one queue for all, in the order of how much they look at.
func TestApproachOneQueue(t *testing.T) {
	const load = 0.9
	mean := func(p balance.Policy) float64 {
		return run(t, balancesim.Config{Policy: p, Workers: 16, Load: load, Items: items(500_000), Seed: 3}).Sojourn.Mean
	}
	one := mean(balance.JBSQ(1)) // the same items for all: differences are sharper than means
	jbsq2 := mean(balance.JBSQ(2))
	least := mean(balance.LeastLoaded())
	idle := mean(balance.JoinIdle(balance.Random(1)))
	two := mean(balance.PowerOfTwo(1))
	random := mean(balance.Random(1))
	t.Logf("one queue %.3f (limit %.3f), JBSQ(2) %.3f, LeastLoaded %.3f, JoinIdle %.3f, PowerOfTwo %.3f, Random %.3f",
		one, balancesim.MMc(16, load), jbsq2, least, idle, two, random)
	require.Less(t, one, jbsq2)
	require.Less(t, jbsq2, least)
	require.Less(t, least, idle)
	require.Less(t, least, two)
	require.Less(t, two, random)
	require.Less(t, least-one, 0.1*(random-one))
}

// A large group that joins idle workers hardly ever lets anyone wait.
func TestJoinIdleOfMany(t *testing.T) {
	r := run(t, balancesim.Config{Policy: balance.JoinIdle(balance.Random(1)), Workers: 500, Load: 0.8, Items: items(300_000)})
	require.Less(t, r.Wait.Mean, 0.001)
}

// A table that is rebalanced evens out what a fixed one leaves uneven, and keeps the order of keys.
func TestRebalanced(t *testing.T) {
	imbalance := map[string]float64{}
	for _, p := range balancesim.Shelf(1, 0) {
		if p.Name == "RSS(512)" || p.Name == "RSS(512) rebalanced" {
			r := run(t, balancesim.Config{
				Policy: p.Policy, Workers: 8, Load: 0.3, Items: items(300_000), Runs: 3, Keys: balancesim.ZipfKeys(1, 10_000),
			})
			require.Zero(t, r.Reordered)
			imbalance[p.Name] = r.Imbalance
		}
	}
	t.Log(imbalance)
	require.Less(t, imbalance["RSS(512) rebalanced"]-1, 0.7*(imbalance["RSS(512)"]-1))
}
