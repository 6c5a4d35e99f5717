package balance_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/balance"
)

func TestLeastLoadedTakesTheShallowest(t *testing.T) {
	v := balance.NewView(3)
	b := make1(t, balance.LeastLoaded(), v)
	require.False(t, b.Ordered())
	v.Depth[0], v.Depth[1], v.Depth[2] = 5, 2, 4
	var got []int
	for range 7 {
		got = append(got, send(b, 0, v))
	}
	require.Equal(t, []int{1, 1, 2, 1, 2}, got[:5])
	require.Equal(t, []uint64{6, 6, 6}, v.Depth, "water finds its level: %v", got)
}

// Ties go round, also when one worker is left out.
func TestLeastLoadedTies(t *testing.T) {
	v := balance.NewView(4)
	b := make1(t, balance.LeastLoaded(), v)
	idle := func(n int) (got []int) {
		for range n {
			got = append(got, b.Pick(0, v))
		}
		return got
	}
	require.Equal(t, []int{0, 1, 2, 3, 0}, idle(5))
	v.SetOpen(1, false)
	require.NoError(t, b.Update(v))
	require.Equal(t, []int{2, 3, 0, 2}, idle(4))
	v.Depth[0], v.Depth[2], v.Depth[3] = 7, 7, 7
	require.Equal(t, []int{3, 0, 2, 3}, idle(4))
}

// Whatever the depths, nobody who is open is shallower than the pick.
func TestLeastLoadedAgainstAScan(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 14))
	for range 3000 {
		v := balance.NewView(1 + rng.IntN(70))
		for i := range v.N() {
			v.Depth[i] = rng.Uint64N(5)
			v.SetOpen(i, rng.IntN(3) > 0)
		}
		v.SetOpen(rng.IntN(v.N()), true)
		b := make1(t, balance.LeastLoaded(), v)
		for range 3 {
			i := b.Pick(rng.Uint64(), v)
			require.True(t, v.IsOpen(i))
			for _, w := range v.AppendOpen(nil) {
				require.LessOrEqual(t, v.Depth[i], v.Depth[w])
			}
		}
	}
}

// churn sends items that workers take at once, and lets the owner of the View learn of it as refresh says; it returns
// what each worker got.
func churn(t *testing.T, n, items int, refresh func(k int, v *balance.View)) []int {
	t.Helper()
	v, got := balance.NewView(n), make([]int, n)
	b := make1(t, balance.LeastLoaded(), v)
	for k := range items {
		refresh(k, v)
		got[send(b, 0, v)]++
	}
	return got
}

// Seastar's least-loaded placement of connections gave one shard of four 143,392 of 400,000 (seastar#3514): what ended
// on the shard that counts showed at once, what ended on others later, so that shard always looked idle. Our depths are
// all of one refresh. The same policy on lopsided depths shows what that is good for.
func TestLeastLoadedOldDepthsDoNotConcentrateLoad(t *testing.T) {
	const n, items = 4, 40000
	seen := func(v *balance.View, i int) { v.Taken[i], v.Depth[i] = v.Sent[i], 0 }
	for _, every := range []int{1, 31, 32, 33, 1000} {
		for i, c := range churn(t, n, items, func(k int, v *balance.View) {
			if k%every == 0 {
				for i := range n {
					seen(v, i)
				}
			}
		}) {
			require.InDelta(t, items/n, c, 1, "worker %d, refreshed every %d items", i, every)
		}
	}
	got := churn(t, n, items, func(k int, v *balance.View) {
		seen(v, 0)
		if k%32 == 0 {
			for i := range n {
				seen(v, i)
			}
		}
	})
	require.Greater(t, got[0], items/2, "lopsided depths concentrate load: %v", got)
}

// Many producers that look at old depths, each at another time: nobody gets much more than the rest.
func TestLeastLoadedOfManyProducers(t *testing.T) {
	const n, producers, items = 16, 8, 64000
	rng := rand.New(rand.NewPCG(15, 16))
	var waits, got [n]uint64
	views, bals := make([]*balance.View, producers), make([]balance.Balancer, producers)
	for p := range producers {
		views[p] = balance.NewView(n)
		bals[p] = make1(t, balance.LeastLoaded(), views[p])
	}
	sent := make([]int, producers)
	for range items {
		p := rng.IntN(producers)
		if sent[p]++; sent[p]%32 == 0 {
			copy(views[p].Depth, waits[:])
		}
		i := bals[p].Pick(0, views[p])
		views[p].Depth[i]++
		got[i]++
		waits[i]++
		for range 1 + rng.IntN(2) { // the workers can do half as much again as comes
			if w := rng.IntN(n); waits[w] > 0 {
				waits[w]--
			}
		}
	}
	for i, c := range got {
		require.InEpsilon(t, items/n, c, 0.05, "worker %d of %v", i, got)
	}
}
