package balance

import (
	"fmt"
	"math/bits"
)

// workerLevel separates the pick of a worker from other picks made with the same hash: see KeyHash. It is the first 64
// bits of the fractional part of the square root of 3, a number with nothing up its sleeve.
const workerLevel = 0xbb67ae8584caa73b

// keyHash maps keys to open workers. Only Update changes it.
//
// Invariant: open is not empty ([Full] stands for nobody).
type keyHash struct {
	open []int // ascending, so that equal membership means equal lists in every producer
}

// KeyHash returns a policy that sends each key to a worker of its own: the same one for every producer and in every
// process, as long as the same workers are open. It ignores depths and weights. It is Ordered.
//
// Keys spread as evenly as a fair die would throw them, however regular they are (counters, pointers, multiples of
// 2^k); a key that makes up half of the traffic still puts half of the traffic on one worker. Opening or closing one
// worker moves between a quarter of all keys (a middle worker) and half of them (the first or the last), where 1/n is
// the least possible: that is the price of one load per pick.
//
// A key is hashed once more, with a constant of this level, before it picks. So the bits that an earlier stage used to
// pick a node, a partition or a socket with the same key, through Mix or through anything else, may be passed on: the
// workers of one node still get equal shares (no hash polarisation).
func KeyHash() Policy {
	return func(v *View) (Balancer, error) {
		b := &keyHash{}
		if err := b.Update(v); err != nil {
			return nil, err
		}
		return b, nil
	}
}

// Mix scrambles a key: every bit of the result depends on every bit of the key, and different keys have different
// results. It is the finaliser of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators",
// OOPSLA 2014; its constants are variant 13 of Stafford's, bettering those of MurmurHash3's fmix64). Mix(0) is 0. It
// is not for keys chosen by an adversary: Mix can be inverted.
func Mix(key uint64) uint64 {
	key = (key ^ key>>30) * 0xbf58476d1ce4e5b9
	key = (key ^ key>>27) * 0x94d049bb133111eb
	return key ^ key>>31
}

// Slot returns which of n open workers KeyHash picks for key, from 0 on. It panics if n is not positive.
func Slot(key uint64, n int) int {
	if n <= 0 {
		panic(fmt.Sprintf("balance: Slot among %d workers: there must be at least 1", n))
	}
	return int(slot(key, n))
}

// slot maps key to [0, n) by multiply-shift: the high word of hash * n (Lemire, "Fast random integer generation in an
// interval", ACM TOMACS 29(1), 2019). One multiplication where % would divide, and unsigned throughout, so that no key
// can come out negative. A slot is 2^64/n hashes wide to within one: the bias is below n/2^64.
func slot(key uint64, n int) uint64 {
	hi, _ := bits.Mul64(Mix(key^workerLevel), uint64(n))
	return hi
}

func (b *keyHash) Pick(key uint64, _ *View) int { return b.open[slot(key, len(b.open))] }

// PickBatch is a loop of Pick: independent of one another, the hashes of a batch overlap in the pipeline.
func (b *keyHash) PickBatch(keys []uint64, _ *View, out []int) {
	open := b.open
	out = out[:len(keys)]
	for i, key := range keys {
		out[i] = open[slot(key, len(open))]
	}
}

func (b *keyHash) Update(v *View) (err error) {
	b.open, err = openList(b.open, v)
	return err
}

func (b *keyHash) Ordered() bool { return true }

// Reads implements [Frugal]: nothing but who is open matters.
func (b *keyHash) Reads() Reads { return 0 }
