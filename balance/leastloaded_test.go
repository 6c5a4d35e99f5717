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
