package balancesim_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/balance/balancesim"
	"github.com/stretchr/testify/require"
)

func run(t *testing.T, c balancesim.Config) balancesim.Result {
	t.Helper()
	r, err := balancesim.Run(c)
	require.NoError(t, err)
	return r
}

// The same Config gives the same Result, another seed another one.
func TestDeterministic(t *testing.T) {
	c := balancesim.Config{
		Policy: balance.BoundedDepth(3, balance.LeastLoaded()), Workers: 4, Load: 0.8, Items: 20_000,
		Producers: 3, RefreshEvery: 4, Keys: balancesim.ZipfKeys(1.1, 100), Cap: 2, Runs: 2,
	}
	one := run(t, c)
	require.Equal(t, one, run(t, c))
	c.Seed++
	require.NotEqual(t, one, run(t, c))
}

// Gaps and service times that are given, by hand: worker 0 gets the items of 0, 1 and 2, which take 2 each.
func TestGiven(t *testing.T) {
	r := run(t, balancesim.Config{
		Policy: balance.RoundRobin(), Workers: 1, Gaps: balancesim.Deterministic(1), Service: balancesim.Deterministic(2),
		Items: 3, WarmUp: -1, Batches: 3,
	})
	require.InDelta(t, (2+3+4)/3.0, r.Sojourn.Mean, 1e-9)
	require.InDelta(t, 1, r.Wait.Mean, 1e-9)
	require.InDelta(t, 3, r.P50, 0.02)
	require.InDelta(t, 4, r.P999, 0.02)
	require.Equal(t, 2, r.MaxQueue)
	require.Equal(t, []int{3}, r.Given)
	require.True(t, r.Overloaded())
}

// Keys: a policy that is Ordered never lets an item overtake another, one that is not does.
func TestOrder(t *testing.T) {
	c := balancesim.Config{Workers: 8, Load: 0.8, Items: 50_000, Keys: balancesim.ZipfKeys(1.1, 1000), Producers: 2, RefreshEvery: 8}
	for name, p := range map[string]balance.Policy{
		"KeyHash":      balance.KeyHash(),
		"BoundedDepth": balance.BoundedDepth(4, balance.KeyHash()),
	} {
		c.Policy = p
		require.Zero(t, run(t, c).Reordered, name)
	}
	c.Policy = balance.RoundRobin()
	require.Positive(t, run(t, c).Reordered)
	c.Keys = balancesim.Keys{}
	require.Zero(t, run(t, c).Reordered, "no keys, no order")
}

// One key with half of the traffic: its worker gets that half, and what its other keys bring.
func TestHotKey(t *testing.T) {
	c := balancesim.Config{Policy: balance.KeyHash(), Workers: 8, Load: 0.2, Items: 100_000, Keys: balancesim.HotKey(0.5, 10_000)}
	r := run(t, c)
	require.InDelta(t, 0.5*8+0.5, r.Imbalance, 0.15)
	require.InDelta(t, r.Imbalance*0.2, r.Hottest, 0.05)
	require.False(t, r.Overloaded())
	c.Load = 0.5
	require.True(t, run(t, c).Overloaded())
	c.Policy = balance.LeastLoaded()
	require.Less(t, run(t, c).Imbalance, 1.1)
}

// A View that gets old costs time, and the more producers send by it the more.
func TestStale(t *testing.T) {
	c := balancesim.Config{Policy: balance.LeastLoaded(), Workers: 16, Load: 0.9, Items: 100_000}
	fresh := run(t, c).Sojourn
	c.RefreshEvery = 1
	require.Equal(t, fresh, run(t, c).Sojourn, "a look before each pick is the default")
	c.Producers, c.RefreshEvery = 8, 256
	byPicks := run(t, c).Sojourn
	require.Greater(t, byPicks.Mean-byPicks.Half, fresh.Mean+fresh.Half)
	c.RefreshEvery, c.RefreshAfter = 0, 100
	byTime := run(t, c).Sojourn
	require.Greater(t, byTime.Mean-byTime.Half, fresh.Mean+fresh.Half)
}

// What a View says is true: never less than the producer has outstanding, and as of the last look otherwise.
func TestView(t *testing.T) {
	for _, every := range []int{1, 7} {
		picks := 0
		var last int64
		bad := ""
		run(t, balancesim.Config{Workers: 4, Load: 0.8, Items: 20_000, Producers: 2, Cap: 5, RefreshEvery: every, Unit: time.Millisecond,
			Weight: []uint32{1, 2, 3, 4},
			Policy: spoilt(balance.RoundRobin(), func(b balance.Balancer, key uint64, v *balance.View) int {
				picks++
				for i := range v.Depth {
					if v.Taken[i] > v.Sent[i] || v.Depth[i] < v.Sent[i]-v.Taken[i] || v.Cap[i] != 5 || v.Weight[i] != uint32(i+1) {
						bad = fmt.Sprintf("pick %d: %+v", picks, *v)
					}
				}
				if every == 1 && v.Now < last {
					bad = fmt.Sprintf("pick %d: time went from %d to %d", picks, last, v.Now)
				}
				last = v.Now
				return b.Pick(key, v)
			})})
		require.Empty(t, bad)
		require.Greater(t, picks, 20_000)
		// 24,000 items at 3.2 a unit take 7500 units.
		require.InDelta(t, 7500*float64(time.Millisecond), float64(last), 500*float64(time.Millisecond))
	}
}

