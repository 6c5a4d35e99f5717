package rings

import (
	"fmt"

	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/bench/internal/queue"
)

// ends is a queue as the loops in this file see it. The functions work on a whole portion at a time, Shape.Drain
// elements, and hold the loops that call the queue: so that a call through a function value is not what is measured.
// A queue that blocks waits in them; one that does not comes back, and the caller waits.
type ends[T element] struct {
	// push sends vs, Shape.Batch at a time, and returns how many before the queue was full. Producers call it at once.
	push func(vs []T) int
	// place, where it is not nil, is called instead of push: it makes up to n elements, from first on, where the queue
	// wants them.
	place func(first uint64, n int) int
	// pop returns what there is, up to len(dst), in dst or elsewhere; who takes everything at once may return more. It is
	// the caller's until the next call.
	pop func(dst []T) []T
	// both sends src, Shape.Batch at a time, and takes each batch into dst again at once. It returns how many came.
	both func(src, dst []T) int
	// blocks says that pop waits until it has all that it was asked for.
	blocks bool
}

// opener makes a queue for a shape.
type opener[T element] func(queue.Shape) ends[T]

// maker makes a producer's source of elements.
type maker[T element] func(portion int) source[T]

// work returns the measurement of what open makes in shape s.
func work[T element](s queue.Shape, open opener[T], of maker[T]) func(measure.Spot, int) (measure.Sample, error) {
	if s.Load > 0 {
		return aged(s, open, of)
	}
	return func(at measure.Spot, n int) (measure.Sample, error) {
		if s.OneCore {
			return oneCore(at, n, s, open(s), of(s.Drain()))
		}
		q, l := open(s), newLedger(s.Producers)
		from := make([]source[T], s.Producers)
		for p := range from {
			from[p] = of(s.Drain())
		}
		d, err := at.Crowd(s.Producers, func(p int) {
			produce(at.Poll(s.Producers+1), s, q, from[p], number(p, 0), share(n, s.Producers, p))
		}, func() error {
			return consume(at.Poll(s.Producers+1), s, q, l, n)
		})
		return measure.PerOp(d, n), err
	}
}

// produce sends n elements, from first on.
func produce[T element](wait measure.Poll, s queue.Shape, q ends[T], from source[T], first uint64, n int) {
	for n > 0 {
		portion := min(s.Drain(), n)
		n -= portion
		if q.place != nil {
			for portion > 0 {
				k := q.place(first, portion)
				wait.Took(k, portion)
				first += uint64(k)
				portion -= k
			}
			continue
		}
		vs := from.take(portion)
		fill(vs, first)
		first += uint64(portion)
		for len(vs) > 0 {
			k := q.push(vs)
			wait.Took(k, len(vs))
			vs = vs[k:]
		}
	}
}

// consume takes n elements and looks at each.
func consume[T element](wait measure.Poll, s queue.Shape, q ends[T], l *ledger, n int) error {
	for dst := make([]T, s.Drain()); l.seen < n; {
		vs := q.pop(dst[:min(len(dst), n-l.seen)])
		see(l, vs)
		wait.Took(len(vs), len(dst))
	}
	return l.err(n)
}

// oneCore does both in one thread: everything stays in one core's cache.
func oneCore[T element](at measure.Spot, n int, s queue.Shape, q ends[T], from source[T]) (measure.Sample, error) {
	l, dst := newLedger(1), make([]T, s.Drain())
	d, err := at.Solo(func() error {
		for l.seen < n {
			src := from.take(min(len(dst), n-l.seen))
			fill(src, number(0, l.seen))
			if k := q.both(src, dst); k < len(src) {
				return fmt.Errorf("data error: %d of %d elements came back", k, len(src))
			}
			see(l, dst[:len(src)])
		}
		return l.err(n)
	})
	return measure.PerOp(d, n), err
}

// part returns the batch of vs that begins at i.
func part[T any](vs []T, i, batch int) []T { return vs[i:min(i+batch, len(vs))] }
