package balance

import (
	"fmt"
	"math/bits"
	"slices"
)

// powerOfTwo compares two open workers. Only the generator changes between Updates.
//
// Invariant: open has n workers ([Full] stands for nobody, n >= 1), and the same n again, so that to go on from one to
// another needs no test for the end, which no branch predictor could foresee.
type powerOfTwo struct {
	open []int
	n    int
	rng  random
}

// PowerOfTwo returns a policy that draws two different open workers and picks the one with fewer items waiting
// (View.Depth), either one if they have the same: PowerOf(2, seed), and what to use of that family.
func PowerOfTwo(seed uint64) Policy {
	return func(v *View) (Balancer, error) {
		b := &powerOfTwo{rng: newRandom(seed)}
		if err := b.Update(v); err != nil {
			return nil, err
		}
		return b, nil
	}
}

func (b *powerOfTwo) Pick(_ uint64, v *View) int {
	if b.n == 1 {
		return b.open[0] // the only one, or Full
	}
	// One draw serves both: the high word of draw * n is the first choice, and the low word is as good as another draw,
	// for a distance of 1 to n-1 to the second.
	i, rest := bits.Mul64(b.rng.next(), uint64(b.n))
	far, _ := bits.Mul64(rest, uint64(b.n-1))
	pick, other := b.open[i], b.open[i+far+1]
	if v.Depth[other] < v.Depth[pick] { // a conditional move: it cannot be foreseen, either
		pick = other
	}
	return pick // of equal ones the first drawn, which is as likely to be the one as the other
}

func (b *powerOfTwo) Update(v *View) error {
	open, err := openList(b.open, v)
	b.open, b.n = append(open, open...), len(open)
	return err
}

func (b *powerOfTwo) Ordered() bool { return false }

// Reads implements [Frugal].
func (b *powerOfTwo) Reads() Reads { return ReadsDepth }

// powerOf compares d open workers.
type powerOf struct {
	d    int
	open []int // ascending
	deck []int // the same, in the order that draws have left it in; empty if nobody is open
	rng  random
}

// PowerOf returns a policy that draws d different open workers, or all if there are no more, and picks the one with the
// fewest items waiting (View.Depth); of several with the fewest, each with the same probability. It ignores keys and
// weights. It is not Ordered.
//
// Two choices are already far better than one: with Poisson arrivals at a share l of what n workers can do, and depths
// that are up to date, the share of workers with i or more items falls as l^((d^i-1)/(d-1)) for large n, doubly
// exponentially in i, where Random's falls as l^i (Mitzenmacher, "The power of two choices in randomized load
// balancing", IEEE TPDS 12(10), 2001). More than two add little. With d at or above the number of open workers it is
// join-the-shortest-queue, as LeastLoaded is. Because a choice is random, producers that look at the same old depths do
// not all run to the same worker, as they do with LeastLoaded.
//
// A pick costs d draws, of two multiplications each, and d loads; PowerOfTwo makes do with one draw. PowerOf(1) is
// Random. The seed is as Random's. The policy returns an error if d is less than 1.
func PowerOf(d int, seed uint64) Policy {
	switch d {
	case 1:
		return Random(seed)
	case 2:
		return PowerOfTwo(seed)
	}
	return func(v *View) (Balancer, error) {
		if d < 1 {
			return nil, fmt.Errorf("balance: power of %d choices is too few (want at least 1; 2 is usual)", d)
		}
		b := &powerOf{d: d, rng: newRandom(seed)}
		if err := b.Update(v); err != nil {
			return nil, err
		}
		return b, nil
	}
}

// Pick deals d workers from the deck: the first d steps of a Fisher-Yates shuffle. Every order in which d workers can
// come is equally likely, wherever the deck started; so the first of several equals is a fair choice.
func (b *powerOf) Pick(_ uint64, v *View) int {
	best, least := Full, uint64(0)
	for k := range min(b.d, len(b.deck)) {
		j := k + b.rng.below(len(b.deck)-k)
		w := b.deck[j]
		b.deck[j], b.deck[k] = b.deck[k], w
		if depth := v.Depth[w]; best == Full || depth < least {
			best, least = w, depth
		}
	}
	return best
}

func (b *powerOf) Update(v *View) error {
	open, err := openList(nil, v)
	switch {
	case err != nil:
		b.open, b.deck = nil, nil
	case !slices.Equal(open, b.open): // else the deck stays as it is: an Update that changes nothing must change nothing
		b.open, b.deck = open, slices.Clone(open)
	}
	return err
}

func (b *powerOf) Ordered() bool { return false }

// Reads implements [Frugal].
func (b *powerOf) Reads() Reads { return ReadsDepth }
