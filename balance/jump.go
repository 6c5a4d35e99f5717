package balance

// jumpTries is how many workers a key is thrown to before the open ones are ranked. With half of the workers closed,
// one key in 65536 gets that far.
const jumpTries = 16

// jump throws keys among all workers, and again from those that are closed.
type jump struct{ place placement }

// Jump returns a policy that gives every key a worker by jump consistent hashing (Lamping and Veach, arXiv 1406.2294):
// no table, about ln n steps of one multiplication and one division each. It is Ordered. It ignores depths and weights.
//
// One worker more at the end of the list gets 1/(n+1) of the keys, and no other key moves. Jump hashing itself cannot
// take a worker out of the middle. Here a key whose worker is closed is thrown again with another hash, at most 16
// times; then the open workers are ranked as by Rendezvous. So only the keys of the worker that closes move, which are
// spread over the others, and they come back when it opens. A pick takes about n/open throws: where most workers are
// closed, Rendezvous is cheaper.
//
// The index is the identity of a worker: reordering the list moves keys. The policy returns an error for more than
// 65536 workers.
func Jump() Policy {
	return func(v *View) (Balancer, error) {
		b := &jump{}
		if err := b.Update(v); err != nil {
			return nil, err
		}
		return b, nil
	}
}

// jumpSlot is the jump consistent hash of key among n > 0 slots. The key becomes the state of a linear congruential
// generator; each step draws where the key jumps to as slots are added.
func jumpSlot(key uint64, n int) int {
	slot, next := int64(-1), int64(0)
	for next < int64(n) {
		slot = next
		key = key*2862933555777941757 + 1
		next = int64(float64(slot+1) * (float64(1<<31) / float64(key>>33+1)))
	}
	return int(slot)
}

func (b *jump) Pick(key uint64, _ *View) int {
	if b.place.n == 0 {
		return Full
	}
	hash := Mix(key ^ workerLevel)
	throw := hash
	for range jumpTries {
		if i := jumpSlot(throw, b.place.n); b.place.isOpen(i) {
			return i
		}
		throw = Mix(throw + workerLevel) // not the state that the jumps ended in: that depends on n
	}
	return b.place.rest.pick(hash)
}

func (b *jump) Update(v *View) error { return b.place.update(v) }

func (b *jump) Ordered() bool { return true }

// Reads implements [Frugal]: nothing but who is open matters.
func (b *jump) Reads() Reads { return 0 }
