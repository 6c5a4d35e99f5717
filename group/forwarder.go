package group

import (
	"errors"
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
	out   []outlet[T] // by worker

	outbox  []spilled[T] // what lanes had no room for; its capacity is its bound
	behind  []int        // items in the outbox for each worker: later ones queue up behind them
	backlog []routed[T]  // what came back when the workers changed, and what was sent after that: each holds a credit
	orphans []routed[T]  // what is for a worker that is being stopped, without credits: see adoptOrphans
	spare   int          // credits in hand
	nested  bool         // CallerRuns is running a task

	member *worker[T] // whose loop it is; nil: no worker of this group, it is refused once Drain begins

	sends, refused, spills                uint64    // items accepted, refused for want of room, and accepted into the outbox
	shownSends, shownRefused, shownSpills mem.Index // the same at the end of the last turn, for Stats
}

type spilled[T any] struct {
	routed[T]
	to int
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
	f := g.forwarders[l]
	if f == nil {
		g.reap()
	}
	g.mu.Unlock()
	if f != nil {
		return f, nil
	}
	n := g.cfg.MaxWorkers
	f = &Forwarder[T]{g: g, l: l, out: make([]outlet[T], n), behind: make([]int, n), outbox: make([]spilled[T], 0, g.cfg.OnFull.spill)}
	var err error
	f.route, err = newRouter(g, forwardLane(g.cfg), func(i int) (int, bool) {
		n, ok := f.out[i].owing()
		return n + f.behind[i], ok
	})
	if err != nil {
		return nil, err
	}
	f.route.watch(func(i int) uint64 { return f.out[i].taken() })
	g.mu.Lock()
	for _, w := range g.live {
		if w.x == l.Exec() {
			w.own, f.member = f, w
		}
	}
	g.forwarders[l] = f // from now on, changes see its lanes
	f.route.enlist()
	g.mu.Unlock()
	if err := f.openAll(); err != nil {
		g.mu.Lock()
		delete(g.forwarders, l)
		f.route.delist()
		g.mu.Unlock()
		for i := range f.out {
			if lane := f.out[i].lane; lane != nil {
				lane.Close()
			}
		}
		if f.member != nil {
			f.member.own = nil
		}
		f.route.end()
		return nil, err
	}
	l.AddFlusher(f)
	return f, nil
}

// changed reports whether the workers have changed since the Forwarder looked.
func (f *Forwarder[T]) changed() bool { return f.g.roster.Load() != f.route.roster }

// openAll opens a lane to every worker, unless they just change.
func (f *Forwarder[T]) openAll() error {
	for id, w := range f.route.roster.workers {
		if w == nil || !f.maySend(f.route.roster) {
			continue
		}
		if err := f.reopen(id); errors.Is(err, ErrTooMany) || err != nil && f.g.closed.Load() {
			return err
		}
	}
	if !f.maySend(f.route.roster) {
		f.route.current = nil
	}
	return nil
}

// maySend reports whether ro lets the Forwarder send.
func (f *Forwarder[T]) maySend(ro *roster[T]) bool {
	return ro.phase == flowing || ro.phase == halted && f.member != nil
}

func (f *Forwarder[T]) reopen(id int) error {
	return f.out[id].reopen(f.g, f.route.roster, id, f.route.view.Sent[id], forwardInlet[T], f.l)
}

// Send sends v to the worker that the balancer picks. If it returns an error, v was not sent: ErrFull, when MaxForwards
// items are on their way or the balancer refused (there always is room if every handler of the group emits no more
// items than it consumes), or ErrClosed. On a loop outside the group ErrFull is also the answer where an Ordered group
// changes its workers.
func (f *Forwarder[T]) Send(v T) error { return f.SendKey(f.route.key(v), v) }

// SendKey is Send with a key of the caller's.
func (f *Forwarder[T]) SendKey(key uint64, v T) error {
	if f.g.roster.Load() != f.route.current && !f.sync() {
		return f.later(routed[T]{key, -1, v})
	}
	i, err := f.route.pick(key)
	switch {
	case err != nil:
		return err
	case i == balance.Full:
		return f.full(-1, v)
	}
	return f.send(i, routed[T]{key, -1, v})
}

// SendTo sends v to worker i, past the balancer. The worker may be paused. If it is removed before the end of the turn,
// the balancer picks another one.
func (f *Forwarder[T]) SendTo(i int, v T) error {
	synced := f.g.roster.Load() == f.route.current || f.sync()
	if err := f.route.roster.checkWorker(f.g.cfg.Name, i); err != nil {
		return err
	}
	if !synced {
		return f.later(routed[T]{f.route.keyOfOurs(v), i, v})
	}
	return f.send(i, routed[T]{0, i, v})
}

func (f *Forwarder[T]) send(i int, r routed[T]) error {
	if exec.Checked {
		f.l.Queued() // panics on another goroutine than the loop's
	}
	o := &f.out[i]
	switch {
	case f.member == nil && f.g.closed.Load():
		return ErrClosed
	case f.route.roster.doomed != nil && f.route.roster.workers[i] == f.route.roster.doomed:
		if f.spare == 0 && len(f.orphans) >= f.g.cfg.MaxForwards { // no handler's batch has paid for it
			return f.full(i, r.v)
		}
		f.sends++
		f.orphans = append(f.orphans, r)
		return nil
	case o.lane == nil || o.lane.Closed():
		err := f.reopen(i)
		if f.changed() {
			f.route.current = nil // it changes under our hands
			return f.later(r)
		}
		if errors.Is(err, ErrClosed) {
			return ErrClosed
		}
		if err != nil { // what was sent before is still on its way
			f.route.current = nil
			return f.later(r)
		}
	}
	if f.spare == 0 && !f.takeCredits() {
		return f.full(i, r.v)
	}
	if f.behind[i] > 0 && len(f.outbox) == cap(f.outbox) {
		f.empty() // there may be room again
	}
	switch {
	case f.behind[i] == 0 && f.stage(i, r):
		if o.staged >= flushAt {
			f.flushLane(i)
		}
	case len(f.outbox) < cap(f.outbox):
		f.outbox = append(f.outbox, spilled[T]{r, i})
		f.spills++
		f.behind[i]++
	default:
		return f.full(i, r.v)
	}
	f.spare--
	f.sends++
	f.route.sent(i, 1)
	return nil
}

// stage writes r to the lane of worker i.
func (f *Forwarder[T]) stage(i int, r routed[T]) bool {
	o := &f.out[i]
	if !o.stage(r.v) {
		return false
	}
	if r.to >= 0 || f.g.keyless {
		o.remember(r.key, r.to >= 0)
	}
	return true
}

// takeCredits is for sends that no handler's batch pays for.
func (f *Forwarder[T]) takeCredits() bool {
	f.spare = f.g.credits.take(max(1, min(quantum, f.g.cfg.MaxForwards/(4*len(f.out)))))
	return f.spare > 0
}

// giveSpare gives back the credits in hand, but for keep.
func (f *Forwarder[T]) giveSpare(keep int) {
	f.g.credits.give(f.spare - keep)
	f.spare = 0
}

// show publishes the counters for Stats.
func (f *Forwarder[T]) show() {
	if f.shownSends.Load() != f.sends || f.shownRefused.Load() != f.refused {
		f.shownSends.StoreRelease(f.sends)
		f.shownRefused.StoreRelease(f.refused)
		f.shownSpills.StoreRelease(f.spills) // none without a send
	}
}

// String says whose Forwarder this is.
func (f *Forwarder[T]) String() string {
	return fmt.Sprintf("forwarder of %s into %s", f.l.Exec().Name(), f.g.cfg.Name)
}
