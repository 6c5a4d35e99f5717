package balance_test

import (
	"math/bits"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/balance"
)

// Equal seeds give equal sequences; different seeds, and balancers without one, go their own way.
func TestSeeds(t *testing.T) {
	for _, c := range []struct {
		name   string
		policy func(seed uint64) balance.Policy
	}{
		{"Random", balance.Random},
		{"PowerOfTwo", balance.PowerOfTwo},
		{"PowerOf3", func(seed uint64) balance.Policy { return balance.PowerOf(3, seed) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := balance.NewView(64)
			first := func(p balance.Policy) []int { return picks(make1(t, p, v), v, 32) }
			require.Equal(t, first(c.policy(1)), first(c.policy(1)))
			require.NotEqual(t, first(c.policy(1)), first(c.policy(2)))
			zero := c.policy(0)
			require.NotEqual(t, first(zero), first(zero), "each balancer has a seed of its own")
		})
	}
}

// Even for any number of workers, closed ones among them, whatever the seed; also from one pick to the next.
func TestRandomIsEven(t *testing.T) {
	for _, seed := range []uint64{1, 2, 3, 1 << 40, ^uint64(0)} {
		for _, n := range []int{2, 3, 7, 8, 64, 100} {
			v := balance.NewView(n + 1)
			v.SetOpen(n/2, false)
			b, got, pairs := make1(t, balance.Random(seed), v), make([]int, n+1), make([]int, n*n)
			place := func(w int) int { // among the open ones
				if w > n/2 {
					w--
				}
				return w
			}
			last := place(b.Pick(0, v))
			for range 400 * n {
				w := b.Pick(0, v)
				got[w]++
				pairs[last*n+place(w)]++
				last = place(w)
			}
			require.Zero(t, got[n/2], "closed")
			requireEven(t, append(got[:n/2], got[n/2+1:]...), "workers")
			if n <= 8 {
				requireEven(t, pairs, "workers by the one before")
			}
		}
	}
}

// Seeds that differ in one bit, and small ones, begin with picks that have nothing to do with one another.
func TestRandomSeedsAreFarApart(t *testing.T) {
	v := balance.NewView(64)
	first := make([]int, 64)
	for seed := range uint64(6400) {
		first[make1(t, balance.Random(seed+1), v).Pick(0, v)]++
	}
	requireEven(t, first, "first pick of small seeds")
	flips := make([]int, 64) // by how far the first picks are apart
	rng := rand.New(rand.NewPCG(27, 28))
	for range 6400 {
		seed := rng.Uint64() | 1<<63
		a := make1(t, balance.Random(seed), v).Pick(0, v)
		b := make1(t, balance.Random(seed^1<<rng.IntN(63)), v).Pick(0, v)
		flips[a^b]++
	}
	requireEven(t, flips, "first picks of seeds one bit apart")
	require.Equal(t, 6, bits.Len(uint(len(flips)-1)))
}
