package rings

import "github.com/pushcore/pushcore/bench/internal/measure"

// element is what queues carry: 8, 16 or 64 bytes, or a pointer to so many. Arrays, because Go's generic code indexes
// those without a dictionary and knows their lengths when it is compiled: the loops below hold no calls.
type element interface {
	small | middle | large | *large
}

type (
	small  = [1]uint64
	middle = [2]uint64
	large  = [8]uint64
)

// An element's first word is its number: the producer's index in the upper bits, and how many that one has made before.
const (
	producerBit = 48
	countMask   = 1<<producerBit - 1
)

// number returns the first word of producer p's element number i.
func number(p, i int) uint64 { return uint64(p)<<producerBit | uint64(i) }

// fill makes vs the elements from first on.
func fill[T element](vs []T, first uint64) {
	for i := range vs {
		v := first + uint64(i)
		vs[i][0] = v
		for j := 1; j < len(vs[i]); j++ {
			vs[i][j] = ^v
		}
	}
}

// follow returns how many elements at the head of vs are those from first on, unchanged.
func follow[T element](vs []T, first uint64) int {
	for i := range vs {
		v := first + uint64(i)
		bad := vs[i][0] ^ v
		for j := 1; j < len(vs[i]); j++ {
			bad |= vs[i][j] ^ ^v
		}
		if bad != 0 {
			return i
		}
	}
	return len(vs)
}

// source is where one producer's elements are made, in turn, one portion after the other.
type source[T element] struct {
	all []T
	at  int
}

// take returns the next n elements, to be filled. They are the producer's until so many more were taken as the source
// has.
func (s *source[T]) take(n int) []T {
	if s.at+n > len(s.all) {
		s.at = 0
	}
	vs := s.all[s.at : s.at+n]
	s.at += n
	return vs
}

// values are copied into the queue: one portion is enough.
func values[T element](portion int) source[T] { return source[T]{all: make([]T, portion)} }

// recycled are used again once the consumer cannot be looking at them any more: the queue holds Capacity at most, and
// one that is swapped whole leaves as many in the consumer's hands.
func recycled(portion int) source[*large] {
	objects := make([]large, 2*measure.Capacity+4*portion)
	s := source[*large]{all: make([]*large, len(objects))}
	for i := range objects {
		s.all[i] = &objects[i]
	}
	fill(s.all, 0) // maps the memory
	return s
}
