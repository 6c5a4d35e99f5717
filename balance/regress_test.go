package balance_test

import (
	"testing"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/balance/balancetest"
	"github.com/stretchr/testify/require"
)

// Two defects of lonely, whose model this module follows.

// Its keyed pick ignored the hash: items of one key went round the workers, and their order with them.
func TestKeyedPickUsesTheKey(t *testing.T) {
	v := balance.NewView(8)
	b := make1(t, balance.KeyHash(), v)
	used := map[int]bool{}
	for key := range uint64(200) {
		home := b.Pick(key, v)
		used[home] = true
		for other := range uint64(5) {
			b.Pick(key*31+other, v) // what happens in between does not matter
			require.Equal(t, home, b.Pick(key, v), "one key, one worker")
		}
	}
	require.Len(t, used, 8, "and keys are what tells workers apart")
}

// Its interface for strategies showed neither depths nor the number of workers: a depth-aware one could not be written.
// leastLoaded is one, written against the exported API alone.
func TestDepthAwarePlugin(t *testing.T) {
	balancetest.Run(t, LeastLoaded())

	v := balance.NewView(3)
	b := make1(t, LeastLoaded(), v)
	v.Depth[0], v.Depth[1], v.Depth[2] = 5, 2, 4
	var got []int
	for range 7 {
		got = append(got, send(b, 0, v))
	}
	require.Equal(t, []uint64{6, 6, 6}, v.Depth, "water finds its level: %v", got)
	require.Equal(t, []int{1, 1}, got[:2], "the deep ones wait")
}

type leastLoaded struct{ last int }

// LeastLoaded is the policy that the package documentation shows; keep the two alike.
func LeastLoaded() balance.Policy {
	return func(v *balance.View) (balance.Balancer, error) {
		b := &leastLoaded{last: -1}
		return b, b.Update(v)
	}
}

func (b *leastLoaded) Pick(_ uint64, v *balance.View) int {
	best := balance.Full
	for k := 1; k <= v.N(); k++ {
		i := (b.last + k) % v.N() // ties go round
		if v.IsOpen(i) && (best == balance.Full || v.Depth[i] < v.Depth[best]) {
			best = i
		}
	}
	if best != balance.Full {
		b.last = best
	}
	return best
}

func (b *leastLoaded) Update(v *balance.View) error {
	if v.OpenCount() == 0 {
		return balance.ErrNoWorker
	}
	return nil
}

func (b *leastLoaded) Ordered() bool { return false }
