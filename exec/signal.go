package exec

import "time"

// Signal is what coroutines of one Exec wait for, and anything on its loop can give: a
// condition variable without a lock, because nothing else runs between a look at the
// condition and the Wait. Who waits looks again after it: another coroutine may have been
// there first.
//
// It is meant to be a part of a struct that the condition is about. Init comes first, and
// a Signal must not be copied after it.
type Signal struct {
	l       *Local
	waiters waitList
}

// Init makes s a Signal for the coroutines of l.
func (s *Signal) Init(l *Local) {
	l.check()
	s.l = l
}

// Wait waits until the Signal is given.
func (s *Signal) Wait(co *Co) error {
	if s.l != co.l {
		return ErrForeign
	}
	if err := co.mayWait(); err != nil {
		return err
	}
	return co.await(&s.waiters)
}

// WaitFor is Wait for d at most: the error is ErrTimeout when d has passed, at once if d is
// zero or negative. It wraps ErrTooMany when MaxTimers are armed.
func (s *Signal) WaitFor(co *Co, d time.Duration) error {
	if s.l != co.l {
		return ErrForeign
	}
	if err := co.mayWait(); err != nil {
		return err
	}
	if d <= 0 {
		return ErrTimeout
	}
	w := &co.carrier.place
	if err := w.expireIn(d); err != nil {
		return err
	}
	s.waiters.push(w)
	w.late = ErrTimeout
	err := co.wait()
	w.late = nil
	return err
}

// Wake ends the wait of the coroutine that has waited for longest, and reports whether
// there was one.
func (s *Signal) Wake() bool { return s.waiters.wakeOne() }

// WakeAll ends the waits of all.
func (s *Signal) WakeAll() { s.waiters.wakeAll() }

// Waited reports whether a coroutine waits.
func (s *Signal) Waited() bool { return !s.waiters.empty() }
