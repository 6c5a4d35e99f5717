package group

import "github.com/pushcore/pushcore/exec"

// How a Forwarder makes visible what was sent, and what it does with what has no room.

// Flush implements exec.Flusher: it makes everything visible that was sent.
func (f *Forwarder[T]) Flush(*exec.Local) (pending bool) {
	if f.spare > 0 {
		f.giveSpare(0)
	}
	if f.g.roster.Load() != f.route.current {
		f.sync()
	}
	for i := range f.out {
		if f.out[i].staged > 0 {
			f.flushLane(i)
		}
	}
	if len(f.outbox) > 0 {
		f.empty()
	}
	f.show()
	return len(f.outbox)+len(f.backlog) > 0
}

// flushLane publishes lane i. What a closed lane does not accept any more is sent again if the workers have changed,
// and kept for Drain to return if not.
func (f *Forwarder[T]) flushLane(i int) {
	if o := &f.out[i]; !o.flush() {
		f.takenBack(o.recall(f.route, i))
	}
}

func (f *Forwarder[T]) takenBack(back []routed[T]) {
	if f.changed() {
		f.route.current = nil
		f.comesBack(back)
		return
	}
	f.lost(back...)
}

// lost keeps items that nobody will take any more for Drain to return.
func (f *Forwarder[T]) lost(back ...routed[T]) {
	vs := make([]T, len(back))
	for i, r := range back {
		vs[i] = r.v
	}
	f.g.stray(vs)
}

// empty moves what it can from the outbox into the lanes, in order for each worker.
func (f *Forwarder[T]) empty() {
	kept, back := f.outbox[:0], []routed[T](nil)
	clear(f.behind)
	for _, s := range f.outbox {
		switch {
		case f.behind[s.to] == 0 && f.stage(s.to, s.routed):
		case f.out[s.to].lane.Closed():
			back = append(back, s.routed)
		default:
			kept = append(kept, s)
			f.behind[s.to]++
		}
	}
	clear(f.outbox[len(kept):])
	f.outbox = kept
	if len(back) > 0 {
		f.takenBack(back)
	}
	for i := range f.out {
		if f.out[i].staged > 0 {
			f.flushLane(i)
		}
	}
}

// ended reports whether worker i takes nothing any more, or, if i is negative, none does.
func (f *Forwarder[T]) ended(i int) bool {
	if i >= 0 {
		w := f.route.roster.workers[i]
		return w != nil && w.fwd.Closed() && (!w.doomed.Load() || f.g.closed.Load()) && !f.changed()
	}
	for i, w := range f.route.roster.workers {
		if w != nil && !f.ended(i) {
			return false
		}
	}
	return true
}

// full applies the policy to an item for which there is no room.
func (f *Forwarder[T]) full(i int, v T) error {
	if f.ended(i) {
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
