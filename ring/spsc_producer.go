package ring

import "github.com/pushcore/pushcore/internal/mem"

// The methods in this file belong to the producer.

// Push appends v and makes it, and whatever was staged before it, visible. It
// reports false, and has not taken v, when the ring is full or closed.
func (r *SPSC[T]) Push(v T) bool {
	t := r.next
	if t-r.headSeen >= r.capacity && r.room(t) == 0 {
		return false
	}
	if slots := r.slots; len(slots) > 0 {
		slots[t&uint64(len(slots)-1)] = v
	}
	return r.publish(t, t+1)
}

// PushBatch appends as many of vs as fit, from the first on, makes them visible
// at once and returns their number: 0 when the ring is full or closed.
func (r *SPSC[T]) PushBatch(vs []T) (n int) {
	t, want := r.next, uint64(len(vs))
	if free := r.capacity - (t - r.headSeen); free < want {
		want = min(want, r.room(t))
	}
	if want == 0 {
		return 0
	}
	return r.append(t, vs[:want])
}

// PushAll appends all of vs, visible at once, and reports true, or appends
// nothing and reports false: too little room, or closed. An empty vs is
// accepted.
func (r *SPSC[T]) PushAll(vs []T) bool {
	t, want := r.next, uint64(len(vs))
	if free := r.capacity - (t - r.headSeen); free < want && r.room(t) < want {
		return false
	}
	return want == 0 || r.append(t, vs) == len(vs)
}

// append writes vs, for which there is room, and publishes: all or nothing.
func (r *SPSC[T]) append(t uint64, vs []T) int {
	a, b := span(r.slots, t&uint64(len(r.slots)-1), uint64(len(vs)))
	move(a, vs[:len(a)], r.pointers)
	if len(b) > 0 {
		move(b, vs[len(a):], r.pointers)
	}
	if !r.publish(t, t+uint64(len(vs))) {
		return 0
	}
	return len(vs)
}

// Stage appends v without making it visible; Flush, or the next push of any
// kind, does. It reports false, and has not taken v, when the ring is full or
// closed.
func (r *SPSC[T]) Stage(v T) bool {
	t := r.next
	if t-r.headSeen >= r.capacity && r.room(t) == 0 || !r.closing.isOpen() {
		return false
	}
	if slots := r.slots; len(slots) > 0 {
		slots[t&uint64(len(slots)-1)] = v
	}
	r.next = t + 1
	return true
}

// Flush makes what was staged visible. It reports false when the ring was closed
// first: nothing of it was accepted then, and Recall gives it back.
func (r *SPSC[T]) Flush() bool {
	if r.next == r.tail.Load() {
		return true
	}
	return r.publish(r.next, r.next)
}

// Recall takes back what was staged and is not visible, oldest first. It returns
// nil when there is nothing.
func (r *SPSC[T]) Recall() []T {
	t := r.tail.Load()
	if r.next == t {
		return nil
	}
	vs := make([]T, 0, r.next-t)
	a, b := span(r.slots, t&uint64(len(r.slots)-1), r.next-t)
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
	t, want := r.next, uint64(max(n, 0))
	if free := r.capacity - (t - r.headSeen); free < want {
		want = min(want, r.room(t))
	}
	r.lent = want
	return span(r.slots, t&uint64(len(r.slots)-1), want)
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

// room looks at head anew and returns how many slots are free behind position t.
func (r *SPSC[T]) room(t uint64) uint64 {
	r.headSeen = r.head.Load()
	return r.capacity - (t - r.headSeen)
}

// publish makes the positions below end visible: those staged below keep, and
// the caller's in [keep, end). If the ring was closed first, the caller's are
// dropped from the ring, those staged stay staged, and publish reports false.
func (r *SPSC[T]) publish(keep, end uint64) bool {
	r.next = end
	r.tail.StoreRelease(end)
	if mem.NeedFence() {
		mem.Fence()
	}
	return r.closing.isOpen() || r.settle(keep, end)
}

// settle finds out on which side of Close a publication fell.
func (r *SPSC[T]) settle(keep, end uint64) bool {
	final := r.closing.wait()
	if int64(final-end) >= 0 {
		return true
	}
	// The closer read tail before this publication: the consumer stops at final.
	r.tail.StoreRelease(final)
	a, b := span(r.slots, keep&uint64(len(r.slots)-1), end-keep)
	clear(a)
	clear(b)
	r.next = keep
	return false
}
