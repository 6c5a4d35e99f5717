package balance_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/balance"
)

// choose returns n over k.
func choose(n, k int) float64 {
	c := 1.0
	for i := range k {
		c = c * float64(n-i) / float64(i+1)
	}
	return c
}

// If worker i is i deep, it is picked iff it is drawn with d-1 deeper ones: of n over d equally likely draws, that
// many. A draw with replacement, a second choice that is not uniform, or one choice too few would show.
func TestPowerOfDrawsDistinctWorkers(t *testing.T) {
	for d := 1; d <= 5; d++ {
		for _, n := range []int{1, 2, 3, 5, 8, 20} {
			v := balance.NewView(n)
			for i := range n {
				v.Depth[i] = uint64(i)
			}
			b, got := make1(t, balance.PowerOf(d, 31), v), make([]int, n)
			total := 2000 * n
			for range total {
				got[b.Pick(0, v)]++
			}
			chi, df := 0.0, -1.0
			for i, c := range got {
				look := min(d, n)
				want := float64(total) * choose(n-1-i, look-1) / choose(n, look)
				if n-1-i < look-1 {
					require.Zero(t, c, "d=%d n=%d: worker %d has too few deeper ones", d, n, i)
					continue
				}
				chi += (float64(c) - want) * (float64(c) - want) / want
				df++
			}
			if df > 0 {
				require.Less(t, chi, chiLimit(df), "d=%d n=%d: %v", d, n, got)
			}
		}
	}
}

// Ties are fair, also among a few that are not spread evenly over the indices.
func TestPowerOfTies(t *testing.T) {
	for _, d := range []int{2, 3, 8, 100} {
		v := balance.NewView(8)
		b, got := make1(t, balance.PowerOf(d, 33), v), make([]int, 8)
		for range 8000 {
			got[b.Pick(0, v)]++
		}
		requireEven(t, got, fmt.Sprintf("all idle, d=%d", d))
		if d < 8 {
			continue
		}
		clear(got)
		for i := range v.Depth {
			v.Depth[i] = 3
		}
		v.Depth[0], v.Depth[1], v.Depth[5] = 2, 2, 2
		for range 6000 {
			got[b.Pick(0, v)]++
		}
		requireEven(t, []int{got[0], got[1], got[5]}, fmt.Sprintf("three tie, d=%d", d))
		require.Equal(t, 6000, got[0]+got[1]+got[5])
	}
}

// With as many choices as workers it is join-the-shortest-queue: two workers and two choices, above all. Against
// LeastLoaded under the same arrivals and departures, the queues are the same but for which of two equal ones is which.
func TestPowerOfAllIsJoinShortestQueue(t *testing.T) {
	for _, c := range []struct{ n, d int }{{2, 2}, {3, 3}, {3, 7}, {65, 65}, {65, math.MaxInt}} {
		rng := rand.New(rand.NewPCG(35, uint64(c.n)))
		v := balance.NewView(c.n)
		b := make1(t, balance.PowerOf(c.d, 36), v)
		for range 4000 {
			least := v.Depth[0]
			for _, d := range v.Depth {
				least = min(least, d)
			}
			i := b.Pick(0, v)
			require.Equal(t, least, v.Depth[i], "n=%d d=%d", c.n, c.d)
			v.Depth[i]++
			if j := rng.IntN(c.n); v.Depth[j] > 0 && rng.IntN(8) > 0 {
				v.Depth[j]--
			}
		}
	}
}

// Two choices leave far less on the fullest worker than one, with n items on n workers: ln ln n / ln 2 + O(1) against
// ln n / ln ln n.
func TestPowerOfTwoBallsInBins(t *testing.T) {
	const n = 4096
	deepest := func(p balance.Policy) (most uint64) {
		v := balance.NewView(n)
		b := make1(t, p, v)
		for range n {
			most = max(most, v.Depth[send(b, 0, v)])
		}
		return most
	}
	require.GreaterOrEqual(t, deepest(balance.Random(37)), uint64(5))
	require.LessOrEqual(t, deepest(balance.PowerOfTwo(37)), uint64(4))
	require.LessOrEqual(t, deepest(balance.PowerOf(3, 37)), uint64(3))
}

func TestPowerOfRefusesNonsense(t *testing.T) {
	for _, d := range []int{0, -1, -1 << 31} {
		_, err := balance.PowerOf(d, 1)(balance.NewView(2))
		require.ErrorContains(t, err, fmt.Sprintf("power of %d choices", d))
		require.ErrorContains(t, err, "at least 1")
	}
}

// An Update that changes nothing changes no pick, however the draws have left the deck.
func TestPowerOfUpdateWithoutChange(t *testing.T) {
	v := balance.NewView(9)
	a, b := make1(t, balance.PowerOf(4, 39), v), make1(t, balance.PowerOf(4, 39), v)
	for range 50 {
		require.NoError(t, b.Update(v))
		require.Equal(t, picks(a, v, 5), picks(b, v, 5))
	}
}
