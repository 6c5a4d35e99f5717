package exec

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// stopGrace is how long Drain gives the running task to return once the time
// for draining is over.
const stopGrace = 100 * time.Millisecond

// Stop ends the Exec after the turn that it is in: nothing more is accepted, and
// what was accepted and not run stays for Drain (and Inbox.Undone) to return. It
// does not wait: Wait does. Anyone may call it, any number of times, also on the
// loop.
func (x *Exec) Stop() {
	x.mu.Lock()
	s := x.state
	switch s {
	case made:
		x.state = ended
		if x.err == nil {
			x.err = x.fatal
		}
	case stepping, threaded:
		x.signal(ctlStop) // with mu held: a Step that ends looks at it afterwards
	}
	x.mu.Unlock()
	for _, in := range x.allInboxes() {
		in.closeRings()
	}
	if s == made {
		defer func() { // after the rings: what was accepted is then there to be returned
			close(x.done)
			x.tellCallers()
		}()
		x.endStepped()
	}
}

// endStepped ends the coroutines of an Exec that nobody will step again.
func (x *Exec) endStepped() {
	l := x.loop
	if len(l.live)+len(l.idle)+len(l.worn)+len(l.calls.peers)+len(l.calls.replies) == 0 && l.blocking == nil && len(l.atEnd) == 0 && !(l.started && x.cfg.OnStop != nil) {
		return
	}
	l.enter()
	defer l.leave()
	defer l.publish()
	l.endAll()
}

// endAll ends the coroutines and all carriers, also if some of the coroutines panic. The
// last panic goes on to the caller.
func (l *Local) endAll() {
	returned := false
	defer func() {
		if !returned {
			l.n[cPanics]++
			l.endAll()
		}
	}()
	l.endCoroutines()
	if f := l.x.cfg.OnStop; f != nil && l.started {
		l.started = false // once
		f(l)
	}
	l.runAtEnd()
	l.flush() // what they have sent, and answered
	l.endExited()
	returned = true
}

// Quiesce cancels the coroutines that have asked for it by CancelOnDrain, and those that
// will ask, and closes the Mailboxes, so that those who receive from them come to an end.
// Tasks, and calls, from outside are refused from then on; lanes, and with them the calls
// between workers, stay open. The Drain of a group begins with it; anyone may call it before.
func (x *Exec) Quiesce() {
	x.tasks.shared.Close()
	x.signal(ctlQuiesce)
}

// Drain ends the Exec gracefully: nothing more is accepted, what was accepted is
// run, and the loop ends. Coroutines that have asked for it (CancelOnDrain) are
// cancelled, all others go on until they end. If ctx ends first the loop is stopped
// after the turn that it is in, and every coroutine is cancelled; of the jobs of GoBlocking
// those that have begun go on (see [Exec.WaitBlocking]). Drain returns the tasks that were
// accepted and not run: after a complete drain only those of timers that were armed. It
// empties the Exec, so a second Drain returns none; values in typed inboxes are returned by
// [Inbox.Undone].
//
// The error is nil after a complete drain, and ctx's otherwise. A task that does
// not return cannot be interrupted: then the error also wraps ErrRunning, nothing
// is returned, and Drain may be called again. On a loop it returns ErrOnLoop.
// An Exec that was never started runs nothing and returns everything.
func (x *Exec) Drain(ctx context.Context) (undone []Task, err error) {
	if OnLoop() {
		return nil, ErrOnLoop
	}
	x.mu.Lock()
	s := x.state
	x.mu.Unlock()
	if s == threaded {
		for _, in := range x.allInboxes() {
			in.closeRings()
		}
		x.signal(ctlDrain)
		select {
		case <-x.done:
		case <-ctx.Done():
			err = fmt.Errorf("exec: %s: drain: %w", x.cfg.Name, ctx.Err())
			x.Stop()
		}
	} else {
		x.Stop()
		x.mu.Lock()
		s = x.state
		x.mu.Unlock()
		if s == ended {
			<-x.done // nothing but the closing of rings is left to wait for
		}
	}
	select {
	case <-x.done:
	case <-time.After(stopGrace):
		if !x.Ended() { // both may have come true on a busy machine
			return nil, errors.Join(err, fmt.Errorf("exec: %s: a task has not returned: %w", x.cfg.Name, ErrRunning))
		}
	}
	return x.takeUndone(), err
}

// takeUndone empties an Exec whose loop has ended.
func (x *Exec) takeUndone() (undone []Task) {
	x.setAside(func() {
		l := x.loop
		undone = append(x.control.takeAll(), x.tasks.takeAll()...)
		for l.queue.len() > 0 {
			undone = append(undone, l.queue.pop())
		}
		undone = append(unsent(undone), l.timers.takeAll()...)
		l.n[cReturned] += uint64(len(undone))
	})
	return undone
}

// setAside runs f as the loop's successor: the loop has ended, and f has its data
// to itself.
func (x *Exec) setAside(f func()) {
	x.mu.Lock()
	defer x.mu.Unlock()
	f()
	x.loop.publish()
}

// Ended reports whether the loop has ended. Anyone may call it.
func (x *Exec) Ended() bool {
	select {
	case <-x.done:
		return true
	default:
		return false
	}
}

// end notes that the loop will not run again.
func (x *Exec) end(err error) {
	x.tid.Store(0)
	x.board.turn.StoreRelease(0)
	x.mu.Lock()
	x.state = ended
	if err == nil {
		err = x.fatal
	}
	x.err = err
	x.mu.Unlock()
	for _, in := range x.allInboxes() {
		in.closeRings()
	}
	close(x.done)
	x.tellCallers()
}
