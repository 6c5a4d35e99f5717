package balance

import (
	"fmt"
	"math"
)

// share is one worker's part in the rotation.
type share struct {
	worker  int
	weight  int64 // at least 1
	current int64 // total * (picks it should have had - picks it has had): what it is owed
}

// smoothWeighted gives the next pick to whom the most is owed.
//
// Invariant: total is the sum of the weights; the currents add up to less than len(shares), either way.
type smoothWeighted struct {
	shares []share // of the open workers that have a weight, ascending; empty if nobody does
	total  int64
	open   []int // scratch memory of Update
}

// SmoothWeighted returns a policy that picks the open workers in proportion to View.Weight, and spreads the picks of
// each as evenly as it can: weights 5, 1 and 1 give a a b a c a a, over and over. It ignores keys and depths. It is not
// Ordered.
//
// At every pick each worker is owed its weight more; the one that is owed most gets the item, and is owed the sum of
// all weights less; of several, the lowest index goes first. The algorithm is nginx's, of its change "smooth weighted
// round-robin balancing". Of every W picks from the start, W being the sum of the weights, worker i gets Weight[i]
// exactly, and on the way it is never a whole pick ahead of its share. A pick looks at every open worker.
//
// When weights or membership change, what a worker is owed stays, in picks: changes that come thick favour nobody, and
// after a change from weights in the thousands to weights in the tens nobody waits for thousands of picks. One that
// comes is owed nothing.
//
// A worker of weight 0 gets nothing. If all open workers are of weight 0 there is nobody to pick: the policy, or
// Update, then returns an error that wraps [ErrNoWorker], and picks are Full until another Update mends it.
func SmoothWeighted() Policy {
	return func(v *View) (Balancer, error) {
		b := &smoothWeighted{}
		if err := b.Update(v); err != nil {
			return nil, err
		}
		return b, nil
	}
}

func (b *smoothWeighted) Pick(uint64, *View) int {
	if len(b.shares) == 0 {
		return Full
	}
	best := &b.shares[0]
	for i := range b.shares {
		s := &b.shares[i]
		s.current += s.weight
		if s.current > best.current {
			best = s
		}
	}
	best.current -= b.total
	return best.worker
}

func (b *smoothWeighted) Update(v *View) (err error) {
	old, was := b.shares, b.total
	b.shares, b.total = nil, 0
	if b.open, err = openList(b.open, v); err != nil {
		return err
	}
	for _, w := range b.open {
		if weight := int64(v.Weight[w]); weight > 0 {
			b.shares = append(b.shares, share{worker: w, weight: weight})
			b.total += weight
		}
	}
	if b.total == 0 {
		return fmt.Errorf("%w with a weight above 0: there are %d, all of weight 0", ErrNoWorker, len(b.open))
	}
	b.carry(old, was)
	return nil
}

// carry takes over what the workers were owed from a rotation with the given total. Both lists are ascending.
func (b *smoothWeighted) carry(old []share, total int64) {
	sum, scale := int64(0), float64(b.total)/float64(total)
	for i := range b.shares {
		s := &b.shares[i]
		for len(old) > 0 && old[0].worker < s.worker {
			old = old[1:]
		}
		if len(old) > 0 && old[0].worker == s.worker {
			s.current = int64(math.Round(float64(old[0].current) * scale)) // below 2^53, so exact with an equal total
			sum += s.current
		}
	}
	// Those that went took along what they were owed, or had had too much of: that is for all to bear. Nothing is left
	// of it if nobody went, so an Update that changes nothing changes nothing here.
	for i := range b.shares {
		b.shares[i].current -= sum / int64(len(b.shares))
	}
}

func (b *smoothWeighted) Ordered() bool { return false }

// Reads implements [Frugal]: weights come with Update.
func (b *smoothWeighted) Reads() Reads { return 0 }
