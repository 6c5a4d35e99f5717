package balance

import (
	"fmt"
	"time"
)

// flow is where the last item of a bucket went, and when. The zero flow is nowhere.
type flow struct {
	last  int64 // View.Now at the last pick
	place int   // worker + 1
}

// flowlet lets a bucket move in its pauses.
type flowlet struct {
	wrapper
	flows buckets[flow]
	gap   int64
	moved tally
}

// Flowlet returns a policy that keeps a key on its worker while its items follow each other closely, and asks next when
// the key was idle for longer than gap: flowlet switching, as in LetFlow (Vanini et al., NSDI 2017), where next is
// random and the senders slow down when a queue is long, so that pauses come sooner there. next may be any policy; one
// that looks at depths is better than random.
//
// It is not Ordered: nothing stops a key from moving while an item of it still waits. Items do keep their order in
// practice if gap is longer than the longest that an item waits for its worker, and that is a matter of measurement.
// StickyInFlight needs no such guess; Flowlet does without a look at what workers have taken. A key whose worker was
// closed moves at once.
//
// Time is that of the View ([View].Now), which a group looks at every few microseconds: gaps shorter than that mean
// little. Keys share buckets, a power of two of them, and a bucket pauses when all of its keys do. A bucket takes 16
// bytes; a pick costs a hash and a load from that table, plus next's pick after a pause. A change of membership moves
// the keys of a closed worker at once, others in their pauses. How even the load is depends on next.
//
// The policy returns an error if buckets is not a power of two from 1 to 2^24, gap is not positive or next is nil, and
// next's errors.
func Flowlet(buckets int, gap time.Duration, next Policy) Policy {
	return func(v *View) (Balancer, error) {
		flows, err := newBuckets[flow]("Flowlet", buckets)
		if err != nil {
			return nil, err
		}
		if gap <= 0 {
			return nil, fmt.Errorf("balance: Flowlet with a gap of %v (want more than 0: longer than items wait)", gap)
		}
		w, err := newWrapper("Flowlet", next, v)
		if err != nil {
			return nil, err
		}
		return &flowlet{wrapper: w, flows: flows, gap: int64(gap)}, nil
	}
}

func (b *flowlet) Pick(key uint64, v *View) int {
	f := b.flows.of(key)
	if v.Now-f.last <= b.gap && v.IsOpen(f.place-1) {
		f.last = v.Now
		return f.place - 1
	}
	w := b.next.Pick(key, v)
	if w != Full {
		if f.place != 0 && f.place != w+1 {
			b.moved.count()
		}
		f.place, f.last = w+1, v.Now
	}
	return w
}

func (b *flowlet) Ordered() bool { return false }

// Reads implements [Frugal].
func (b *flowlet) Reads() Reads { return ReadsNow | ReadsOf(b.next) }
