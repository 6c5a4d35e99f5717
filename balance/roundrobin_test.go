package balance_test

import (
	"math/rand/v2"
	"testing"

	"github.com/pushcore/pushcore/balance"
	"github.com/stretchr/testify/require"
)

// picks takes n picks.
func picks(b balance.Balancer, v *balance.View, n int) (got []int) {
	for range n {
		got = append(got, b.Pick(0, v))
	}
	return got
}

func TestRoundRobinTakesTurns(t *testing.T) {
	v := balance.NewView(3)
	b := make1(t, balance.RoundRobin(), v)
	require.Equal(t, []int{0, 1, 2, 0, 1, 2, 0}, picks(b, v, 7))
	require.False(t, b.Ordered())

	v.SetOpen(1, false) // its turn was next
	require.NoError(t, b.Update(v))
	require.Equal(t, []int{2, 0, 2, 0}, picks(b, v, 4))

	v.SetOpen(1, true)
	require.NoError(t, b.Update(v))
	require.Equal(t, []int{2, 0, 1}, picks(b, v, 3), "2 was due, and stays due")

	v = balance.NewView(5) // two more join
	require.NoError(t, b.Update(v))
	require.Equal(t, []int{2, 3, 4, 0}, picks(b, v, 4))

	v = balance.NewView(1)
	require.NoError(t, b.Update(v))
	require.Equal(t, []int{0, 0}, picks(b, v, 2))
}

// The model walks over all workers and asks each whether it is open: slow and plain.
func TestRoundRobinAgainstModel(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, n := range []int{1, 2, 7, 64, 130} {
		v := balance.NewView(n)
		b, due := make1(t, balance.RoundRobin(), v), 0
		for range 2000 {
			if rng.IntN(8) == 0 {
				v.SetOpen(rng.IntN(n), rng.IntN(2) == 0)
				if v.OpenCount() == 0 {
					v.SetOpen(rng.IntN(n), true)
				}
				require.NoError(t, b.Update(v))
				due = nextOpen(v, due)
			}
			require.Equal(t, nextOpen(v, due), b.Pick(rng.Uint64(), v))
			due = nextOpen(v, (nextOpen(v, due)+1)%n)
		}
	}
}

func nextOpen(v *balance.View, i int) int {
	for !v.IsOpen(i) {
		i = (i + 1) % v.N()
	}
	return i
}

// Updates that come thick must not send everything to the low workers.
func TestRoundRobinIsFairUnderUpdates(t *testing.T) {
	v, got := balance.NewView(4), make([]int, 4)
	b := make1(t, balance.RoundRobin(), v)
	for range 400 {
		require.NoError(t, b.Update(v))
		got[b.Pick(0, v)]++
	}
	require.Equal(t, []int{100, 100, 100, 100}, got)
}
