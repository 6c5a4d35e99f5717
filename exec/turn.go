package exec

import "github.com/pushcore/pushcore/internal/mem"

// phase is a part of a turn. Every turn goes through all of them in this order,
// each within its budget, so that none starves another.
type phase int

const (
	phaseControl phase = iota
	phaseQueue
	phaseInboxes
	phaseSources
	phaseTimers
	phaseFlush
	phaseEnd
)

// turn runs one turn and returns how much it did: tasks run, items taken, what
// sources report.
func (l *Local) turn() int {
	l.phase, l.did, l.held = phaseControl, 0, false
	if l.x.cfg.OnPanic == nil {
		l.runPhases()
	} else {
		for l.phase != phaseEnd {
			l.runPhasesGuarded()
		}
	}
	l.account()
	return l.did
}

// runPhases goes on from l.phase. The phase is advanced before its work begins: a
// panic in it resumes with the next one, and the rest of its work waits for the
// next turn.
func (l *Local) runPhases() {
	switch l.phase {
	case phaseControl:
		l.phase = phaseQueue
		for _, in := range l.control {
			l.did += in.poll(l, controlBudget)
		}
		fallthrough
	case phaseQueue:
		l.phase = phaseInboxes
		if l.queue.head != l.queue.tail {
			l.did += l.runQueue(l.x.cfg.LocalBudget)
		}
		fallthrough
	case phaseInboxes:
		l.phase = phaseSources
		for _, in := range l.inboxes {
			l.did += in.poll(l, l.x.cfg.Burst)
		}
		fallthrough
	case phaseSources:
		l.phase = phaseTimers
		for _, s := range l.sources {
			l.reserve = true
			l.did += s.Poll(l, l.x.cfg.Burst)
		}
		fallthrough
	case phaseTimers:
		l.phase = phaseFlush
		if len(l.timers.heap) > 0 {
			l.did += l.fireTimers(timerBudget)
		}
		fallthrough
	case phaseFlush:
		l.phase = phaseEnd
		l.flush()
	}
}

// Budgets that are not worth a Config field, per turn.
const (
	controlBudget = 32 // tasks from the control inbox
	timerBudget   = 64 // timers that fire
)

// runQueue runs up to budget local tasks, those included that they spawn. This is
// the hot path: no locked instruction, no allocation (TestLocalDispatchHasNoLock).
func (l *Local) runQueue(budget int) (n int) {
	for q := &l.queue; n < budget && q.head != q.tail; n++ {
		t := q.pop()
		l.reserve = true
		l.n[cTasks]++
		l.running.task = t
		t.Run(l)
	}
	l.running.task = nil
	return n
}

// runBatch runs tasks that came through an inbox and returns how many. It stops
// before a task for which the local queue has no slot to reserve.
func (l *Local) runBatch(batch []Task) int {
	r := &l.running
	for i, t := range batch {
		if l.queue.len() > l.queue.limit {
			return i
		}
		l.reserve = true
		l.n[cTasks]++
		r.task, r.done = t, i+1
		t.Run(l)
	}
	r.task = nil
	return len(batch)
}

// RunTasks is the handler of an inbox of Tasks: it runs them one by one. A panic
// fails only the task it happened in.
func RunTasks(l *Local, batch []Task) (n int) {
	l.check()
	l.running.single = true
	return l.runBatch(batch)
}

// flush publishes what was staged in this turn.
func (l *Local) flush() {
	for _, f := range l.flushers {
		if f.Flush(l) {
			l.held = true
		}
	}
}

// account closes the books of a turn: the counters are shown to Stats after a
// turn that did something, and before parking.
func (l *Local) account() {
	now := mem.Ticks()
	spent := uint64(now - l.lastTicks)
	l.lastTicks = now
	l.n[cTurns]++
	if l.did == 0 {
		l.n[cEmptyTurns]++
		l.n[cIdle] += spent
		return
	}
	l.n[cBusy] += spent
	l.n[cMaxDepth] = max(l.n[cMaxDepth], l.queue.len())
	l.publish()
}
