package group

import (
	"fmt"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/internal/mem"
)

// Forwarder sends work into a group from a loop: from a worker of the same group
// to another (or itself), or from another group's worker, or from any Exec. It has
// a lane to every worker and a Balancer of its own, and belongs to its loop.
// Nothing on it blocks.
//
// What is sent is gathered and becomes visible when a lane has flushAt items, at
// the end of the turn, before the Exec parks and when it stops.
type Forwarder[T any] struct {
	g     *Group[T]
	l     *exec.Local
	route *router[T]
	lanes []*exec.Lane[T]

	staged []int        // not yet visible, in each lane
	outbox []spilled[T] // what lanes had no room for; its capacity is its bound
	behind []int        // items in the outbox for each worker: later ones queue up behind them
	spare  int          // credits in hand
	nested bool         // CallerRuns is running a task

	outside bool // the loop is no worker of this group: it is refused once Drain begins

	sends, refused           uint64    // items accepted, and refused for want of room
	shownSends, shownRefused mem.Index // the same at the end of the last turn, for Stats
}

type spilled[T any] struct {
	to int
	v  T
}

const (
	flushAt = 32 // items after which a lane is flushed within a turn
	quantum = 32 // credits taken at once for sends outside a handler
)

// Forwarder returns the Forwarder of l's loop into this group: the same one each
// time. It is called on that loop, in Config.Worker for example. The error wraps
// ErrTooMany or ErrClosed.
func (g *Group[T]) Forwarder(l *exec.Local) (*Forwarder[T], error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if f := g.forwarders[l]; f != nil {
		return f, nil
	}
	g.reap()
	n := len(g.workers)
	f := &Forwarder[T]{g: g, l: l, staged: make([]int, n), behind: make([]int, n), outbox: make([]spilled[T], 0, g.cfg.OnFull.spill)}
	var err error
	if f.lanes, err = openLanes(g, func(w *worker[T]) *exec.Inbox[T] { return w.fwd }); err != nil {
		return nil, err
	}
	for _, lane := range f.lanes {
		lane.OwnedBy(l)
	}
	f.route, err = newRouter(g, f.lanes[0].Cap(), func(i int) int { return f.lanes[i].Len() + f.staged[i] + f.behind[i] })
	if err != nil {
		closeLanes(f.lanes)
		return nil, err
	}
	l.AddFlusher(f)
	f.outside = true
	for _, w := range g.workers {
		if w.x == l.Exec() {
			w.own, f.outside = f, false
		}
	}
	g.forwarders[l] = f
	return f, nil
}

// Send sends v to the worker that the balancer picks. If it returns an error, v was
// not sent: ErrFull, when MaxForwards items are on their way or the balancer refused
// (there always is room if every handler of the group emits no more items than it
// consumes), or ErrClosed.
func (f *Forwarder[T]) Send(v T) error { return f.SendKey(f.route.key(v), v) }

// SendKey is Send with a key of the caller's.
func (f *Forwarder[T]) SendKey(key uint64, v T) error {
	i, err := f.route.pick(key)
	switch {
	case err != nil:
		return err
	case i == balance.Full:
		return f.full(f.lanes[0], v)
	}
	return f.send(i, v)
}

// SendTo sends v to worker i, past the balancer.
func (f *Forwarder[T]) SendTo(i int, v T) error {
	if err := f.g.checkWorker(i); err != nil {
		return err
	}
	return f.send(i, v)
}

func (f *Forwarder[T]) send(i int, v T) error {
	if exec.Checked {
		f.l.Queued() // panics on another goroutine than the loop's
	}
	lane := f.lanes[i]
	if lane.Closed() || f.outside && f.g.closed.Load() {
		return ErrClosed
	}
	if f.spare == 0 && !f.takeCredits() {
		return f.full(lane, v)
	}
	if f.behind[i] > 0 && len(f.outbox) == cap(f.outbox) {
		f.empty() // there may be room again
	}
	switch {
	case f.behind[i] == 0 && lane.Stage(v):
		if f.staged[i]++; f.staged[i] >= flushAt {
			f.flushLane(i)
		}
	case len(f.outbox) < cap(f.outbox):
		f.outbox = append(f.outbox, spilled[T]{i, v})
		f.behind[i]++
	default:
		return f.full(lane, v)
	}
	f.spare--
	f.sends++
	f.route.sent(i, 1)
	return nil
}

