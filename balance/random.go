package balance

import (
	"math/bits"
	"math/rand/v2"
)

// random is wyrand (Wang Yi, wyhash, public domain; Go's runtime uses it, too): one addition, one multiplication, 64
// bits of state. It passes the usual batteries of tests, and is not for keeping secrets.
type random struct{ state uint64 }

// newRandom returns a generator whose sequence is a function of the seed, or one with a seed of its own if the seed is
// 0. Seeds are mixed: otherwise 1, 2 and 3 would begin alike.
func newRandom(seed uint64) random {
	if seed == 0 {
		seed = rand.Uint64()
	}
	return random{Mix(seed)}
}

// next returns 64 random bits.
func (r *random) next() uint64 {
	r.state += 0xa0761d6478bd642f
	hi, lo := bits.Mul64(r.state, r.state^0xe7037ed1a0b428db)
	return hi ^ lo
}

// below returns a random number in [0, n), by multiply-shift as slot does: the bias is below n/2^64.
func (r *random) below(n int) int {
	hi, _ := bits.Mul64(r.next(), uint64(n))
	return int(hi)
}

// anyWorker draws from the open workers.
//
// Invariant: open is not empty ([Full] stands for nobody).
type anyWorker struct {
	open []int
	rng  random
}

// Random returns a policy that picks each open worker with the same probability, whatever it picked before: the anchor
// that others are measured against, since it is what no knowledge at all can do. It ignores keys, depths and weights.
// It is not Ordered.
//
// Counts are binomial: of m items worker i gets m/n, give or take a few times the square root of that, and with Poisson
// arrivals every worker is a queue M/G/1 of its own. A pick costs two multiplications and one load.
//
// Balancers of one policy draw equal sequences, so that runs can be repeated: for tests and simulations. Producers of a
// group would march in step, though; with seed 0 every balancer draws a seed of its own.
func Random(seed uint64) Policy {
	return func(v *View) (Balancer, error) {
		b := &anyWorker{rng: newRandom(seed)}
		if err := b.Update(v); err != nil {
			return nil, err
		}
		return b, nil
	}
}

func (b *anyWorker) Pick(uint64, *View) int { return b.open[b.rng.below(len(b.open))] }

// PickBatch is a loop of Pick that keeps the generator in a register.
func (b *anyWorker) PickBatch(keys []uint64, _ *View, out []int) {
	out = out[:len(keys)]
	open, rng := b.open, b.rng
	for i := range out {
		out[i] = open[rng.below(len(open))]
	}
	b.rng = rng
}

func (b *anyWorker) Update(v *View) (err error) {
	b.open, err = openList(b.open, v)
	return err
}

func (b *anyWorker) Ordered() bool { return false }

// Reads implements [Frugal]: nothing but who is open matters.
func (b *anyWorker) Reads() Reads { return 0 }
