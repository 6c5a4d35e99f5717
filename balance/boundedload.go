package balance

import (
	"fmt"
	"math"
	"slices"
)

// boundedLoad gives keys to the first worker of their ranking that has room.
type boundedLoad struct {
	factor     float64 // 1 + eps
	ids        identities
	candidates []candidate
	all        ranking
	total      float64     // of the weights of the candidates
	room       ranking     // of those with room: made anew by the picks that need it
	free       []candidate // its candidates
	away       tally       // picks of another worker than the first
}

// BoundedLoad returns a policy of consistent hashing with bounded loads (Mirrokni, Thorup and Zadimoghaddam, arXiv
// 1608.01350): a key goes to its worker as by Rendezvous, unless that has its share already. Then it goes to the next
// of its ranking that has room.
//
// A worker's load is what this producer has outstanding there (Sent - Taken). No pick lets it exceed ceil((1+eps) *
// average), where the average is that over the open workers with the new item counted, in proportion to their weights.
// There is always a worker with room, so the answer is never Full while a worker is open. A low eps spreads one hot key
// over more workers; a high one keeps keys at home: 0.25 is usual. The bound holds for each producer, hence for the sum
// of P producers up to rounding.
//
// It is not Ordered: a key leaves its worker while that is full. While loads are below the bound, it moves as few keys
// as Rendezvous when a worker comes or goes; for each such key, O(1/eps^2) others may follow. The chosen worker is
// expected to be among the first O(1/eps^2) of the ranking; since the average takes a look at every worker anyway, so
// does the search, and a pick costs at most three passes over the workers.
//
// names are as for Rendezvous. The policy returns an error if eps is not a positive finite number, and Rendezvous's.
func BoundedLoad(eps float64, names ...string) Policy {
	return func(v *View) (Balancer, error) {
		if !(eps > 0) || math.IsInf(eps, 1) {
			return nil, fmt.Errorf("balance: bounded load with an eps of %v (want a finite number above 0, such as 0.25)", eps)
		}
		ids, err := newIdentities(names)
		if err != nil {
			return nil, err
		}
		b := &boundedLoad{factor: 1 + eps, ids: ids}
		if err := b.Update(v); err != nil {
			return nil, err
		}
		return b, nil
	}
}

func (b *boundedLoad) Pick(key uint64, v *View) int {
	if len(b.candidates) == 0 {
		return Full
	}
	items := uint64(1) // the new one
	for _, w := range b.all.worker {
		items += v.Sent[w] - v.Taken[w]
	}
	allowed := b.factor * float64(items)
	hash := rankHash(key)
	if owner := &b.candidates[b.all.first(hash)]; b.hasRoom(owner, allowed, v) {
		return owner.worker
	}
	b.free = b.free[:0]
	for i := range b.candidates {
		if m := &b.candidates[i]; b.hasRoom(m, allowed, v) {
			b.free = append(b.free, *m)
		}
	}
	b.room.reset(b.free)
	b.away.count()
	return b.room.pick(hash)
}

// hasRoom reports whether m may have one item more, where all together may have the number allowed. load+1 <= ceil(x)
// is load < x; here both sides are multiplied by the total of the weights, so that a bound that is a whole number stays
// one.
func (b *boundedLoad) hasRoom(m *candidate, allowed float64, v *View) bool {
	return float64(v.Sent[m.worker]-v.Taken[m.worker])*b.total < allowed*float64(m.weight)
}

func (b *boundedLoad) Update(v *View) (err error) {
	b.candidates, err = b.ids.candidates(b.candidates, v)
	b.all.reset(b.candidates)
	b.free = slices.Grow(b.free[:0], len(b.candidates)) // picks must not allocate
	b.room.reset(b.candidates)
	b.total = 0
	for _, m := range b.candidates {
		b.total += float64(m.weight)
	}
	return err
}

func (b *boundedLoad) Ordered() bool { return false }

// Reads implements [Frugal].
func (b *boundedLoad) Reads() Reads { return ReadsTaken }
