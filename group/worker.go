package group

import (
	"fmt"
	"runtime/debug"
	"sync/atomic"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/internal/mem"
)

// Names of a worker's inboxes.
const (
	forwardInbox = "forward"
	newInbox     = "new"
)

// worker is an Exec as a member of a group. Its loop owns handler and own.
type worker[T any] struct {
	g  *Group[T]
	id int
	x  *exec.Exec

	fwd   *exec.Inbox[T] // FORWARD work, polled first
	fresh *exec.Inbox[T] // NEW work

	handler Handler[T]
	own     *Forwarder[T] // this loop's Forwarder into the group, if it asked for one

	joins bool // it comes to a group that runs

	setUp []func(l *exec.Local) error // state of a Sharded

	debt   int  // credits that the handler has spent of those that items it held back should have
	funded bool // the batch in hand was admitted with credits in own.spare

	doomed atomic.Bool // it is being removed by force, but its handler does not return: what is for it has to wait

	shut bool   // it takes no more items, because it is about to be stopped
	gone uint64 // items that have left its inboxes

	leaving    bool                      // it was removed, or replaced, and may not have ended yet; under g.mu
	writtenOff bool                      // it has ended, and its credits were given back; under g.mu
	credited   int                       // how many these were
	heirs      atomic.Pointer[[]heir[T]] // who has got what it left undone; nil before, a nil slice while it is being handed over

	before atomic.Pointer[worker[T]] // who had its place until it was replaced by this one; nil when nothing is left of it for strangers to wait for

	answered uint64 // the last round of the census that this worker has answered
	answer   answer

	said    uint64 // plain copy of waiting
	_       mem.Pad
	waiting mem.Index // items and tasks that wait here, at the end of the last turn: for balancers that read depths
	_       mem.Pad
}

func newWorker[T any](g *Group[T], id int) (*worker[T], error) {
	w := &worker[T]{g: g, id: id}
	cfg := g.cfg.Exec
	cfg.Name = fmt.Sprintf("%s/%d", g.cfg.Name, id)
	cfg.CPUs = nil
	if len(g.cfg.CPUs) > 0 {
		cfg.CPUs = g.cfg.CPUs[id : id+1]
	}
	first := cfg.OnStart
	cfg.OnStart = func(l *exec.Local) (err error) {
		if first != nil {
			if err = first(l); err != nil {
				return err
			}
		}
		l.AddSource(w)
		for _, f := range w.setUp {
			if err = f(l); err != nil {
				return err
			}
		}
		w.handler, err = w.make(l)
		if err == nil && w.handler == nil {
			err = fmt.Errorf("Config.Worker returned no handler for worker %d", id)
		}
		return err
	}
	var err error
	if w.x, err = exec.New(cfg); err != nil {
		return nil, err
	}
	handle := func(l *exec.Local, batch []T) int { return w.handler.Handle(l, batch) }
	w.fwd, err = exec.NewInbox(w.x, exec.InboxConfig[T]{
		Name: forwardInbox, Cap: 1, LaneCap: forwardLane(g.cfg), MaxLanes: maxForwarders(g.cfg.MaxWorkers),
		Handle: handle, Admit: w.admitForward, Settle: w.settleForward,
	})
	if err != nil {
		return nil, err
	}
	w.fresh, err = exec.NewInbox(w.x, exec.InboxConfig[T]{
		Name: newInbox, Cap: g.cfg.Depth, MaxLanes: g.cfg.MaxProducers,
		Handle: handle, Admit: w.admitFresh, Settle: w.settleFresh,
		MaxWait: g.cfg.MaxWait, OnExpired: w.onExpired(id),
	})
	return w, err
}

// make calls Config.Worker. In a group that runs already a panic there is an error: that one worker cannot come is no
// reason to end the others, and with them the program.
func (w *worker[T]) make(l *exec.Local) (h Handler[T], err error) {
	if w.joins {
		defer func() {
			if p := recover(); p != nil {
				err = fmt.Errorf("Config.Worker panicked: %v\n%s", p, debug.Stack())
			}
		}()
	}
	return w.g.cfg.Worker(l, w.id)
}

// onExpired returns what gets this worker's expired items, if the group has such.
func (w *worker[T]) onExpired(id int) func(l *exec.Local, batch []T) {
	f := w.g.cfg.OnExpired
	if f == nil {
		return nil
	}
	return func(l *exec.Local, batch []T) { f(l, id, batch) }
}

// forwardLane is the capacity of a lane for forwarded items. It has room for every credit that an outbox has not,
// and for a burst more: items stay in their ring while the handler has them,
// and it may be forwarding to itself.
func forwardLane[T any](cfg Config[T]) int {
	burst := cfg.Exec.Burst
	if burst == 0 {
		burst = exec.DefaultBurst
	}
	return max(cfg.MaxForwards-cfg.OnFull.spill, 1) + burst
}

// maxForwarders bounds the Forwarders into a group of n workers: each worker's own
// and as many from loops outside the group, at least 64.
func maxForwarders(n int) int { return n + max(n, 64) }

// The account of credits around a call of the handler. What the handler may emit
// without asking is in own.spare meanwhile.

// admitFresh reserves a credit for every NEW item that the handler is offered.
func (w *worker[T]) admitFresh(_ *exec.Local, n int) int {
	if w.shut {
		return 0
	}
	if w.funded = w.own != nil; !w.funded {
		return n
	}
	n = w.g.credits.take(n)
	w.own.spare += n
	return n
}

// settleFresh gives back the credits that did not become forwarded items.
func (w *worker[T]) settleFresh(_ *exec.Local, _, gone int) {
	w.gone += uint64(gone)
	if w.funded {
		w.own.giveSpare(0)
	}
}

// admitForward lets the handler have the credits that its items hold.
func (w *worker[T]) admitForward(_ *exec.Local, n int) int {
	if w.shut {
		return 0
	}
	if w.funded = w.own != nil; w.funded {
		paid := min(n, w.debt)
		w.debt -= paid
		w.own.spare += n - paid
	}
	return n
}

// settleForward gives back the credits of items that are gone and were not
// forwarded again; those that were held back keep theirs. A handler that has emitted more
// than it consumed has spent some of these, and gets as many less the next time.
func (w *worker[T]) settleForward(_ *exec.Local, offered, gone int) {
	w.gone += uint64(gone)
	if !w.funded {
		w.g.credits.give(gone)
		return
	}
	held := offered - gone
	if short := held - w.own.spare; short > 0 {
		w.debt += short
		held = w.own.spare
	}
	w.own.giveSpare(held)
}
