package balance_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/pushcore/pushcore/balance"
	"github.com/stretchr/testify/require"
)

// names are n identities.
func names(n int) (list []string) {
	for i := range n {
		list = append(list, fmt.Sprintf("10.0.0.%d:80", i+1))
	}
	return list
}

// uneven is next with weights 1, 2, 3, 1, 2, 3, and so on, which it sets.
func uneven(next balance.Policy) balance.Policy {
	return func(v *balance.View) (balance.Balancer, error) {
		for i := range v.Weight {
			v.Weight[i] = uint32(i%3) + 1
		}
		return next(v)
	}
}

// homes is which worker each of the keys 0, 1, 2 and so on has.
func homes(b balance.Balancer, v *balance.View, keys int) []int {
	got := make([]int, keys)
	for k := range got {
		got[k] = b.Pick(uint64(k), v)
	}
	return got
}

// moved counts the keys whose workers differ, and among them those that had, or have now, the worker who.
func moved(before, after []int, who int) (all, his int) {
	for k := range before {
		if before[k] != after[k] {
			all++
			if before[k] == who || after[k] == who {
				his++
			}
		}
	}
	return all, his
}

// The consistent policies: how many keys other than those of the worker that comes or goes may move, at most, as a
// share.
var consistent = []struct {
	name   string
	policy balance.Policy
	others float64
}{
	{"Jump", balance.Jump(), 0},
	{"Rendezvous", balance.Rendezvous(), 0},
	{"Rendezvous/named", balance.Rendezvous(names(200)...), 0},
	{"Rendezvous/uneven", uneven(balance.Rendezvous()), 0},
	{"Maglev", balance.Maglev(65537), 0.02}, // see TestMaglevMovesFewOthers; here at least 500 places each
	{"Maglev/named", balance.Maglev(65537, names(200)...), 0.02},
	{"BoundedLoad", balance.BoundedLoad(0.25), 0}, // while nothing is outstanding
}

const disruptionKeys = 20_000

func TestKeyedPoliciesSpread(t *testing.T) {
	rng := rand.New(rand.NewPCG(23, 24))
	streams := map[string]func(i int) uint64{
		"counter":      func(i int) uint64 { return uint64(i) },
		"multiples":    func(i int) uint64 { return uint64(i) << 20 },
		"high bits":    func(i int) uint64 { return uint64(i) << 45 },
		"random":       func(int) uint64 { return rng.Uint64() },
		"mixed before": func(i int) uint64 { return balance.Mix(uint64(i)) },
	}
	for _, p := range []struct {
		name   string
		policy balance.Policy
	}{
		{"KeyHash", balance.KeyHash()}, {"Jump", balance.Jump()}, {"Rendezvous", balance.Rendezvous()},
		{"Rendezvous/named", balance.Rendezvous(names(64)...)}, {"BoundedLoad", balance.BoundedLoad(0.1)},
	} {
		for name, key := range streams {
			for _, n := range []int{2, 3, 8, 64} {
				keys := make([]uint64, 60_000)
				for i := range keys {
					keys[i] = key(i)
				}
				requireEven(t, load(t, make1(t, p.policy, balance.NewView(n)), n, keys), fmt.Sprintf("%s, %s, %d", p.name, name, n))
			}
		}
	}
}

// The bits that chose a node must not choose the worker: within each node, keys spread evenly.
func TestKeyedPoliciesDoNotPolarise(t *testing.T) {
	const nodes, workers, keys = 16, 8, 32_000
	for _, p := range []struct {
		name   string
		policy balance.Policy
	}{
		{"Jump", balance.Jump()}, {"Rendezvous", balance.Rendezvous()}, {"Maglev", balance.Maglev(65537)}, {"BoundedLoad", balance.BoundedLoad(1)},
	} {
		v := balance.NewView(workers)
		b := make1(t, p.policy, v)
		for name, hash := range map[string]func(uint64) uint64{
			"same key": func(k uint64) uint64 { return k }, "hash as key": balance.Mix,
		} {
			var got [nodes][workers]int
			for k := range uint64(keys) {
				got[balance.Mix(k)>>60][b.Pick(hash(k), v)]++
			}
			for node := range got {
				requireEven(t, got[node][:], p.name+", "+name)
			}
		}
		// And with the node chosen by the same policy: its keys are those that picked worker 0 of 16 nodes.
		var got [workers]int
		outer := balance.NewView(nodes)
		cluster := make1(t, p.policy, outer)
		for k := range uint64(keys) {
			if cluster.Pick(k, outer) == 0 {
				got[b.Pick(balance.Mix(k), v)]++
			}
		}
		requireEven(t, got[:], p.name+" in "+p.name)
	}
}

