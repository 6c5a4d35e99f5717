package group

import (
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/pushcore/pushcore/exec"
)

// outlet is where a Producer or a Forwarder sends to one worker. Its owner is the sender; lane is written under the
// group's mu, so that a change can find, and close, all lanes that there are.
//
// A change closes the lanes that must not be used any more, which draws an exact line between what was accepted and
// what was not, and asks nobody: the sender finds the lane closed, takes back what it had staged, and looks at the
// roster.
type outlet[T any] struct {
	open   *exec.Lane[T]              // a Producer's copy of lane, nil where it must look first
	lane   *exec.Lane[T]              // the last that was opened; nil: none yet
	to     *worker[T]                 // where it leads
	from   atomic.Pointer[watched[T]] // where lane begins, for other producers
	staged int                        // items in it that are not visible yet
	notes  []note                     // on those of them that need one
}

// note is what an item does not say of itself, should it have to be routed again.
type note struct {
	at     int // place among the staged
	key    uint64
	pinned bool // it was sent to this worker, past the balancer
}

// routed is an item that was taken back, to be sent again.
type routed[T any] struct {
	key uint64
	to  int // a worker, if the sender has named one; else -1
	v   T
}

// stage writes v without making it visible. It reports false when there is no room.
func (o *outlet[T]) stage(v T) bool {
	if !o.lane.Stage(v) {
		return false
	}
	o.staged++
	return true
}

// remember notes what was given with the item staged last.
func (o *outlet[T]) remember(key uint64, pinned bool) {
	o.notes = append(o.notes, note{o.staged - 1, key, pinned})
}

// visible notes that what was staged is on its way.
func (o *outlet[T]) visible() {
	o.staged = 0
	o.notes = o.notes[:0]
}

// flush makes visible what is staged. It reports false when the lane was closed first.
func (o *outlet[T]) flush() bool {
	if o.staged > 0 && !o.lane.Flush() {
		return false
	}
	o.visible()
	return true
}

// recall takes back what is staged.
func (o *outlet[T]) recall(r *router[T], id int) (back []routed[T]) {
	notes := o.notes
	for at, v := range o.lane.Recall() {
		b := routed[T]{to: -1, v: v}
		switch {
		case len(notes) > 0 && notes[0].at == at:
			b.key = notes[0].key
			if notes[0].pinned {
				b.to = id
			}
			notes = notes[1:]
		default:
			b.key = r.keyOfOurs(v)
		}
		back = append(back, b)
	}
	r.sent(id, -len(back))
	o.visible()
	return back
}

// settled reports whether all that was accepted by the lane has been handled. Only its sender may ask.
func (o *outlet[T]) settled() bool {
	return o.lane == nil || o.staged == 0 && heir[T]{o.lane, o.to}.settled()
}

// owing is what is left to do, for a View: items in the lane, staged ones included. ok is false when it cannot be told
// because some of it was handed over.
func (o *outlet[T]) owing() (n int, ok bool) {
	if o.lane == nil {
		return 0, true
	}
	n = o.lane.Len() + o.staged // before the look at who has it now
	return n, !o.lane.Closed() || o.to.settled()
}

// usable reports whether the lane leads to w and is open.
func (o *outlet[T]) usable(w *worker[T]) bool { return o.lane != nil && o.to == w && !o.lane.Closed() }

// reopen opens a lane to worker id of roster r, which is the one that the sender goes by; sent is how many items it has
// sent to that id so far. It returns ErrFull as long as the lane is open (and full), or what the sender had sent there
// before has not been handled: a new lane might overtake it.
func (o *outlet[T]) reopen(g *Group[T], r *roster[T], id int, sent uint64, inbox func(*worker[T]) *exec.Inbox[T], own *exec.Local) error {
	w := r.workers[id]
	switch {
	case w == nil:
		return fmt.Errorf("group: %s: worker %d has gone: %w", g.cfg.Name, id, ErrWorker)
	case w.doomed.Load() && !g.closed.Load():
		return ErrFull
	case inbox(w).Closed():
		return ErrClosed // or it is on its way out, and the roster of now does not have it
	case o.usable(w), !o.settled(), !r.settled():
		return ErrFull
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.roster.Load() != r {
		return ErrFull // look again
	}
	lane, err := inbox(w).Lane()
	switch {
	case errors.Is(err, exec.ErrClosed):
		return ErrClosed
	case err != nil:
		return fmt.Errorf("%w: %w", ErrTooMany, err)
	}
	if own != nil {
		lane.OwnedBy(own)
	}
	o.open, o.lane, o.to = lane, lane, w
	o.from.Store(&watched[T]{heir[T]{lane, w}, sent - lane.Taken()})
	return nil
}

func newInlet[T any](w *worker[T]) *exec.Inbox[T]     { return w.fresh }
func forwardInlet[T any](w *worker[T]) *exec.Inbox[T] { return w.fwd }

// heir is a lane, and the worker that it leads to: what is in it is done when the lane is empty, unless the worker has
// handed it over to others.
type heir[T any] struct {
	lane *exec.Lane[T]
	to   *worker[T]
}

// settled: the lane is looked at first, see worker.heirs.
func (h heir[T]) settled() bool { return h.lane.Len() == 0 && h.to.settled() }

// settled reports whether whatever w has handed over has been handled.
func (w *worker[T]) settled() bool {
	heirs := w.heirs.Load()
	if heirs == nil {
		return true
	}
	if *heirs == nil {
		return false // it is being handed over
	}
	for _, h := range *heirs {
		if !h.settled() {
			return false
		}
	}
	return true
}

// free reports whether what strangers have sent to the worker before, which w has replaced, has been handled.
func (w *worker[T]) free() bool {
	old := w.before.Load()
	if old == nil {
		return true
	}
	if old.fresh.SharedLen() > 0 || !old.settled() || !old.free() { // in this order: see worker.heirs
		return false
	}
	w.before.Store(nil)
	return true
}

// watched is a lane, and how many items its sender had sent to that worker before, all of which have been handled.
type watched[T any] struct {
	heir[T]
	before uint64 // less what the lane's own count began with
}

// taken returns how many of the sender's items have been handled. Anyone may ask. Those of a lane that was handed over
// count when all of them have been.
func (o *outlet[T]) taken() uint64 {
	w := o.from.Load()
	if w == nil {
		return 0
	}
	n := w.before + w.lane.Taken() // before the look at who has it now
	if w.lane.Closed() && !w.to.settled() {
		return 0
	}
	return n
}
