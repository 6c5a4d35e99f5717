package group

// What a Forwarder does while the workers change. It never waits, and what it was told to send, within its credits, it
// takes: what cannot go into a lane goes into the backlog, and from there, in order and before anything else, to whom
// the balancer picks when the change is made.

// later puts r into the backlog.
func (f *Forwarder[T]) later(r routed[T]) error {
	switch {
	case f.member == nil && f.g.closed.Load():
		return ErrClosed
	case f.member == nil && f.route.roster.phase != flowing:
		f.refused++
		return ErrFull
	case f.spare == 0 && !f.takeCredits():
		return f.full(r.to, r.v)
	}
	f.spare--
	f.sends++
	f.backlog = append(f.backlog, r)
	return nil
}

// sync adopts the roster of now. It reports false while what is sent has to go into the backlog.
func (f *Forwarder[T]) sync() bool {
	ro := f.g.roster.Load()
	f.route.adopt(ro)
	closed, back := false, []routed[T](nil)
	for i := range f.out {
		o := &f.out[i]
		if o.lane == nil {
			continue
		}
		gone := o.to != ro.workers[i] || ro.doomed == o.to || !f.maySend(ro)
		if gone && !o.lane.Closed() { // once: it wakes the worker
			o.lane.Close() // whoever makes the change may not have come to it yet
		}
		if !o.lane.Closed() {
			continue
		}
		closed = true
		if o.staged > 0 && !o.flush() {
			back = append(back, o.recall(f.route, i)...)
		}
	}
	if closed && len(f.outbox) > 0 {
		back = f.unspill(back)
	}
	f.comesBack(back)
	if ro.phase == flowing && len(f.orphans) > 0 {
		f.adoptOrphans()
	}
	if !f.maySend(ro) || !f.resend(ro) {
		f.route.current = nil
		return false
	}
	return true
}

// adoptOrphans puts the orphans before the rest of the backlog, and pays for them. As handlers emit
// no more than they consume, there are no more of these than the group had items when NEW work was halted.
func (f *Forwarder[T]) adoptOrphans() {
	f.g.credits.give(-len(f.orphans))
	f.backlog = append(f.orphans, f.backlog...)
	f.orphans = nil
}

// comesBack puts what was on its way to the lanes before the rest of the backlog, which is newer: while there is a
// backlog, only what was at its front goes into a lane.
func (f *Forwarder[T]) comesBack(back []routed[T]) {
	if len(back) > 0 {
		f.backlog = append(back, f.backlog...)
	}
}

// unspill appends to back what the outbox has for closed lanes.
func (f *Forwarder[T]) unspill(back []routed[T]) []routed[T] {
	kept := f.outbox[:0]
	for _, s := range f.outbox {
		if f.out[s.to].lane.Closed() {
			f.behind[s.to]--
			f.route.sent(s.to, -1)
			back = append(back, s.routed)
		} else {
			kept = append(kept, s)
		}
	}
	clear(f.outbox[len(kept):])
	f.outbox = kept
	return back
}

// resend empties the backlog, in order, and reports whether it could.
func (f *Forwarder[T]) resend(ro *roster[T]) bool {
	for len(f.backlog) > 0 {
		r := f.backlog[0]
		if r.to >= 0 && ro.worker(r.to) == nil {
			r.to = -1 // its worker has gone: any other
		}
		i, err := r.to, error(nil)
		if i < 0 {
			if i, err = f.route.pick(r.key); err != nil || i < 0 {
				return false
			}
		}
		o := &f.out[i]
		if ro.doomed != nil && ro.workers[i] == ro.doomed {
			f.g.credits.give(1)
			f.orphans = append(f.orphans, r)
			f.backlog = f.backlog[1:]
			continue
		}
		if f.behind[i] > 0 {
			return false
		}
		if o.lane == nil || o.lane.Closed() {
			err = f.reopen(i)
		}
		switch {
		case err == ErrClosed && f.g.roster.Load() == ro:
			f.lost(r) // that worker has ended
		case err != nil || !f.stage(i, r):
			return false
		default:
			f.route.sent(i, 1)
		}
		f.backlog = f.backlog[1:]
	}
	f.backlog = nil
	return true
}
