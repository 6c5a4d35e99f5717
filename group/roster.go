package group

import (
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/pushcore/pushcore/balance"
)

// roster is the workers of a group at one time. It is never changed: a change makes another one and puts it into
// Group.roster, under mu, where senders look once per send, or per chunk of a batch.
//
// Ids are places in workers, which has one for each that Config.MaxWorkers allows: a View never grows.
type roster[T any] struct {
	workers []*worker[T] // by id; nil: there is none
	open    []uint64     // bitmap, as in a View: who may be picked
	weights []uint32     // by id

	phase      phase
	doomed     *worker[T] // it is stopped before it has done all it had; the others keep what they have for it
	assignment uint64     // how often Reassign has changed where keys go
	owed       []heir[T]  // what was handed over in this change: nobody opens a lane before it has been handled

	inside atomic.Int64 // sends by strangers that go by this roster: see enter
}

// phase says who may send while a change is made.
type phase uint8

const (
	flowing phase = iota // everybody
	halted               // the workers to each other
	cut                  // nobody
)

func newRoster[T any](workers []*worker[T], places int) *roster[T] {
	r := &roster[T]{workers: make([]*worker[T], places), open: make([]uint64, (places+63)/64), weights: make([]uint32, places)}
	copy(r.workers, workers)
	for id := range r.weights {
		r.weights[id] = 1
		r.setOpen(id, id < len(workers))
	}
	return r
}

// next returns a copy to be changed before it is published.
func (r *roster[T]) next() *roster[T] {
	return &roster[T]{
		workers: slices.Clone(r.workers), open: slices.Clone(r.open), weights: slices.Clone(r.weights),
		phase: r.phase, assignment: r.assignment, owed: r.owed,
	}
}

func (r *roster[T]) setOpen(id int, open bool) {
	if r.open[id/64] &^= 1 << (id % 64); open {
		r.open[id/64] |= 1 << (id % 64)
	}
}

func (r *roster[T]) isOpen(id int) bool { return r.open[id/64]>>(id%64)&1 != 0 }

// last reports whether worker id is the only one that is open.
func (r *roster[T]) last(id int) bool {
	return r.isOpen(id) && r.view().OpenCount() == 1
}

// checkWorker returns an error if r has no worker i.
func (r *roster[T]) checkWorker(name string, i int) error {
	if r.worker(i) == nil {
		return fmt.Errorf("group: %s: worker %d: the workers are %v: %w", name, i, r.ids(), ErrWorker)
	}
	return nil
}

// mayClose returns worker id, or why it cannot go.
func (r *roster[T]) mayClose(name string, id int) (*worker[T], error) {
	if err := r.checkWorker(name, id); err != nil {
		return nil, err
	}
	if r.last(id) {
		return nil, fmt.Errorf("worker %d is the last one that is open: add or resume another one first", id)
	}
	return r.workers[id], nil
}

// worker returns worker id, or nil.
func (r *roster[T]) worker(id int) *worker[T] {
	if uint(id) >= uint(len(r.workers)) {
		return nil
	}
	return r.workers[id]
}

// ids returns those of the workers, ascending.
func (r *roster[T]) ids() (ids []int) {
	for id, w := range r.workers {
		if w != nil {
			ids = append(ids, id)
		}
	}
	return ids
}

// view returns a View of the roster, with nothing sent and nothing waiting.
func (r *roster[T]) view() *balance.View {
	v := balance.NewView(len(r.workers))
	copy(v.Open, r.open)
	copy(v.Weight, r.weights)
	return v
}

// settled reports whether what was handed over in the change that made r has been handled.
func (r *roster[T]) settled() bool {
	for _, h := range r.owed {
		if !h.settled() {
			return false
		}
	}
	return true
}

// enter lets a stranger send by the roster that it returns, until leave. A change that must know that nobody sends by
// an old roster any more puts the new one into its place and waits until nobody is inside: whoever comes later sees the
// new one.
func (g *Group[T]) enter() *roster[T] {
	for {
		r := g.roster.Load()
		if !g.barrier {
			return r
		}
		if r.inside.Add(1); g.roster.Load() == r {
			return r
		}
		r.inside.Add(-1)
	}
}

func (g *Group[T]) leave(r *roster[T]) {
	if g.barrier {
		r.inside.Add(-1)
	}
}
