package ring

// The methods in this file belong to the consumer.

// Pop takes the oldest item. It reports false when there is none, or when its
// producer has not published it yet.
func (r *MPSC[T]) Pop() (v T, ok bool) {
	if r.available(step) == 0 {
		return v, false
	}
	p := &r.slots[r.index(r.taken)]
	v = *p
	if r.pointers {
		clearSlot(p)
	}
	r.release(step)
	return v, true
}

// PopBatch takes up to len(dst) items, oldest first, and returns their number.
func (r *MPSC[T]) PopBatch(dst []T) (n int) {
	count := r.available(uint64(len(dst))*step) / step
	if count == 0 {
		return 0
	}
	a, b := span(r.slots, r.index(r.taken), count)
	move(dst, a, r.pointers)
	if len(b) > 0 {
		move(dst[len(a):], b, r.pointers)
	}
	if r.pointers {
		clear(a)
		clear(b)
	}
	r.release(count * step)
	return int(count)
}

// Peek lends the oldest items, at most n, in place: a, then b where the ring
// wraps. They stay in the ring, and may be changed there, until Release; the next
// Peek lends them again.
func (r *MPSC[T]) Peek(n int) (a, b []T) {
	r.peeked = r.available(uint64(max(n, 0)) * step)
	return span(r.slots, r.index(r.taken), r.peeked/step)
}

// Release takes the first k of the items that Peek lent out of the ring. It
// panics if k is negative or more than were lent.
func (r *MPSC[T]) Release(k int) {
	n := uint64(k) * step
	if k < 0 || n > r.peeked {
		panicRange("Release", k, r.peeked/step, "lent by Peek")
	}
	if k == 0 {
		return
	}
	if r.pointers {
		a, b := span(r.slots, r.index(r.taken), uint64(k))
		clear(a)
		clear(b)
	}
	r.peeked -= n
	r.release(n)
}

// available returns how many of want positions are published behind taken. It
// walks from claim to claim and stops at the first that is not published.
func (r *MPSC[T]) available(want uint64) uint64 {
	taken, known := r.taken, r.known
	if known-taken < want {
		pub := r.pub
		for known-taken < want {
			end := pub[known/step&uint64(len(pub)-1)].Load()
			if int64(end-known) <= 0 {
				break
			}
			known = end
		}
		r.known = known
	}
	return min(known-taken, want)
}

// release gives n positions' slots back to the producers.
func (r *MPSC[T]) release(n uint64) {
	r.taken += n
	if r.taken != r.known {
		r.pub[r.index(r.taken)].StoreRelease(r.known)
	}
	r.head.StoreRelease(r.taken)
}
