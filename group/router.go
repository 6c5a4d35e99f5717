package group

import (
	"fmt"
	"time"

	"github.com/pushcore/pushcore/balance"
)

// refreshEvery is how many single sends may pass between two looks at the
// workers' indices: each look costs a cache line from every worker.
const refreshEvery = 32

// router picks workers for one sender. It owns a Balancer and the View that the
// Balancer is shown.
type router[T any] struct {
	g       *Group[T]
	bal     balance.Balancer
	batch   balance.BatchPicker // bal, if it can pick for a batch
	blind   bool                // bal never looks at depths: no refresh, no counting
	view    *balance.View
	depth   func(i int) int // what waits in the lane to worker i
	age     int             // sends since the last refresh
	scratch T               // the item whose key is asked for: a pointer to it does not escape
}

var start = time.Now()

func newRouter[T any](g *Group[T], capacity int, depth func(i int) int) (*router[T], error) {
	r := &router[T]{g: g, view: balance.NewView(len(g.workers)), depth: depth}
	for i := range r.view.Cap {
		r.view.Cap[i] = uint64(capacity)
	}
	var err error
	if r.bal, err = g.cfg.Balance(r.view); err != nil {
		return nil, fmt.Errorf("group: %s: balancer: %w", g.cfg.Name, err)
	}
	r.batch, _ = r.bal.(balance.BatchPicker)
	if b, ok := r.bal.(balance.Blind); ok {
		r.blind = b.Blind()
	}
	return r, nil
}

// key returns the item's key, 0 in a group without keys.
func (r *router[T]) key(v T) uint64 {
	if r.g.cfg.Key == nil {
		return 0
	}
	r.scratch = v
	k := r.g.cfg.Key(&r.scratch)
	var zero T
	r.scratch = zero
	return k
}

// pick asks the balancer, with a fresh view if it refuses on an old one. It
// returns balance.Full, or a worker.
func (r *router[T]) pick(key uint64) (int, error) {
	r.grow(1)
	i := r.bal.Pick(key, r.view)
	if uint(i) < uint(len(r.g.workers)) {
		return i, nil
	}
	if i == balance.Full && r.age > 0 {
		r.refresh()
		i = r.bal.Pick(key, r.view)
	}
	return i, r.checkPick(i)
}

// checkPick returns an error for a pick that is neither a worker nor balance.Full.
func (r *router[T]) checkPick(i int) error {
	if i == balance.Full || uint(i) < uint(len(r.g.workers)) {
		return nil
	}
	return fmt.Errorf("group: %s: the balancer %T picked worker %d of %d: %w", r.g.cfg.Name, r.bal, i, len(r.g.workers), ErrWorker)
}

// grow ages the view by n sends.
func (r *router[T]) grow(n int) {
	if r.blind {
		return
	}
	if r.age += n; r.age > refreshEvery {
		r.refresh()
	}
}

// sent notes n items on their way to worker i.
func (r *router[T]) sent(i, n int) {
	if !r.blind {
		r.view.Sent[i] += uint64(n)
		r.view.Depth[i] += uint64(n)
	}
}

// refresh looks at what the workers have taken.
func (r *router[T]) refresh() {
	v := r.view
	for i := range v.Depth {
		v.Depth[i] = uint64(r.depth(i))
		v.Taken[i] = v.Sent[i] - min(v.Sent[i], v.Depth[i]) // a stranger's depth is everybody's
	}
	v.Now = int64(time.Since(start))
	r.age = 0
}
