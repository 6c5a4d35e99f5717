package group

import (
	"context"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/internal/backoff"
)

// Sends of goroutines that have no Producer go through each worker's shared ring.
// They never wait for each other: each borrows a router, whose balancer thus sees
// only some of these sends.

// TrySend sends v, as NEW work, to the worker that the balancer picks. It never
// blocks and may be called by any goroutine, also on a loop (which may then starve
// itself of NEW work; a Forwarder is the right handle there). It returns ErrFull or
// ErrClosed if v was not sent. Two sends by one goroutine to one worker arrive in
// order. (Two of one key may go to different workers if the balancer moves keys by what was taken, as Sticky ones do: it does not
// see all sends here.) A Producer is several times cheaper.
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
	defer g.strangers.Put(r)
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
	in := ro.workers[i].fresh
	if in.TrySend(v) {
		r.sent(i, 1)
		g.accepted.Add(1)
		return nil
	}
	if in.Closed() && !ro.workers[i].doomed.Load() {
		return ErrClosed
	}
	r.refresh()
	return ErrFull
}

// borrow returns a router for one send.
func (g *Group[T]) borrow() (*router[T], error) {
	if r, ok := g.strangers.Get().(*router[T]); ok {
		return r, nil
	}
	to := make([]*worker[T], g.cfg.MaxWorkers) // whose rings those are that this router has sent to
	var r *router[T]
	r, err := newRouter(g, g.cfg.Depth, func(i int) (int, bool) {
		if r != nil && r.roster.workers[i] != nil && (to[i] == nil || to[i].settled()) {
			to[i] = r.roster.workers[i]
		}
		if to[i] == nil {
			return 0, true
		}
		n := to[i].fresh.SharedLen() // before the look at who has it now
		return n, to[i].settled()
	})
	return r, err
}
