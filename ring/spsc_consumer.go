package ring

import "fmt"

// The methods in this file belong to the consumer.

// Pop takes the oldest item. It reports false when there is none.
func (r *SPSC[T]) Pop() (v T, ok bool) {
	h := r.taken
	if h == r.tailSeen && r.available(h) == 0 {
		return v, false
	}
	if slots := r.slots; len(slots) > 0 {
		p := &slots[h&uint64(len(slots)-1)]
		v = *p
		if r.pointers {
			clearSlot(p)
		}
	}
	r.release(h + 1)
	return v, true
}

// PopBatch takes up to len(dst) items, oldest first, and returns their number.
func (r *SPSC[T]) PopBatch(dst []T) (n int) {
	h, want := r.taken, uint64(len(dst))
	if seen := r.tailSeen - h; seen < want {
		want = min(want, r.available(h))
	}
	if want == 0 {
		return 0
	}
	a, b := span(r.slots, h&uint64(len(r.slots)-1), want)
	move(dst, a, r.pointers)
	if len(b) > 0 {
		move(dst[len(a):], b, r.pointers)
	}
	if r.pointers {
		clear(a)
		clear(b)
	}
	r.release(h + want)
	return int(want)
}

// Peek lends the oldest items, at most n, in place: a, then b where the ring
// wraps. They stay in the ring, and may be changed there, until Release; the next
// Peek lends them again.
func (r *SPSC[T]) Peek(n int) (a, b []T) {
	h, want := r.taken, uint64(max(n, 0))
	if seen := r.tailSeen - h; seen < want {
		want = min(want, r.available(h))
	}
	r.peeked = want
	return span(r.slots, h&uint64(len(r.slots)-1), want)
}

// Release takes the first k of the items that Peek lent out of the ring. It
// panics if k is negative or more than were lent.
func (r *SPSC[T]) Release(k int) {
	if k < 0 || uint64(k) > r.peeked {
		panicRange("Release", k, r.peeked, "lent by Peek")
	}
	if k == 0 {
		return
	}
	if r.pointers {
		a, b := span(r.slots, r.taken&uint64(len(r.slots)-1), uint64(k))
		clear(a)
		clear(b)
	}
	r.peeked -= uint64(k)
	r.release(r.taken + uint64(k))
}

// available looks at tail anew and returns how many items there are from
// position h on. Tail is loaded before the state: see closing.
func (r *SPSC[T]) available(h uint64) uint64 {
	t := r.tail.Load()
	if !r.closing.isOpen() {
		if final := r.closing.wait(); int64(final-t) < 0 {
			t = final
		}
	}
	r.tailSeen = t
	return t - h
}

// release gives the slots below h back to the producer.
func (r *SPSC[T]) release(h uint64) {
	r.taken = h
	r.head.StoreRelease(h)
}

func clearSlot[T any](p *T) {
	var zero T
	*p = zero
}

func panicRange(method string, k int, limit uint64, what string) {
	panic(fmt.Sprintf("ring: %s(%d) is out of range: %d slots are %s", method, k, limit, what))
}
