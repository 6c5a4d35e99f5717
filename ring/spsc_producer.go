package ring

import "github.com/pushcore/pushcore/internal/mem"

// The methods in this file belong to the producer.

// Push appends v and makes it, and whatever was staged before it, visible. It
// reports false, and has not taken v, when the ring is full or closed.
func (r *SPSC[T]) Push(v T) bool {
	t := r.next
	if t != r.limit {
		if slots := r.slots; len(slots) > 0 {
			slots[t&uint64(len(slots)-1)] = v
		}
		r.next = t + 1
		r.tail.StoreRelease(t + 1)
		if r.closing.state.Load() == 0 {
			return true
		}
	}
	return r.pushRare(v, t)
}

// pushRare is the rest of Push: v was published at t and the state is not plainly
// open, or there seemed to be no room. (One call in the place of two leaves Push
// with half of the instructions around it.)
//
//go:noinline
func (r *SPSC[T]) pushRare(v T, t uint64) bool {
	if r.next != t {
		return r.settle(t)
	}
	return r.room() > 0 && r.Push(v)
}

// PushBatch appends as many of vs as fit, from the first on, makes them visible
// at once and returns their number: 0 when the ring is full or closed.
func (r *SPSC[T]) PushBatch(vs []T) (n int) {
	t, want := r.next, uint64(len(vs))
	if want-1 >= r.limit-t { // also when want is 0
		if want = min(want, r.room()); want == 0 {
			return 0
		}
		vs = vs[:want]
	}
	slots := r.slots
	i := t & uint64(len(slots)-1)
	if room := uint64(len(slots)) - i; want <= shortCopy && want <= room && !r.pointers {
		dst := slots[i:][:len(vs)]
		//lint:ignore S1001 the loop is the point: see shortCopy
		for j := range vs {
			dst[j] = vs[j]
		}
	} else {
		k := copy(slots[i:], vs)
		copy(slots, vs[k:])
	}
	r.next = t + want
	r.tail.StoreRelease(t + want)
	if r.closing.state.Load() != 0 && !r.settle(t) {
		return 0
	}
	return len(vs)
}

// PushAll appends all of vs, visible at once, and reports true, or appends
// nothing and reports false: too little room, or closed. An empty vs is
// accepted.
func (r *SPSC[T]) PushAll(vs []T) bool {
	want := uint64(len(vs))
	if r.limit-r.next < want && r.room() < want {
		return false
	}
	return want == 0 || r.append(vs) == len(vs)
}

// append writes vs, for which there is room, and publishes: all or nothing.
func (r *SPSC[T]) append(vs []T) int {
	t, n := r.next, uint64(len(vs))
	slots := r.slots
	i := t & uint64(len(slots)-1)
	if i+n <= uint64(len(slots)) {
		move(slots[i:i+n], vs, r.pointers)
	} else {
		k := copy(slots[i:], vs)
		copy(slots, vs[k:])
	}
	r.next = t + n
	r.tail.StoreRelease(t + n)
	if r.closing.state.Load() != 0 && !r.settle(t) {
		return 0
	}
	return len(vs)
}

// Stage appends v without making it visible; Flush, or the next push of any
// kind, does. It reports false, and has not taken v, when the ring is full. It does
// not look whether the ring is closed: Flush does. (It is small enough to be
// inlined, which is what makes staging worth while.)
func (r *SPSC[T]) Stage(v T) bool {
	t := r.next
	if t == r.limit && r.room() == 0 {
		return false
	}
	r.slots[t&r.mask] = v
	r.next = t + 1
	return true
}

// Flush makes what was staged visible. It reports false when the ring was closed
// first: nothing of it was accepted then, and Recall gives it back.
func (r *SPSC[T]) Flush() bool {
	t := r.next
	if t == r.tail.Load() {
		return true
	}
	r.tail.StoreRelease(t)
	return r.closing.state.Load() == 0 || r.settle(t)
}

// Staged returns how many items are staged: written, and not yet visible.
func (r *SPSC[T]) Staged() int { return int(r.next - r.tail.Load()) }

// Recall takes back what was staged and is not visible, oldest first. It returns
// nil when there is nothing.
func (r *SPSC[T]) Recall() []T {
	t := r.tail.Load()
	if r.next == t {
		return nil
	}
	vs := make([]T, 0, r.next-t)
	a, b := r.slotsOf(t, r.next-t)
	vs = append(append(vs, a...), b...)
	clear(a)
	clear(b)
	r.next, r.lent = t, 0
	return vs
}

// Reserve lends up to n free slots to be filled in place, behind what is staged:
// a, then b where the ring wraps. Their contents are unspecified. They are the
// producer's until Commit or the next call of another producer method, which
// forgets them.
func (r *SPSC[T]) Reserve(n int) (a, b []T) {
	want := uint64(max(n, 0))
	if r.limit-r.next < want {
		want = min(want, r.room())
	}
	r.lent = want
	return r.slotsOf(r.next, want)
}

// Commit makes the first k of the slots that Reserve lent visible, and what was
// staged before them. It reports false when the ring was closed first: the items
// then count as staged, and Recall gives them back. It panics if k is negative or
// more than was lent.
func (r *SPSC[T]) Commit(k int) bool {
	if k < 0 || uint64(k) > r.lent {
		panicRange("Commit", k, r.lent, "lent by Reserve")
	}
	r.lent = 0
	r.next += uint64(k)
	return r.Flush()
}

// slotsOf returns the slots of n positions from p on.
func (r *SPSC[T]) slotsOf(p, n uint64) (a, b []T) {
	return span(r.slots, p&uint64(len(r.slots)-1), n)
}

// settle is called after a publication when the state is not plainly open. If it
// was accepted after all, settle reports true. If the ring was closed first it
// reports false; then what lies from keep on is dropped from the ring, and what was
// staged below keep stays staged.
func (r *SPSC[T]) settle(keep uint64) bool {
	if r.closing.state.Load()&fenced != 0 {
		mem.Fence()
	}
	if r.closing.isOpen() || r.closing.settle(r.next) {
		return true
	}
	// The closer read tail before this publication: the consumer stops there.
	r.tail.StoreRelease(r.closing.final())
	a, b := r.slotsOf(keep, r.next-keep)
	clear(a)
	clear(b)
	r.next = keep
	return false
}

// room looks at head anew and returns how many slots are free.
func (r *indices) room() uint64 {
	r.limit = r.head.Load() + r.capacity
	return r.limit - r.next
}