// Nothing is lost: each item is served, dropped or left over, and lanes and queues keep their bounds.
func TestConservation(t *testing.T) {
	c := balancesim.Config{Policy: balance.RoundRobin(), Workers: 3, Load: 1.5, Items: 20_000, Cap: 4, Hold: 10, Producers: 2}
	r := run(t, c)
	given := r.Items()
	require.Positive(t, r.Dropped)
	require.Zero(t, r.Unsent)
	require.GreaterOrEqual(t, given+r.Dropped, 20_000)
	require.LessOrEqual(t, given+r.Dropped, 24_000)
	require.Equal(t, 10, r.MaxHeld)
	require.LessOrEqual(t, r.MaxQueue, 8, "two lanes of 4")
	require.Positive(t, r.Refused.Mean)

	c.Policy = spoilt(balance.RoundRobin(), func(balance.Balancer, uint64, *balance.View) int { return balance.Full })
	r = run(t, c)
	require.Equal(t, 24_000, r.Dropped+r.Unsent, "a policy that refuses everything")
	require.Equal(t, 20, r.Unsent)
}

// Independent runs agree with one long one.
func TestRuns(t *testing.T) {
	c := balancesim.Config{Policy: balance.LeastLoaded(), Workers: 4, Load: 0.7, Items: 20_000, Runs: 10, Confidence: 0.999}
	many := run(t, c).Sojourn
	require.Greater(t, many.Half, 1e-6, "they are not the same run")
	c.Runs, c.Items = 1, 200_000
	one := run(t, c).Sojourn
	require.InDelta(t, one.Mean, many.Mean, one.Half+many.Half)
}

// A producer that is refused on an old View looks again at once: nobody is refused while a worker is idle.
func TestRefusedLooksAgain(t *testing.T) {
	c := balancesim.Config{Policy: balance.JBSQ(1), Workers: 4, Load: 0.9, Items: 20_000, Hold: -1}
	fresh := run(t, c)
	c.RefreshEvery = 1000
	require.Equal(t, fresh.Refused, run(t, c).Refused)
	require.InDelta(t, balancesim.ErlangB(4, 3.6), fresh.Refused.Mean, 3*fresh.Refused.Half)
}

// What is held is sent in the order in which it came, and nothing overtakes it.
func TestHeldInOrder(t *testing.T) {
	r := run(t, balancesim.Config{
		Policy: balance.JBSQ(1), Workers: 1, Load: 0.9, Items: 20_000, Keys: balancesim.UniformKeys(1),
	})
	require.Positive(t, r.MaxHeld)
	require.Zero(t, r.Reordered)
}

// Items that were dropped are no gap in the order of their key.
func TestDroppedKeepOrder(t *testing.T) {
	r := run(t, balancesim.Config{
		Policy: balance.KeyHash(), Workers: 2, Load: 0.95, Items: 20_000, Keys: balancesim.UniformKeys(10), Cap: 2, Hold: -1,
	})
	require.Positive(t, r.Dropped)
	require.Zero(t, r.Reordered)
}

// An item that is refused though all workers are idle gets another chance at once: nothing that ends will bring one.
func TestRefusedWhileIdle(t *testing.T) {
	turn := false
	r := run(t, balancesim.Config{
		Workers: 1, Gaps: balancesim.Deterministic(10), Service: balancesim.Deterministic(1), Items: 100, Batches: 10,
		Policy: spoilt(balance.RoundRobin(), func(b balance.Balancer, key uint64, v *balance.View) int {
			if turn = !turn; turn {
				return balance.Full
			}
			return b.Pick(key, v)
		}),
	})
	require.InDelta(t, 1, r.Sojourn.Mean, 1e-9)
	require.InDelta(t, 1, r.Refused.Mean, 1e-9)
	require.Zero(t, r.Unsent)
}

// A trace can be replayed: the gaps come from a slice.
func TestTrace(t *testing.T) {
	gaps := []float64{0, 0, 5, 0, 0, 5}
	next := 0
	r := run(t, balancesim.Config{
		Policy: balance.RoundRobin(), Workers: 3, Service: balancesim.Deterministic(1), Items: len(gaps), WarmUp: -1, Batches: 2,
		Gaps: balancesim.Dist{Name: "trace", Mean: 10.0 / 6, Draw: func(*rand.Rand) float64 {
			next++
			return gaps[(next-1)%len(gaps)]
		}},
	})
	require.InDelta(t, 1, r.Sojourn.Mean, 1e-9, "three at a time, for three workers")
	require.Equal(t, 1, r.MaxQueue)
}
