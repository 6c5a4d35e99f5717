package group

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/internal/mem"
)

// A view is brought up to date when it is older than either of these. A look costs two cache lines from every worker,
// so with many workers it serves more sends: a send pays for one line at most.
const (
	refreshEvery = 32 // sends, or two per worker
	refreshAfter = 10 * time.Microsecond
)

// router picks workers for one sender. It owns a Balancer and the View that the
// Balancer is shown.
type router[T any] struct {
	g       *Group[T]
	roster  *roster[T] // that bal and view know
	current *roster[T] // the same, or nil: the sender must look again before it sends
	bal     balance.Balancer
	batch   balance.BatchPicker // bal, if it can pick for a batch
	reads   balance.Reads       // what bal looks at; 0: no refresh, no counting
	view    *balance.View
	owing   func(i int) (n int, ok bool) // what waits in the lane to worker i, if that can be told
	age     int                          // sends since the last refresh
	looked  int64                        // mem.Ticks then
	scratch T                            // the item whose key is asked for: a pointer to it does not escape
}

var start = time.Now()

// refreshTicks is refreshAfter on the counter of mem.Ticks.
var refreshTicks = sync.OnceValue(func() int64 {
	const sample = 1 << 30
	return int64(float64(refreshAfter) * sample / float64(mem.TicksDuration(sample)))
})

func newRouter[T any](g *Group[T], capacity int, owing func(i int) (n int, ok bool)) (*router[T], error) {
	return newRouterFor(g, g.roster.Load(), capacity, owing)
}

func newRouterFor[T any](g *Group[T], ro *roster[T], capacity int, owing func(i int) (n int, ok bool)) (*router[T], error) {
	r := &router[T]{g: g, roster: ro, current: ro, view: ro.view(), owing: owing}
	for i := range r.view.Cap {
		r.view.Cap[i] = uint64(capacity)
	}
	var err error
	if r.bal, err = g.cfg.Balance(r.view); err != nil {
		return nil, fmt.Errorf("group: %s: balancer: %w", g.cfg.Name, err)
	}
	r.batch, _ = r.bal.(balance.BatchPicker)
	if r.reads = balance.ReadsOf(r.bal); r.reads != 0 {
		r.refresh()
	}
	return r, nil
}

// adopt goes by ro from now on. What the balancer says against it shows when it picks.
func (r *router[T]) adopt(ro *roster[T]) {
	old := r.roster
	r.roster, r.current = ro, ro
	if slices.Equal(old.open, ro.open) && slices.Equal(old.weights, ro.weights) && old.assignment == ro.assignment {
		return
	}
	copy(r.view.Open, ro.open)
	copy(r.view.Weight, ro.weights)
	if r.reads != 0 {
		r.refresh()
	}
	_ = r.bal.Update(r.view)
}

// watch lets the balancer, if it shares what it knows with those of other senders, look at how many items have been
// handled.
func (r *router[T]) watch(taken func(i int) uint64) {
	if m, ok := r.bal.(balance.Member); ok && r.g.bal.shares {
		m.Watch(taken)
	}
}

// enlist lets Snapshot see what the balancer counts, until delist. Both are called with mu held.
func (r *router[T]) enlist() {
	if b, ok := r.bal.(balance.Reporter); ok {
		r.g.reporters[r] = b
	}
}

// delist keeps what it has counted.
func (r *router[T]) delist() {
	if b := r.g.reporters[r]; b != nil {
		b.Report(func(decision string, n uint64) { r.g.decided[decision] += n })
		delete(r.g.reporters, r)
	}
}

// end tells such a balancer that its sender will send no more.
func (r *router[T]) end() {
	if m, ok := r.bal.(balance.Member); ok && r.g.bal.shares {
		m.Close(r.view)
	}
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

// keyOfOurs is key for an item that is ours to place, come what may: one that was accepted, or that goes past the
// balancer. If Key panics, it is 0: any worker is better than none.
func (r *router[T]) keyOfOurs(v T) (k uint64) {
	defer func() { _ = recover() }()
	return r.key(v)
}

// pick asks the balancer, with a fresh view if it refuses on an old one. It
// returns balance.Full, or a worker.
func (r *router[T]) pick(key uint64) (int, error) {
	r.grow(1)
	i := r.bal.Pick(key, r.view)
	if r.view.IsOpen(i) {
		return i, nil
	}
	if i == balance.Full && r.age > 0 {
		r.refresh()
		i = r.bal.Pick(key, r.view)
	}
	if i == balance.Full {
		r.g.pickedNone.Add(1)
	}
	return i, r.checkPick(i)
}

// checkPick returns an error for a pick that is neither an open worker nor balance.Full.
func (r *router[T]) checkPick(i int) error {
	if i == balance.Full || r.view.IsOpen(i) {
		return nil
	}
	return fmt.Errorf("group: %s: the balancer %T picked worker %d, which is not one of the %d that are open: %w", r.g.cfg.Name, r.bal, i, r.view.OpenCount(), ErrWorker)
}

// grow ages the view by n sends.
func (r *router[T]) grow(n int) {
	if r.reads == 0 {
		return
	}
	if r.age += n; r.age > max(refreshEvery, 2*r.view.N()) || mem.Ticks()-r.looked > refreshTicks() {
		r.refresh()
	}
}

// sent notes n items on their way to worker i, or taken back.
func (r *router[T]) sent(i, n int) {
	if r.reads != 0 {
		r.view.Sent[i] += uint64(n)
		r.view.Depth[i] += uint64(n)
	}
}

// refresh looks at what the workers have taken, and at what they say waits for them.
func (r *router[T]) refresh() {
	v := r.view
	if r.reads&(balance.ReadsTaken|balance.ReadsDepth) != 0 {
		for i := range v.Depth {
			n, ok := r.owing(i)
			if !ok {
				continue // it was handed over: taken is what has been handled
			}
			own := uint64(n)
			v.Taken[i] = v.Sent[i] - min(v.Sent[i], own) // a stranger's depth is everybody's
			// The worker may not have had a turn since we sent, so what it says may be less than what we know.
			if v.Depth[i] = own; r.roster.workers[i] != nil {
				v.Depth[i] = max(own, r.roster.workers[i].waiting.Load())
			}
		}
	}
	if r.reads&balance.ReadsNow != 0 {
		v.Now = int64(time.Since(start))
	}
	r.age, r.looked = 0, mem.Ticks()
}