// Processes of different versions agree on who has a key. These are the picks of the first version: they must not
// change.
func TestKeyedGolden(t *testing.T) {
	for _, c := range []struct {
		name   string
		policy balance.Policy
		want   []int
	}{
		{"Jump", balance.Jump(), []int{2, 3, 4, 2, 2, 6, 8, 1, 11, 0, 11, 1}},
		{"Rendezvous", balance.Rendezvous(), []int{2, 6, 4, 9, 4, 10, 2, 3, 6, 3, 2, 1}},
		{"Rendezvous/named", balance.Rendezvous(names(12)...), []int{6, 11, 0, 9, 0, 9, 10, 5, 4, 11, 1, 0}},
		{"Rendezvous/uneven", uneven(balance.Rendezvous()), []int{2, 6, 4, 9, 2, 10, 2, 4, 6, 3, 2, 1}},
		{"Maglev", balance.Maglev(4099), []int{1, 2, 0, 6, 1, 2, 9, 9, 4, 6, 5, 5}},
		{"Maglev/named", balance.Maglev(4099, names(12)...), []int{4, 3, 3, 4, 8, 11, 1, 2, 0, 2, 11, 1}},
		{"Maglev/uneven", uneven(balance.Maglev(4099)), []int{1, 2, 0, 6, 1, 2, 5, 9, 2, 8, 5, 5}},
	} {
		v := balance.NewView(12)
		v.SetOpen(7, false)
		require.Equal(t, c.want, homes(make1(t, c.policy, v), v, 12), c.name)
	}
}

// unmix is the inverse of Mix.
func unmix(x uint64) uint64 {
	inverse := func(odd uint64) uint64 { // Newton's iteration doubles the number of right bits, of which odd itself has three
		y := odd
		for range 5 {
			y *= 2 - odd*y
		}
		return y
	}
	x = (x ^ x>>31 ^ x>>62) * inverse(0x94d049bb133111eb)
	x = (x ^ x>>27 ^ x>>54) * inverse(0xbf58476d1ce4e5b9)
	return x ^ x>>30 ^ x>>60
}

// The extreme case: an earlier stage left only keys whose hashes have 48 bits in common. Without a mix of this level a
// policy would see next to nothing in them.
func TestKeyedPoliciesDoNotReuseBits(t *testing.T) {
	const keys = 40_000
	require.EqualValues(t, 12345, balance.Mix(unmix(12345)))
	for _, p := range []struct {
		name   string
		policy balance.Policy
	}{
		{"KeyHash", balance.KeyHash()}, {"Jump", balance.Jump()}, {"Rendezvous", balance.Rendezvous()}, {"BoundedLoad", balance.BoundedLoad(1)},
		{"Maglev", balance.Maglev(65537)},
	} {
		for name, key := range map[string]func(i uint64) uint64{
			"low bits":  func(i uint64) uint64 { return unmix(i) },
			"high bits": func(i uint64) uint64 { return unmix(i << 48) },
		} {
			v, got := balance.NewView(8), make([]int, 8)
			b := make1(t, p.policy, v)
			for i := range uint64(keys) {
				got[b.Pick(key(i), v)]++
			}
			requireEven(t, got, p.name+", "+name)
		}
	}
}