// takeCredits is for sends that no handler's batch pays for.
func (f *Forwarder[T]) takeCredits() bool {
	f.spare = f.g.credits.take(max(1, min(quantum, f.g.cfg.MaxForwards/(4*len(f.lanes)))))
	return f.spare > 0
}

// giveSpare gives back the credits in hand, but for keep.
func (f *Forwarder[T]) giveSpare(keep int) {
	f.g.credits.give(f.spare - keep)
	f.spare = 0
}

// full applies the policy to an item for which there is no room.
func (f *Forwarder[T]) full(lane *exec.Lane[T], v T) error {
	if lane.Closed() {
		return ErrClosed
	}
	if f.g.cfg.OnFull.kind != callerRuns {
		f.refused++
		return ErrFull
	}
	t := any(v).(exec.Task)
	if f.nested { // do not nest deeper: queue it on this loop
		if !f.l.Spawn(t) {
			f.refused++
			return ErrFull
		}
		return nil
	}
	f.nested = true
	defer func() { f.nested = false }()
	f.l.RunNow(t)
	return nil
}

// Flush implements exec.Flusher: it makes everything visible that was sent.
func (f *Forwarder[T]) Flush(*exec.Local) (pending bool) {
	if f.spare > 0 {
		f.giveSpare(0)
	}
	for i, n := range f.staged {
		if n > 0 {
			f.flushLane(i)
		}
	}
	if len(f.outbox) > 0 {
		f.empty()
	}
	f.show()
	return len(f.outbox) > 0
}

// flushLane publishes lane i. What a closed lane does not accept any more is kept
// for Drain to return.
func (f *Forwarder[T]) flushLane(i int) {
	f.staged[i] = 0
	if !f.lanes[i].Flush() {
		f.g.stray(f.lanes[i].Recall())
	}
}

// empty moves what it can from the outbox into the lanes, in order for each worker.
func (f *Forwarder[T]) empty() {
	kept := f.outbox[:0]
	clear(f.behind)
	for _, s := range f.outbox {
		lane := f.lanes[s.to]
		switch {
		case f.behind[s.to] == 0 && lane.Stage(s.v):
			f.staged[s.to]++
		case lane.Closed():
			f.g.stray([]T{s.v})
		default:
			kept = append(kept, s)
			f.behind[s.to]++
		}
	}
	clear(f.outbox[len(kept):])
	f.outbox = kept
	for i, n := range f.staged {
		if n > 0 {
			f.flushLane(i)
		}
	}
}

// show publishes the counters for Stats.
func (f *Forwarder[T]) show() {
	if f.shownSends.Load() != f.sends || f.shownRefused.Load() != f.refused {
		f.shownSends.StoreRelease(f.sends)
		f.shownRefused.StoreRelease(f.refused)
	}
}

// reap takes back what Forwarders hold whose loops have ended, and gives their lanes
// back. Called with mu held.
func (g *Group[T]) reap() {
	for l, f := range g.forwarders {
		if !l.Exec().Ended() {
			continue
		}
		had := len(g.strays)
		for _, lane := range f.lanes {
			lane.Close()
			g.strays = append(g.strays, lane.Recall()...)
		}
		for _, s := range f.outbox {
			g.strays = append(g.strays, s.v)
		}
		g.credits.give(len(g.strays) - had + f.spare)
		f.spare, f.outbox = 0, f.outbox[:0]
		clear(f.behind)
		f.show()
		g.ended.forwarded += f.sends
		g.ended.refused += f.refused
		delete(g.forwarders, l)
	}
}

// stray keeps items that were sent and came back because the group was closed.
func (g *Group[T]) stray(vs []T) {
	g.credits.give(len(vs))
	g.mu.Lock()
	defer g.mu.Unlock()
	g.strays = append(g.strays, vs...)
}

// String says whose Forwarder this is.
func (f *Forwarder[T]) String() string {
	return fmt.Sprintf("forwarder of %s into %s", f.l.Exec().Name(), f.g.cfg.Name)
}
