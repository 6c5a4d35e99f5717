package main

import (
	"math/rand/v2"

	"github.com/pushcore/pushcore/balance"
)

// memory is a balancer of one producer. All that it keeps belongs to that producer alone, so nothing in it is atomic.
type memory struct {
	rng  *rand.Rand
	open []int // the open workers; [balance.Full] if there is none
	best int   // the worker that had the least waiting when it was last seen, or balance.Full
}

// Memory returns a policy that looks at one worker at random and at the one that it remembers as the best, picks the
// shallower, and remembers the better of the two for the next time. It finds short queues about as well as looking at
// two at random, with half of the random numbers. (M. Mitzenmacher, B. Prabhakar, D. Shah, "Load Balancing with
// Memory", FOCS 2002.) It is not Ordered: the items of a key go anywhere.
//
// Equal seeds make equal picks; seed 0 gives every balancer a seed of its own.
func Memory(seed uint64) balance.Policy {
	return func(v *balance.View) (balance.Balancer, error) {
		own := seed
		if own == 0 {
			own = rand.Uint64() // producers with one seed would all run after the same worker
		}
		b := &memory{rng: rand.New(rand.NewPCG(own, 0)), best: balance.Full}
		return b, b.Update(v)
	}
}

// Pick runs for every item: two depths, one random number, no allocation.
func (b *memory) Pick(_ uint64, v *balance.View) int {
	i := b.open[b.rng.IntN(len(b.open))]
	if i == balance.Full {
		return balance.Full
	}
	other := b.best
	if other == balance.Full {
		other = i
	}
	if v.Depth[other] < v.Depth[i] { // a tie goes to the random one: idle workers take turns
		i, other = other, i
	}
	b.best = i
	if v.Depth[other] < v.Depth[i]+1 { // with this item, the other one is the better
		b.best = other
	}
	return i
}

// Update prepares for the workers that are open now. It may allocate and take its time.
func (b *memory) Update(v *balance.View) error {
	b.best = balance.Full
	b.open = v.AppendOpen(b.open[:0])
	if len(b.open) == 0 {
		b.open = append(b.open, balance.Full)
		return balance.ErrNoWorker
	}
	return nil
}

// Ordered is a promise about keys, and this policy ignores them.
func (b *memory) Ordered() bool { return false }

// Reads spares the producer what this policy does not look at.
func (b *memory) Reads() balance.Reads { return balance.ReadsDepth }
