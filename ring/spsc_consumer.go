package ring

import "fmt"

// The methods in this file belong to the consumer.

// Pop takes the oldest item. It reports false when there is none.
func (r *SPSC[T]) Pop() (v T, ok bool) {
	h := r.taken
	if h == r.tailSeen { // available, which is not inlined here
		t := r.tail.Load()
		if r.closing.state.Load() != 0 {
			t = r.accepted(t)
		}
		if t == h {
			return v, false
		}
		r.tailSeen = t
	}
	if slots := r.slots; len(slots) > 0 {
		p := &slots[h&uint64(len(slots)-1)]
		v = *p
		if r.pointers {
			clearSlot(p)
		}
	}
	r.taken = h + 1
	r.head.StoreRelease(h + 1)
	return v, true
}

// PopBatch takes up to len(dst) items, oldest first, and returns their number.
func (r *SPSC[T]) PopBatch(dst []T) (n int) {
	h, want := r.taken, uint64(len(dst))
	if want-1 >= r.tailSeen-h { // also when want is 0
		if want = min(want, r.available()); want == 0 {
			return 0
		}
		dst = dst[:want]
	}
	slots := r.slots
	i := h & uint64(len(slots)-1)
	if room := uint64(len(slots)) - i; want <= room && !r.pointers {
		src := slots[i:][:len(dst)]
		if want <= shortCopy {
			for j := range dst {
				dst[j] = src[j]
			}
		} else {
			copy(dst, src)
		}
	} else {
		a, b := span(slots, i, want)
		copy(dst, a)
		copy(dst[len(a):], b)
		if r.pointers {
			clear(a)
			clear(b)
		}
	}
	r.taken = h + want
	r.head.StoreRelease(h + want)
	return len(dst)
}

// Peek lends the oldest items, at most n, in place: a, then b where the ring
// wraps. They stay in the ring, and may be changed there, until Release; the next
// Peek lends them again.
func (r *SPSC[T]) Peek(n int) (a, b []T) {
	want := uint64(max(n, 0))
	if r.tailSeen-r.taken < want {
		want = min(want, r.available())
	}
	r.peeked = want
	return r.slotsOf(r.taken, want)
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
		a, b := r.slotsOf(r.taken, uint64(k))
		clear(a)
		clear(b)
	}
	r.peeked -= uint64(k)
	r.taken += uint64(k)
	r.head.StoreRelease(r.taken)
}

// available looks at tail anew and returns how many items there are. Tail is
// loaded before the state: see closing.
func (r *indices) available() uint64 {
	t := r.tail.Load()
	if r.closing.state.Load() != 0 {
		t = r.accepted(t)
	}
	r.tailSeen = t
	return t - r.taken
}

// accepted returns up to where the consumer may take when tail is t.
func (r *indices) accepted(t uint64) uint64 {
	switch {
	case r.closing.isOpen():
		return t
	case !r.closing.isShut():
		return r.tailSeen // nothing new until the line is drawn
	}
	if final := r.closing.final(); int64(final-t) < 0 {
		return final
	}
	return t
}

func clearSlot[T any](p *T) {
	var zero T
	*p = zero
}

func panicRange(method string, k int, limit uint64, what string) {
	panic(fmt.Sprintf("ring: %s(%d) is out of range: %d slots are %s", method, k, limit, what))
}
