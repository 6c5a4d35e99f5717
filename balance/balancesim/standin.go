package balancesim

import (
	"math/rand/v2"

	"github.com/pushcore/pushcore/balance"
)

func random(seed uint64) balance.Policy { return powerOf(1, seed) }
func jbsq(k int) balance.Policy         { return balance.BoundedDepth(k, balance.LeastLoaded()) }

type chooser struct {
	d    int
	rng  *rand.Rand
	perm []int
}

// powerOf is the shortest of d workers drawn without replacement.
func powerOf(d int, seed uint64) balance.Policy {
	return func(v *balance.View) (balance.Balancer, error) {
		b := &chooser{d: d, rng: rand.New(rand.NewPCG(seed, 1))}
		return b, b.Update(v)
	}
}

func (b *chooser) Pick(_ uint64, v *balance.View) int {
	n := len(b.perm)
	best := balance.Full
	for k := range min(b.d, n) {
		j := k + b.rng.IntN(n-k)
		b.perm[k], b.perm[j] = b.perm[j], b.perm[k]
		if w := b.perm[k]; best == balance.Full || v.Depth[w] < v.Depth[best] {
			best = w
		}
	}
	return best
}

func (b *chooser) Update(v *balance.View) error {
	if b.perm = v.AppendOpen(nil); len(b.perm) == 0 {
		return balance.ErrNoWorker
	}
	return nil
}

func (b *chooser) Ordered() bool { return false }
