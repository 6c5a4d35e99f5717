package exec

import "time"

// arm makes n.owner wait until when, on the Exec's clock; one that has passed is in
// the next turn. If n is armed already, it is moved. It reports false, and counts a
// reject, when MaxTimers are armed: nodes count as timers. They do not count as
// tasks, and Drain does not return them.
//
// n is a part of the owner's own struct, so arming allocates nothing. It belongs
// to the loop while it is armed.
func (l *Local) arm(n *timerNode, when time.Duration) bool {
	q := &l.timers
	if n.armed {
		q.remove(n)
	} else if q.full(l) {
		return false
	}
	q.put(n, q.at(l, when))
	return true
}

// disarm ends the wait of n, if it is armed.
func (l *Local) disarm(n *timerNode) {
	if n.armed {
		l.timers.remove(n)
	}
}
