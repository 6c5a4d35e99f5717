package group

import (
	"context"
	"sync/atomic"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/internal/backoff"
)

// Sends of goroutines that have no Producer go through each worker's shared ring.
// They never wait for each other: each borrows a router, whose balancer thus sees
// only some of these sends. Where balancers share what they know, and wait for each other in any
// case, strangers have one router together.

// TrySend sends v, as NEW work, to the worker that the balancer picks. It never blocks and may be called by any
// goroutine, also on a loop (which may then starve itself of NEW work; a Forwarder is the right handle there). It
// returns ErrFull or ErrClosed if v was not sent. Two sends by one goroutine to one worker arrive in order. (Two of one
// key may go to different workers if the balancer moves keys by what was taken, as Sticky ones do: it does not see all
// sends here.) A Producer is several times cheaper.
func (g *Group[T]) TrySend(v T) error { return g.trySend(nil, v) }

// TrySendKey is TrySend with a key of the caller's.
func (g *Group[T]) TrySendKey(key uint64, v T) error { return g.trySend(&key, v) }

// Send is TrySend that waits for room. It returns ErrClosed, ctx's error, or
// exec.ErrOnLoop; v was not sent then.
func (g *Group[T]) Send(ctx context.Context, v T) error {
	if exec.OnLoop() {
		return exec.ErrOnLoop
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	var b backoff.Backoff
	for {
		err := g.TrySend(v)
		if err != ErrFull { // TrySend returns the bare value
			return err
		}
		if err := b.Wait(ctx); err != nil {
			return err
		}
	}
}

func (g *Group[T]) trySend(key *uint64, v T) error {
	r, err := g.borrow()
	if err != nil {
		return err
	}
	defer g.giveBack(r)
	var k uint64
	if key != nil {
		k = *key
	} else {
		k = r.key(v)
	}
	for {
		err := g.trySendBy(r, k, v)
		if err != ErrClosed || g.closed.Load() || g.roster.Load() == r.roster {
			return err
		}
	}
}

// trySendBy sends v by the roster of now. ErrClosed may mean that the worker has just gone.
func (g *Group[T]) trySendBy(r *router[T], key uint64, v T) error {
	ro := g.enter()
	defer g.leave(ro)
	if ro != r.roster {
		r.adopt(ro)
	}
	i := balance.Full
	if ro.phase == flowing && ro.settled() {
		var err error
		if i, err = r.pick(key); err != nil {
			return err
		}
	}
	if i == balance.Full { // a ring that refuses counts itself
		if g.closed.Load() {
			return ErrClosed
		}
		g.refused.Add(1)
		return ErrFull
	}
	w := ro.workers[i]
	if !w.free() { // else v might overtake what its sender has sent to the one before
		g.refused.Add(1)
		return ErrFull
	}
	in := w.fresh
	if in.TrySend(v) {
		r.sent(i, 1)
		g.accepted.Add(1)
		return nil
	}
	if in.Closed() && !w.doomed.Load() {
		return ErrClosed
	}
	r.refresh()
	return ErrFull
}

// borrow returns a router for one send.
func (g *Group[T]) borrow() (r *router[T], err error) {
	if !g.bal.shares {
		if r, ok := g.strangers.Get().(*router[T]); ok {
			return r, nil
		}
		return g.newStranger()
	}
	g.stranger.Lock()
	if g.stranger.router == nil {
		if g.stranger.router, err = g.newStranger(); err != nil {
			g.stranger.Unlock()
			return nil, err
		}
	}
	return g.stranger.router, nil
}

func (g *Group[T]) giveBack(r *router[T]) {
	if g.bal.shares {
		g.stranger.Unlock()
	} else {
		g.strangers.Put(r)
	}
}

func (g *Group[T]) newStranger() (*router[T], error) {
	to := make([]atomic.Pointer[visited[T]], g.cfg.MaxWorkers)
	var r *router[T]
	r, err := newRouter(g, g.cfg.Depth, func(i int) (int, bool) {
		at := to[i].Load()
		if r != nil && r.roster.workers[i] != nil && (at == nil || at.w != r.roster.workers[i] && at.w.settled()) {
			at = visit(r.roster.workers[i], r.view.Sent[i])
			to[i].Store(at)
		}
		if at == nil {
			return 0, true
		}
		n := at.w.fresh.SharedLen() // before the look at who has it now
		return n, at.w.settled()
	})
	if err == nil {
		r.watch(func(i int) uint64 { return to[i].Load().taken() })
	}
	return r, err
}

// visited is a worker whose shared ring a stranger's router has sent to, and how many items it had sent by that id
// before.
type visited[T any] struct {
	w      *worker[T]
	before uint64 // less what the ring's own count began with
}

// visit makes the visited of w for a router that has sent so many items to w's id. Those of them that are in w's ring
// do not count as sent before. Nobody else sends there meanwhile.
func visit[T any](w *worker[T], sent uint64) *visited[T] {
	for {
		taken := w.fresh.SharedTaken()
		if in := uint64(w.fresh.SharedLen()); w.fresh.SharedTaken() == taken {
			return &visited[T]{w, sent - in - taken}
		}
	}
}

// taken returns how many of the router's items have been handled, if the ring has no others. Anyone may ask.
func (at *visited[T]) taken() uint64 {
	if at == nil {
		return 0
	}
	n := at.before + at.w.fresh.SharedTaken() // before the look at who has it now
	if !at.w.settled() {
		return 0
	}
	return n
}
