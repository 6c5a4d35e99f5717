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
	if r.age++; r.age > refreshEvery {
		r.refresh()
	}
	i := r.bal.Pick(key, r.view)
	if i == balance.Full && r.age > 0 {
		r.refresh()
		i = r.bal.Pick(key, r.view)
	}
	if uint(i) >= uint(len(r.g.workers)) && i != balance.Full {
		return i, fmt.Errorf("group: %s: the balancer %T picked worker %d of %d: %w", r.g.cfg.Name, r.bal, i, len(r.g.workers), ErrWorker)
	}
	return i, nil
}

// sent notes an item on its way to worker i.
func (r *router[T]) sent(i int) {
	r.view.Sent[i]++
	r.view.Depth[i]++
}

// refresh looks at what the workers have taken.
func (r *router[T]) refresh() {
	v := r.view
	for i := range v.Depth {
		v.Depth[i] = uint64(r.depth(i))
		v.Taken[i] = v.Sent[i] - v.Depth[i]
	}
	v.Now = int64(time.Since(start))
	r.age = 0
}
