package rings

import (
	"sync"

	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/bench/internal/queue"

	workivaqueue "github.com/Workiva/go-datastructures/queue"
	"github.com/puzpuzpuz/xsync/v4"
)

// This file holds the queues that a Go program would use instead. Those that know no batches move the elements of one
// singly. The loops are written out for each: shared ones would call the queue through a function value, element by
// element, and that would be measured, too.

// channel is a buffered channel. It blocks.
func channel[T element](s queue.Shape) ends[T] {
	ch := make(chan T, measure.Capacity)
	return ends[T]{
		blocks: true,
		push: func(vs []T) int {
			for i := range vs {
				ch <- vs[i]
			}
			return len(vs)
		},
		pop: func(dst []T) []T {
			for i := range dst {
				dst[i] = <-ch
			}
			return dst
		},
		both: func(src, dst []T) int {
			for i := 0; i < len(src); i += s.Batch {
				batch := part(src, i, s.Batch)
				for j := range batch {
					ch <- batch[j]
				}
				for j := range batch {
					dst[i+j] = <-ch
				}
			}
			return len(src)
		},
	}
}

// mutexSwap is the peer people forget: a slice under a mutex to which producers append, a batch at a time, and which
// the consumer takes whole, leaving the one that it has read in its place.
func mutexSwap[T element](s queue.Shape) ends[T] {
	var q struct {
		sync.Mutex
		vs []T
	}
	q.vs = make([]T, 0, measure.Capacity)
	mine := make([]T, 0, measure.Capacity)
	return ends[T]{
		push: func(vs []T) int {
			for i := 0; i < len(vs); i += s.Batch {
				batch := part(vs, i, s.Batch)
				q.Lock()
				if len(q.vs)+len(batch) > measure.Capacity {
					q.Unlock()
					return i
				}
				q.vs = append(q.vs, batch...)
				q.Unlock()
			}
			return len(vs)
		},
		pop: func([]T) []T {
			q.Lock()
			mine, q.vs = q.vs, mine[:0]
			q.Unlock()
			return mine
		},
		// What is left in the place of a batch is where the next one is to arrive.
		both: func(src, dst []T) (n int) {
			q.vs = dst[:0:min(s.Batch, len(dst))]
			for i := 0; i < len(src); i += s.Batch {
				batch := part(src, i, s.Batch)
				q.Lock()
				q.vs = append(q.vs, batch...)
				q.Unlock()

				next := min(i+len(batch), len(dst))
				q.Lock()
				taken := q.vs
				q.vs = dst[next:next:min(next+s.Batch, len(dst))]
				q.Unlock()
				n += len(taken)
			}
			return n
		},
	}
}

// xsyncSPSC is xsync's ring for one producer.
func xsyncSPSC[T element](s queue.Shape) ends[T] {
	q := xsync.NewSPSCQueue[T](measure.Capacity)
	return ends[T]{
		push: func(vs []T) int {
			for i := range vs {
				if !q.TryEnqueue(vs[i]) {
					return i
				}
			}
			return len(vs)
		},
		pop: func(dst []T) []T {
			for i := range dst {
				var ok bool
				if dst[i], ok = q.TryDequeue(); !ok {
					return dst[:i]
				}
			}
			return dst
		},
		both: func(src, dst []T) int {
			for i := 0; i < len(src); i += s.Batch {
				batch := part(src, i, s.Batch)
				for j := range batch {
					q.TryEnqueue(batch[j])
				}
				for j := range batch {
					dst[i+j], _ = q.TryDequeue()
				}
			}
			return len(src)
		},
	}
}

// xsyncMPMC is xsync's ring for all.
func xsyncMPMC[T element](s queue.Shape) ends[T] {
	q := xsync.NewMPMCQueue[T](measure.Capacity)
	return ends[T]{
		push: func(vs []T) int {
			for i := range vs {
				if !q.TryEnqueue(vs[i]) {
					return i
				}
			}
			return len(vs)
		},
		pop: func(dst []T) []T {
			for i := range dst {
				var ok bool
				if dst[i], ok = q.TryDequeue(); !ok {
					return dst[:i]
				}
			}
			return dst
		},
		both: func(src, dst []T) int {
			for i := 0; i < len(src); i += s.Batch {
				batch := part(src, i, s.Batch)
				for j := range batch {
					q.TryEnqueue(batch[j])
				}
				for j := range batch {
					dst[i+j], _ = q.TryDequeue()
				}
			}
			return len(src)
		},
	}
}

// xsyncUMPSC is xsync's queue for several producers, as it is: it has no bound, so that producers never wait, and its
// consumer can only sleep.
func xsyncUMPSC[T element](s queue.Shape) ends[T] {
	q := xsync.NewUMPSCQueue[T]()
	return ends[T]{
		blocks: true,
		push: func(vs []T) int {
			for i := range vs {
				q.Enqueue(vs[i])
			}
			return len(vs)
		},
		pop: func(dst []T) []T {
			for i := range dst {
				dst[i] = q.Dequeue()
			}
			return dst
		},
		both: func(src, dst []T) int {
			for i := 0; i < len(src); i += s.Batch {
				batch := part(src, i, s.Batch)
				for j := range batch {
					q.Enqueue(batch[j])
				}
				for j := range batch {
					dst[i+j] = q.Dequeue()
				}
			}
			return len(src)
		},
	}
}

// workiva is Workiva's ring for all, of interfaces: what is no pointer is allocated. Its Get waits by itself, by giving
// the processor away at once; the loop asks Len first, so that it waits like the others. It never refuses before it is
// disposed of: its errors are nil.
func workiva[T element](s queue.Shape) ends[T] {
	q := workivaqueue.NewRingBuffer(measure.Capacity)
	return ends[T]{
		push: func(vs []T) int {
			for i := range vs {
				if ok, _ := q.Offer(vs[i]); !ok {
					return i
				}
			}
			return len(vs)
		},
		pop: func(dst []T) []T {
			n := min(int(q.Len()), len(dst))
			for i := range n {
				v, _ := q.Get()
				dst[i] = v.(T)
			}
			return dst[:n]
		},
		both: func(src, dst []T) int {
			for i := 0; i < len(src); i += s.Batch {
				batch := part(src, i, s.Batch)
				for j := range batch {
					q.Offer(batch[j])
				}
				for j := range batch {
					v, _ := q.Get()
					dst[i+j] = v.(T)
				}
			}
			return len(src)
		},
	}
}
