package exec

import (
	"sync"
	"time"

	"github.com/pushcore/pushcore/ring"
)

// What an inbox with a MaxWait knows of its items' age. Others have nothing of this.

// stamps is the times at which the items of a lane were sent, in a ring that is in step with
// the lane's: item p's time has position p, too.
//
// The sender publishes the times before the items, and the loop gives back the slots of the
// times before those of the items. So whoever sees an item finds its time, and where there is
// room for an item there is room for its time. Only a lane that was closed may have times
// whose items were refused; nothing is accepted behind them any more.
type stamps[T any] struct {
	items *ring.SPSC[T]
	times *ring.SPSC[time.Duration]
	now   func() time.Duration
}

func newStamps[T any](items *ring.SPSC[T], now func() time.Duration) *stamps[T] {
	return &stamps[T]{items, ring.NewSPSC[time.Duration](items.Cap()), now}
}

// put is called by the sender before it pushes up to k items, and returns for how many of
// them there is room. A push publishes what is staged, too.
func (s *stamps[T]) put(k int) int {
	a, b := s.items.Reserve(k)
	if k = len(a) + len(b); k > 0 {
		s.write(s.items.Staged() + k)
	}
	return k
}

// flush is called by the sender before it publishes what is staged.
func (s *stamps[T]) flush() {
	if k := s.items.Staged(); k > 0 {
		s.write(k)
	}
}

// write publishes the present time for the next k items. A closed lane may have no room; it
// needs none.
func (s *stamps[T]) write(k int) {
	now := s.now()
	a, b := s.times.Reserve(k)
	for i := range a {
		a[i] = now
	}
	for i := range b {
		b[i] = now
	}
	s.times.Commit(len(a) + len(b))
}

// Release implements released, on the loop.
func (s *stamps[T]) Release(k int) {
	s.times.Release(k)
	s.items.Release(k)
}

// agedRing is a shared ring whose items carry their times. Two rings would not do here:
// senders that race could change places between them.
type agedRing[T any] struct {
	*ring.MPSC[stamped[T]]
	now  func() time.Duration
	bufs sync.Pool // of *[]stamped[T], for pushBatch

	// The loop's own: what was peeked at, as the handler gets it.
	batch []T
	times []time.Duration
	lent  int // how much of them is in use: none between two calls, but after a panic
}

type stamped[T any] struct {
	v  T
	at time.Duration
}

// newAgedRing returns a ring from which at most burst items are taken at once.
func newAgedRing[T any](capacity, burst int, now func() time.Duration) *agedRing[T] {
	n := min(capacity, burst)
	return &agedRing[T]{MPSC: ring.NewMPSC[stamped[T]](capacity), now: now, batch: make([]T, n), times: make([]time.Duration, n)}
}

func (r *agedRing[T]) push(v T) bool { return r.Push(stamped[T]{v, r.now()}) }

func (r *agedRing[T]) pushBatch(vs []T) int {
	buf, _ := r.bufs.Get().(*[]stamped[T])
	if buf == nil {
		buf = new([]stamped[T])
	}
	now := r.now()
	ss := (*buf)[:0]
	for _, v := range vs[:min(len(vs), r.Cap())] {
		ss = append(ss, stamped[T]{v, now})
	}
	n := r.PushBatch(ss)
	clear(ss)
	*buf = ss
	r.bufs.Put(buf)
	return n
}

// lend is Peek for a handler. What it lends is a copy: keep puts back what the handler has
// not consumed and may have changed, and forgets the rest.
func (r *agedRing[T]) lend(n int) (batch []T, times []time.Duration) {
	clear(r.batch[:r.lent])
	a, b := r.Peek(min(n, len(r.batch)))
	n = len(a) + len(b)
	r.lent = n
	batch, times = r.batch[:n], r.times[:n]
	for i := range a {
		batch[i], times[i] = a[i].v, a[i].at
	}
	for i := range b {
		batch[len(a)+i], times[len(a)+i] = b[i].v, b[i].at
	}
	return batch, times
}

func (r *agedRing[T]) keep(batch []T, from int) {
	rest := batch[from:]
	a, b := r.Peek(len(rest))
	for i := range a {
		a[i].v = rest[i]
	}
	for i := range b {
		b[i].v = rest[len(a)+i]
	}
	clear(batch)
	r.lent = 0
}

// mostPolled returns how many items a turn takes from an inbox at most.
func (x *Exec) mostPolled(control bool) int {
	if control {
		return controlBudget
	}
	return x.cfg.Burst
}
