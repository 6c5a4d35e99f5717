package balance

import "fmt"

// boundedDepth refuses picks of another balancer.
//
// It is no BatchPicker even where next is one: next would pick a whole batch by depths that do not yet show the batch.
type boundedDepth struct {
	wrapper
	limit   uint64
	ordered bool // next's answer, which never changes
	asks    int  // how often to ask an unordered next in all
	deep    tally
}

// BoundedDepth returns a policy that picks as next does but sends nothing to a worker for which limit or more items
// wait (View.Depth): back-pressure that a producer feels long before the lane is full, for keeping queues short.
//
// If next is Ordered, a key whose worker is at the limit is refused with Full at once: it may not go elsewhere. If it
// is not, next is asked again, in all as often as there are open workers, but 16 times at most, and then the first open
// worker below the limit after next's last pick is taken; only if every open worker is at the limit is the answer Full.
// Full from next stays Full.
//
// What one producer has outstanding at a worker never exceeds the limit. What all have there together may, by what they
// send between two looks at the depths: P producers may have P * limit items at one worker at worst. JBSQ(k) is what
// BoundedDepth(k, LeastLoaded()) would be, and does not ask in vain. A limit of at least the lanes' capacity changes
// nothing for a producer that sends alone. The policy returns an error if limit is less than 1 or next is nil, and
// next's errors.
func BoundedDepth(limit int, next Policy) Policy {
	return func(v *View) (Balancer, error) {
		if limit < 1 {
			return nil, fmt.Errorf("balance: depth limit %d is too low (want at least 1)", limit)
		}
		w, err := newWrapper("BoundedDepth", next, v)
		if err != nil {
			return nil, err
		}
		return &boundedDepth{wrapper: w, limit: uint64(limit), ordered: w.next.Ordered(), asks: asks(v)}, nil
	}
}

// asks returns how often an unordered policy is asked: once per open worker takes RoundRobin round exactly once. Among
// many workers that is bounded, because a policy that looks at all of them would look at n * n depths to find that all
// are full.
func asks(v *View) int { return min(v.OpenCount(), 16) }

func (b *boundedDepth) Pick(key uint64, v *View) int {
	i := b.next.Pick(key, v)
	// One unsigned compare lets Full pass, and any pick that no view has: the group reports that one, with its number.
	if uint(i) >= uint(len(v.Depth)) || v.Depth[i] < b.limit {
		return i
	}
	b.deep.count()
	if b.ordered {
		return Full
	}
	return b.elsewhere(key, v, i)
}

// elsewhere looks for a worker below the limit after next's first pick was refused.
func (b *boundedDepth) elsewhere(key uint64, v *View, refused int) int {
	for range b.asks - 1 {
		i := b.next.Pick(key, v)
		if uint(i) >= uint(len(v.Depth)) || v.Depth[i] < b.limit {
			return i
		}
		refused = i
	}
	// next had its chances. Start after its last pick rather than at 0, so that not everyone piles onto the low
	// workers.
	for i := refused + 1; i < v.N(); i++ {
		if v.Depth[i] < b.limit && v.IsOpen(i) {
			return i
		}
	}
	for i := range refused {
		if v.Depth[i] < b.limit && v.IsOpen(i) {
			return i
		}
	}
	return Full
}

func (b *boundedDepth) Update(v *View) error {
	b.asks = asks(v)
	return b.next.Update(v)
}

func (b *boundedDepth) Ordered() bool { return b.ordered }

// Reads implements [Frugal].
func (b *boundedDepth) Reads() Reads { return ReadsDepth | ReadsOf(b.next) }

// Sticky implements [Sticky]: a refusal moves nothing.
func (b *boundedDepth) Sticky() bool { return IsSticky(b.next) }
