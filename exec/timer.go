package exec

import (
	"fmt"
	"time"
)

// Timer is an armed timer of one Exec. It belongs to that loop: its methods may be
// called only there. It may be copied. The zero Timer is one that has fired.
type Timer struct {
	l    *Local
	node *taskTimer
	gen  uint64 // the node's generation when it was armed
}

// After runs t on this loop once d has passed on the Exec's clock, which is read
// afresh here: never early, and late by no more than the turns take that the
// timers before it need. A d that is zero or negative fires in the next turn.
// Timers fire in the order of their deadlines, those with equal deadlines in the
// order in which they were armed. It reports false, and counts a reject, when
// MaxTimers are armed. It panics if t is nil.
func (l *Local) After(d time.Duration, t Task) (Timer, bool) {
	l.checkTimer(t, "After")
	return l.startTimer(l.timers.in(l.clock(), d), 0, t)
}

// At is After with a deadline on the Exec's clock, the one that Now reads. One
// that has passed fires in the next turn.
func (l *Local) At(when time.Duration, t Task) (Timer, bool) {
	l.checkTimer(t, "At")
	return l.startTimer(l.timers.at(l, when), 0, t)
}

// Every runs t again and again, first when d has passed and from then on at each
// multiple of d. Ticks that a busy loop has missed are not made up for: the next
// one is at the first multiple that is still to come. The timer is armed all the
// time, also while t runs, and in its own task it can be stopped and reset; a
// panic ends that run of t but not the timer. Each tick counts as a task of its
// own. The result is as for After. It panics if d is not positive or t is nil.
func (l *Local) Every(d time.Duration, t Task) (Timer, bool) {
	l.checkTimer(t, "Every")
	if d <= 0 {
		panic(fmt.Sprintf("exec: Every with a period of %v: it must be positive", d))
	}
	return l.startTimer(l.timers.in(l.clock(), d), d, t)
}

func (l *Local) checkTimer(t Task, method string) {
	l.check()
	mustTask(t, method)
}

func (l *Local) startTimer(when uint64, period time.Duration, t Task) (Timer, bool) {
	q := &l.timers
	if q.full(l) {
		return Timer{}, false
	}
	n := q.take()
	n.task, n.period = t, period
	q.put(&n.timerNode, when)
	l.n[cSpawned]++
	return Timer{l, n, n.gen}, true
}

// Armed reports whether the timer is going to fire. It must be called on the
// timer's loop.
func (t Timer) Armed() bool {
	if t.l == nil {
		return false
	}
	t.l.check()
	return t.node.gen == t.gen
}

// Stop disarms the timer and reports whether it did: false when it has fired or
// was stopped before. Its task (of an Every: its next run) then counts as
// returned, to the caller. It must be called on the timer's loop.
func (t Timer) Stop() bool {
	if !t.Armed() {
		return false
	}
	q := &t.l.timers
	q.remove(&t.node.timerNode)
	q.give(t.node)
	t.l.n[cReturned]++
	return true
}

// Reset moves the timer to d from now, as if it had been armed now: zero and
// negative mean the next turn. The ticks of an Every then go on from there, with
// the same period. It reports false, and does nothing, when the timer has fired or
// was stopped. It must be called on the timer's loop.
func (t Timer) Reset(d time.Duration) bool {
	if !t.Armed() {
		return false
	}
	q := &t.l.timers
	q.remove(&t.node.timerNode)
	q.put(&t.node.timerNode, q.in(t.l.clock(), d))
	return true
}

// taskTimer is the node behind a Timer. What Stop reads is at its beginning, next to
// each other: of many timers the one that is stopped is in no cache.
type taskTimer struct {
	gen uint64 // counts the uses of this node, so that an old Timer does nothing
	timerNode
	task   Task
	period time.Duration // of an Every, or 0
}

// take returns a node that is free. Nodes are never given up: arming allocates
// only while more timers are armed than ever before. The one freed last is the
// first to be used, because it is still in the cache.
func (q *timers) take() *taskTimer {
	if q.free == nil {
		n := &taskTimer{}
		n.owner = n
		return n
	}
	n := q.free.owner.(*taskTimer)
	q.free, n.next = n.next, nil
	return n
}

// give takes back a node that is not in the wheel.
func (q *timers) give(n *taskTimer) {
	n.gen++
	n.task = nil
	n.next, q.free = q.free, &n.timerNode
}

// expired runs the task. A periodic timer is armed again first, so that its task
// finds it armed.
func (n *taskTimer) expired(l *Local) {
	q, t := &l.timers, n.task
	if n.period > 0 {
		q.put(&n.timerNode, nextTick(n.when, uint64(n.period), q.now))
		l.n[cSpawned]++
	} else {
		q.give(n)
	}
	l.runTimer(t)
}

// nextTick returns the first multiple of period from when on that is after now.
// Beyond the end of time is at the end of time.
func nextTick(when, period, now uint64) uint64 {
	missed := (now - when) / period
	return later(when+missed*period, period)
}
