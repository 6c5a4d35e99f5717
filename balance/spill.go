package balance

import (
	"fmt"
	"math/bits"
)

// spillLevel separates the two choices of a key that spills from the pick of its owner, which uses workerLevel: the
// first 64 bits of the fractional part of the square root of 5.
const spillLevel = 0x3c6ef372fe94f82b

// stickySpill sends keys to their owners, and those of owners that are too deep to others.
type stickySpill struct {
	wrapper                // next is the owner
	away      buckets[int] // worker + 1 to which a bucket spills; 0: it is with its owner
	high, low uint64
	open      []int
	spilled   tally
}

// StickySpill returns a policy that sends a key to its owner, the worker that the policy owner names, unless more than
// high items wait there: then the key spills to the shallower of two other choices, if that is shallower than its
// owner. It stays there until fewer than low items wait for its owner, so that it does not go back and forth with every
// item; if more than high wait where it spilled to, it chooses again. The two choices come from the key: they are the
// same in every producer, and what a worker caches for a key is needed at three workers at most while membership is the
// same ("power of both choices", Nasir et al., ICDE 2015; owners and spill-over with hysteresis are practice in Envoy
// and HAProxy).
//
// It is not Ordered, whatever owner is: while a key spills, its items run at two workers or more, in any order. A group
// with keys refuses it unless told otherwise. While all is calm, it is owner. For a limit that keeps order, see
// BoundedDepth.
//
// Keys share buckets, a power of two of them, and spill together, and to the same place, with those of their bucket. A
// bucket takes 8 bytes. A pick costs owner's, a hash and a load from that table; a choice three hashes more. A change
// of membership moves what it moves for owner, and the keys that had spilled to a closed worker. There is no hard load
// bound: keys go on to a worker deeper than high if that is the shallowest of the three.
//
// The policy returns an error if buckets is not a power of two from 1 to 2^24, if low is less than 1 or high less than
// low, or if owner is nil or not Ordered; and owner's errors.
func StickySpill(buckets, high, low int, owner Policy) Policy {
	return func(v *View) (Balancer, error) {
		away, err := newBuckets[int]("StickySpill", buckets)
		if err != nil {
			return nil, err
		}
		if low < 1 || high < low {
			return nil, fmt.Errorf("balance: StickySpill above %d items and back below %d (want 1 <= low <= high)", high, low)
		}
		w, err := newWrapper("StickySpill", owner, v)
		if err != nil {
			return nil, err
		}
		if !w.next.Ordered() {
			return nil, fmt.Errorf("balance: StickySpill with an owner that is not ordered, %T (want one such as KeyHash())", w.next)
		}
		s := &stickySpill{wrapper: w, away: away, high: uint64(high), low: uint64(low)}
		s.open, err = openList(nil, v)
		return s, err
	}
}

func (b *stickySpill) Pick(key uint64, v *View) int {
	home := b.next.Pick(key, v)
	if uint(home) >= uint(len(v.Depth)) {
		return home
	}
	place, at := b.away.of(key), home
	if *place != 0 {
		if at = *place - 1; v.Depth[home] < b.low || !v.IsOpen(at) {
			*place, at = 0, home
		}
	}
	if v.Depth[at] <= b.high {
		return at
	}
	// Of three depths the least: the owner's counts, too. If it is the one, spilling would make matters worse.
	to := home
	for _, w := range b.choices(key) {
		if uint(w) < uint(len(v.Depth)) && v.Depth[w] < v.Depth[to] {
			to = w
		}
	}
	if to != at {
		b.spilled.count()
	}
	if *place = 0; to != home {
		*place = to + 1
	}
	return to
}

// choices returns two open workers for the bucket of key, different ones unless there is but one.
func (b *stickySpill) choices(key uint64) [2]int {
	n := uint64(len(b.open))
	h := Mix(b.away.index(key) ^ spillLevel)
	i, _ := bits.Mul64(h, n) // to [0, n), as slot does
	if n < 2 {
		return [2]int{b.open[i], b.open[i]}
	}
	k, _ := bits.Mul64(Mix(h^spillLevel), n-1)
	if k += i + 1; k >= n {
		k -= n
	}
	return [2]int{b.open[i], b.open[k]}
}

func (b *stickySpill) Update(v *View) error {
	open, err := openList(b.open, v)
	b.open = open
	if ownerErr := b.next.Update(v); ownerErr != nil {
		return ownerErr
	}
	return err
}

func (b *stickySpill) Ordered() bool { return false }

// Reads implements [Frugal].
func (b *stickySpill) Reads() Reads { return ReadsDepth | ReadsOf(b.next) }
