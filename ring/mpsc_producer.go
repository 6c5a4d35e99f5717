package ring

import "github.com/pushcore/pushcore/internal/mem"

// The methods in this file may be called by any number of goroutines at once.

// Push appends v. It reports false, and has not taken v, when the ring is full or
// closed.
func (r *MPSC[T]) Push(v T) bool {
	for {
		p := r.claim.Load()
		if p&closedBit != 0 || p-r.headSeen.Load() >= r.limit {
			return r.pushRare(v)
		}
		if r.claim.CompareAndSwap(p, p+step) {
			i := r.index(p)
			r.slots[i] = v
			r.pub[i].StoreRelease(p + step) // publish, which is not inlined here
			if r.fenced {
				mem.Fence()
			}
			return true
		}
	}
}

// pushRare is Push where the ring is closed, or seems full, or head has overtaken
// the claim word that was read.
//
//go:noinline
func (r *MPSC[T]) pushRare(v T) bool {
	p, n := r.claimRun(step, step)
	if n == 0 {
		return false
	}
	r.slots[r.index(p)] = v
	r.publish(p, p+step)
	return true
}

// PushBatch appends as many of vs as fit, from the first on and next to each
// other, and returns their number: 0 when the ring is full or closed.
func (r *MPSC[T]) PushBatch(vs []T) (n int) {
	if len(vs) == 0 {
		return 0
	}
	return r.append(vs, step)
}

// PushAll appends all of vs, next to each other, and reports true, or appends
// nothing and reports false: too little room, or closed. An empty vs is
// accepted.
func (r *MPSC[T]) PushAll(vs []T) bool {
	return len(vs) == 0 || r.append(vs, uint64(len(vs))*step) == len(vs)
}

func (r *MPSC[T]) append(vs []T, least uint64) int {
	p, n := r.claimRun(uint64(len(vs))*step, least)
	if n == 0 {
		return 0
	}
	count := n / step
	a, b := span(r.slots, r.index(p), count)
	move(a, vs[:len(a)], r.pointers)
	if len(b) > 0 {
		move(b, vs[len(a):count], r.pointers)
	}
	r.publish(p, p+n)
	return int(count)
}

// claimRun claims up to want positions, and no fewer than least, or none. It
// returns the first position and the number claimed, all in steps.
func (r *MPSC[T]) claimRun(want, least uint64) (p, n uint64) {
	for {
		w := r.claim.Load()
		if w&closedBit != 0 {
			return 0, 0
		}
		used := w - r.headSeen.Load()
		// A negative difference: the claim word is older than head. Taken as
		// unsigned it would read as a full ring.
		if int64(used) < 0 {
			continue
		}
		n = want
		if used+want > r.limit {
			h := r.head.Load() // after the claim word: it is no older
			r.headSeen.StoreRelease(h)
			if used = w - h; int64(used) < 0 {
				continue
			}
			if used+least > r.limit {
				return 0, 0
			}
			n = min(want, r.limit-used)
		}
		if r.claim.CompareAndSwap(w, w+n) {
			return w, n
		}
	}
}

// publish makes the claim [p, end) visible. The fence is the one described in the
// package comment.
func (r *MPSC[T]) publish(p, end uint64) {
	r.pub[r.index(p)].StoreRelease(end)
	if r.fenced {
		mem.Fence()
	}
}
