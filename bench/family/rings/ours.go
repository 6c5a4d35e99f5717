package rings

import (
	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/bench/internal/queue"

	"github.com/pushcore/pushcore/ring"
)

// This file holds our rings. Its loops are doubled on purpose, as those of peers.go are: a shared one would call the
// ring through a dictionary, and that would be measured.

// spsc is our ring for one producer, by the method that the shape asks for: Push for one at a time, PushBatch for more,
// Stage and Flush.
func spsc[T element](s queue.Shape) ends[T] {
	r := ring.NewSPSC[T](measure.Capacity)
	q := ends[T]{pop: func(dst []T) []T { return dst[:r.PopBatch(dst)] }}
	switch {
	case s.Staged:
		stage := func(vs []T) int {
			for i := range vs {
				if !r.Stage(vs[i]) {
					r.Flush()
					return i
				}
			}
			r.Flush()
			return len(vs)
		}
		q.push = func(vs []T) int {
			for i := 0; i < len(vs); i += s.Batch {
				group := part(vs, i, s.Batch)
				if k := stage(group); k < len(group) {
					return i + k
				}
			}
			return len(vs)
		}
		q.both = func(src, dst []T) int {
			for i := 0; i < len(src); i += s.Batch {
				group := part(src, i, s.Batch)
				if k := stage(group); k < len(group) || r.PopBatch(part(dst, i, k)) < k {
					return i
				}
			}
			return len(src)
		}
	case s.Batch == 1:
		q.push = func(vs []T) int {
			for i := range vs {
				if !r.Push(vs[i]) {
					return i
				}
			}
			return len(vs)
		}
		q.both = func(src, dst []T) int {
			dst = dst[:len(src)]
			for i := range src {
				r.Push(src[i])
				dst[i], _ = r.Pop()
			}
			return len(src)
		}
	default:
		q.push = func(vs []T) int {
			for i := 0; i < len(vs); i += s.Batch {
				batch := part(vs, i, s.Batch)
				if k := r.PushBatch(batch); k < len(batch) {
					return i + k
				}
			}
			return len(vs)
		}
		q.both = func(src, dst []T) int {
			for i := 0; i < len(src); i += s.Batch {
				k := r.PushBatch(part(src, i, s.Batch))
				if r.PopBatch(part(dst, i, s.Batch)) < k {
					return i
				}
			}
			return len(src)
		}
	}
	return q
}

// spscPop pops one at a time.
func spscPop[T element](queue.Shape) ends[T] {
	r := ring.NewSPSC[T](measure.Capacity)
	return ends[T]{
		push: func(vs []T) int {
			for i := range vs {
				if !r.Push(vs[i]) {
					return i
				}
			}
			return len(vs)
		},
		pop: func(dst []T) []T {
			for i := range dst {
				var ok bool
				if dst[i], ok = r.Pop(); !ok {
					return dst[:i]
				}
			}
			return dst
		},
	}
}

// spscReserve makes elements in the ring's own slots.
func spscReserve[T element](s queue.Shape) ends[T] {
	r := ring.NewSPSC[T](measure.Capacity)
	return ends[T]{
		place: func(first uint64, n int) (done int) {
			for done < n {
				a, b := r.Reserve(min(s.Batch, n-done))
				fill(a, first+uint64(done))
				done += len(a)
				fill(b, first+uint64(done))
				done += len(b)
				if len(a)+len(b) == 0 {
					break
				}
				r.Commit(len(a) + len(b))
			}
			return done
		},
		pop: func(dst []T) []T { return dst[:r.PopBatch(dst)] },
	}
}

// mpsc is our ring for several producers.
func mpsc[T element](s queue.Shape) ends[T] {
	r := ring.NewMPSC[T](measure.Capacity)
	q := ends[T]{pop: func(dst []T) []T { return dst[:r.PopBatch(dst)] }}
	if s.Batch == 1 {
		q.push = func(vs []T) int {
			for i := range vs {
				if !r.Push(vs[i]) {
					return i
				}
			}
			return len(vs)
		}
		q.both = func(src, dst []T) int {
			dst = dst[:len(src)]
			for i := range src {
				r.Push(src[i])
				dst[i], _ = r.Pop()
			}
			return len(src)
		}
		return q
	}
	q.push = func(vs []T) int {
		for i := 0; i < len(vs); i += s.Batch {
			batch := part(vs, i, s.Batch)
			if k := r.PushBatch(batch); k < len(batch) {
				return i + k
			}
		}
		return len(vs)
	}
	q.both = func(src, dst []T) int {
		for i := 0; i < len(src); i += s.Batch {
			k := r.PushBatch(part(src, i, s.Batch))
			if r.PopBatch(part(dst, i, s.Batch)) < k {
				return i
			}
		}
		return len(src)
	}
	return q
}
