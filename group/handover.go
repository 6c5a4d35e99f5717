package group

import (
	"context"
	"errors"
	"time"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/exec"
)

// What a worker leaves undone that was stopped goes to others.

// forceGrace is how long, when the time for a removal is over, the others have to finish what they have, and then the
// worker to let go of the states of its keys.
const forceGrace = 100 * time.Millisecond

// force ends the worker that leaves, before it has handled what it has. What it leaves is found in its inboxes.
func (g *Group[T]) force(c *crossing[T]) error {
	w := c.leaving
	if g.cfg.Release != nil && !w.x.Ended() {
		ctx, cancel := context.WithTimeout(g.closing, forceGrace)
		defer cancel()
		ps, err := g.release(ctx, w, func(uint64) bool { return true }, func() {
			w.shut = true // the states are those of after the last item: no other may follow
			w.doomed.Store(true)
			w.x.Stop()
		})
		if err != nil {
			return err
		}
		c.parcels = ps
	}
	w.doomed.Store(true)
	w.x.Stop()
	return g.end(c.ctx, w)
}

// end ends a worker's Exec and keeps the tasks that are left for Drain and UndoneTasks. It fails if a handler does not
// return.
func (g *Group[T]) end(ctx context.Context, w *worker[T]) error {
	tasks, err := w.x.Drain(ctx)
	if errors.Is(err, exec.ErrRunning) {
		return err
	}
	left := g.addTasks(nil, tasks)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.orphans = append(g.orphans, left...)
	return nil
}

// handOver sends what w, which has ended, has left undone to worker to, or, if to is -1, to those whom a balancer for
// ro picks. Forwarded items stay forwarded items, and keep their credits, and NEW ones stay NEW.
func (g *Group[T]) handOver(w *worker[T], ro *roster[T], to int) []heir[T] {
	if heirs := w.heirs.Load(); heirs != nil {
		return *heirs // that was done
	}
	w.heirs.Store(new([]heir[T])) // before the inboxes are emptied: see worker.settled
	heirs := []heir[T]{}
	h := newHandOver(g, ro, to)
	forwarded, _ := w.fwd.Undone()
	fresh, _ := w.fresh.Undone()
	for _, v := range forwarded {
		h.add(&h.forwarded, routed[T]{h.route.keyOfOurs(v), -1, v})
	}
	for _, r := range g.left(w) {
		h.add(&h.forwarded, r)
	}
	for _, v := range fresh {
		h.add(&h.fresh, routed[T]{h.route.keyOfOurs(v), -1, v})
	}
	for id := range ro.workers {
		heirs = append(heirs, g.handTo(ro.workers[id], h.forwarded[id], h.fresh[id])...)
	}
	g.note(func(n *Changes) { n.HandedOver += uint64(len(forwarded) + len(fresh)) })
	w.heirs.Store(&heirs)
	h.route.end() // nothing of it is in flight: what was handed over still is, for those that have sent it
	return heirs
}

// left returns what w's own Forwarder holds, and sees to it that each forwarded item that w leaves has its credit.
func (g *Group[T]) left(w *worker[T]) (left []routed[T]) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, f := range g.forwarders {
		if f.member == w {
			left = f.bury()
		}
	}
	if w.writtenOff {
		g.credits.give(-w.credited)
	}
	g.credits.give(-w.debt)
	w.writtenOff, w.credited, w.debt = true, 0, 0
	return left
}

// handTo puts items into w's inboxes. What it does not take any more, because it has ended, is kept for Drain.
func (g *Group[T]) handTo(w *worker[T], forwarded, fresh []T) (heirs []heir[T]) {
	if len(forwarded) > 0 {
		if lane, err := w.fwd.Hand(forwarded); err == nil {
			heirs = append(heirs, heir[T]{lane, w})
		} else {
			g.stray(forwarded)
		}
	}
	if len(fresh) == 0 {
		return heirs
	}
	lane, err := w.fresh.Hand(fresh)
	if err != nil { // the group is being closed, perhaps: what the workers forward is still taken
		g.credits.give(-len(fresh))
		if lane, err = w.fwd.Hand(fresh); err != nil {
			g.stray(fresh)
			return heirs
		}
	}
	return append(heirs, heir[T]{lane, w})
}

// handOver is items on their way from one worker to others.
type handOver[T any] struct {
	ro               *roster[T]
	to               int
	route            *router[T]
	forwarded, fresh [][]T // by worker
}

func newHandOver[T any](g *Group[T], ro *roster[T], to int) *handOver[T] {
	n := len(ro.workers)
	h := &handOver[T]{ro: ro, to: to, forwarded: make([][]T, n), fresh: make([][]T, n)}
	var err error
	if h.route, err = newRouterFor(g, ro, g.cfg.Depth, func(int) (int, bool) { return 0, true }); err != nil {
		h.route = &router[T]{g: g, roster: ro, view: ro.view()} // it picks nobody
	}
	return h
}

// add puts r among the items of its worker.
func (h *handOver[T]) add(to *[][]T, r routed[T]) {
	id := h.to
	switch {
	case id >= 0:
	case r.to >= 0 && h.ro.worker(r.to) != nil:
		id = r.to
	default:
		id = h.pick(r.key)
	}
	h.route.sent(id, 1)
	(*to)[id] = append((*to)[id], r.v)
}

// pick asks the balancer; if that refuses, any worker will do that is open: the item has been accepted.
func (h *handOver[T]) pick(key uint64) int {
	if h.route.bal != nil {
		i := guarded(balance.Full, func() int { return h.route.bal.Pick(key, h.route.view) })
		if h.route.view.IsOpen(i) && !h.ro.workers[i].x.Ended() {
			return i
		}
	}
	open := h.route.view.AppendOpen(nil)
	for _, id := range open {
		if !h.ro.workers[id].x.Ended() {
			return id
		}
	}
	return open[0]
}