// The logarithm is as near as its comment says, and falls.
func TestMinusLog2(t *testing.T) {
	rng := rand.New(rand.NewPCG(25, 26))
	for range 20_000 {
		x := rng.Uint64() >> 11 >> rng.IntN(53)
		want := 53 - math.Log2(float64(x|1))
		require.InDelta(t, want, balance.MinusLog2(x), 3e-6, x)
		require.GreaterOrEqual(t, balance.MinusLog2(x), balance.MinusLog2(x+1+x>>40), x)
	}
	require.EqualValues(t, 53, balance.MinusLog2(0), "as of 1")
	near := uint64(1<<53 - 1<<40) // where winners are: nearly proportional to what is missing to 1
	require.InEpsilon(t, 0x1p-13/math.Ln2, balance.MinusLog2(near), 0.002)
}

// Weights are shares, and a weight of 0 is none.
func TestKeyedPoliciesHonourWeights(t *testing.T) {
	const keys = 100_000
	for name, policy := range map[string]balance.Policy{
		"Rendezvous": balance.Rendezvous(), "Maglev": balance.Maglev(65537), "BoundedLoad": balance.BoundedLoad(0.25),
	} {
		for _, weights := range [][]uint32{{1, 2}, {3, 0, 1}, {1, 10, 100}, {5, 5, 5, 5, 1}, {4_000_000_000, 2_000_000_000, 2_000_000_000}} {
			v := balance.NewView(len(weights))
			copy(v.Weight, weights)
			b, total := make1(t, policy, v), 0.0
			for _, w := range weights {
				total += float64(w)
			}
			got := make([]int, len(weights))
			for _, w := range homes(b, v, keys) {
				got[w]++
			}
			for i, w := range weights {
				want := float64(w) / total * keys
				require.InDelta(t, want, got[i], 5*1.05*sqrt(want)+1e-3*want, "%s %v: %v", name, weights, got)
			}
		}
		none := balance.NewView(2)
		clear(none.Weight)
		_, err := policy(none)
		require.ErrorIs(t, err, balance.ErrNoWorker, name)
		require.ErrorContains(t, err, "weight 0")
		v := balance.NewView(2)
		b := make1(t, policy, v)
		require.ErrorContains(t, b.Update(none), "weight 0")
		require.Equal(t, balance.Full, b.Pick(1, none))
		require.NoError(t, b.Update(v))
		require.NotEqual(t, balance.Full, b.Pick(1, v))
	}
}

// A key belongs to a name, wherever that stands.
func TestNamesAreIdentities(t *testing.T) {
	const n, keys = 20, 20_000
	list := names(n)
	turned := append(append([]string{}, list[7:]...), list[:7]...)
	for name, policy := range map[string]func(...string) balance.Policy{
		"Rendezvous": balance.Rendezvous,
		"Maglev":     func(names ...string) balance.Policy { return balance.Maglev(4099, names...) },
		"BoundedLoad": func(names ...string) balance.Policy {
			return balance.BoundedLoad(0.5, names...)
		},
	} {
		v := balance.NewView(n)
		a, b := homes(make1(t, policy(list...), v), v, keys), homes(make1(t, policy(turned...), v), v, keys)
		for k := range a {
			require.Equal(t, list[a[k]], turned[b[k]], name)
		}

		_, err := policy("a", "b", "a")(balance.NewView(2))
		require.ErrorContains(t, err, `workers 0 and 2 have the same name "a"`, name)
		_, err = policy("a", "b")(balance.NewView(3))
		require.ErrorContains(t, err, "2 names for 3 workers", name)
		make1(t, policy("a", "b", "c"), balance.NewView(2)) // names to spare are no harm
		mended := make1(t, policy("a", "b"), balance.NewView(2))
		more := balance.NewView(3)
		require.ErrorContains(t, mended.Update(more), "2 names for 3 workers", name)
		require.Equal(t, balance.Full, mended.Pick(5, more))

		_, err = policy()(balance.NewView(65537))
		require.ErrorContains(t, err, "65537 workers are too many", name)
	}
}
