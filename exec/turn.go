package exec

import (
	"fmt"
	"runtime/trace"
	"time"

	"github.com/pushcore/pushcore/internal/mem"
)

// phase is a part of a turn. Every turn goes through all of them in this order,
// each within its budget, so that none starves another.
type phase int

const (
	phaseControl phase = iota
	phaseWoken
	phaseQueue
	phaseInboxes
	phaseSources
	phaseTimers
	phaseReady
	phaseFlush
	phaseEnd
)

// turn runs one turn and returns how much it did: tasks run, items taken, what
// sources report. A turn that a Goexit (or in Step a panic) has cut short is
// finished first.
func (l *Local) turn() int {
	if l.turned() {
		l.x.board.turn.StoreRelease(uint64(l.lastTicks))
		if trace.IsEnabled() != l.tracing || l.tracing && l.lastTicks-l.tracedAt > l.pace.renew {
			l.traced()
		}
		l.phase, l.did, l.held = phaseControl, 0, false
		l.ownTicks, l.backlog = 0, false
		if l.x.cfg.Clock != nil {
			l.began = l.clock()
		}
	} else if l.x.board.turn.Load() == 0 { // it goes on with a new thread
		l.x.board.turn.StoreRelease(uint64(l.lastTicks))
	}
	if l.x.cfg.OnPanic == nil {
		l.runPhases()
	} else {
		for !l.turned() {
			l.runPhasesGuarded()
		}
	}
	l.account()
	return l.did
}

// runPhases goes on from l.phase and l.at. Both are advanced before the work
// begins: a panic in it resumes with the next inbox, source or flusher, and
// whatever else the one that failed had to do waits for the next turn.
func (l *Local) runPhases() {
	switch l.phase {
	case phaseControl:
		for l.at < len(l.control) {
			l.at++
			l.did += l.control[l.at-1].poll(l, controlBudget)
		}
		l.phase, l.at = phaseWoken, 0
		fallthrough
	case phaseWoken:
		l.phase = phaseQueue
		if l.woken != nil || l.x.woken.Load() != nil {
			l.did += l.runWoken()
		}
		fallthrough
	case phaseQueue:
		l.phase = phaseInboxes
		if l.queue.head != l.queue.tail {
			switch cfg := &l.x.cfg; {
			case l.tracing && cfg.Sim == nil:
				l.did += l.inRegion("tasks", func() int { return l.runQueue(min(l.share, l.budget)) })
				l.ownTicks = mem.Ticks() - l.lastTicks
			case cfg.Sim == nil:
				l.did += l.runQueue(min(l.share, l.budget))
				l.ownTicks = mem.Ticks() - l.lastTicks
			default:
				l.did += l.runShuffled(cfg.Sim, cfg.LocalBudget)
			}
		}
		fallthrough
	case phaseInboxes:
		for l.at < len(l.inboxes) {
			l.at++
			n := l.inboxes[l.at-1].poll(l, l.x.cfg.Burst)
			l.backlog = l.backlog || n >= l.x.cfg.Burst
			l.did += n
		}
		l.phase, l.at = phaseSources, 0
		fallthrough
	case phaseSources:
		for l.at < len(l.sources) {
			l.at++
			l.reserve = true
			l.did += l.sources[l.at-1].poll(l)
		}
		l.phase, l.at = phaseTimers, 0
		fallthrough
	case phaseTimers:
		l.phase = phaseReady
		if l.timers.n > 0 {
			if l.tracing {
				l.did += l.inRegion("timers", func() int { return l.fireTimers(timerBudget) })
			} else {
				l.did += l.fireTimers(timerBudget)
			}
		}
		fallthrough
	case phaseReady: // behind all that may have made them ready
		l.phase = phaseFlush
		if l.replied != nil || l.x.replied.Load() != nil {
			l.did += l.takeReplies(replyBudget)
		}
		if l.anyReady() {
			if l.tracing {
				l.did += l.inRegion("coroutines", func() int { return l.runReady(l.budget) })
			} else {
				l.did += l.runReady(l.budget)
			}
		}
		fallthrough
	case phaseFlush:
		l.phase = phaseEnd
		fallthrough
	case phaseEnd:
		for l.at < len(l.flushers) {
			l.at++
			if l.flushers[l.at-1].Flush(l) {
				l.held = true
			}
		}
		l.at = 0
	}
}

// turned reports whether the last turn has gone through all of its phases.
func (l *Local) turned() bool { return l.phase == phaseEnd && l.at == 0 }

// Budgets that are not worth a Config field, per turn.
const (
	controlBudget = 32 // tasks from the control inbox
	timerBudget   = 64 // timers that fire
)

// A LocalBudget of long tasks would keep the inboxes waiting for long: one of 256 tasks of
// 10 us each takes 2.6 ms. So a turn that has taken longer than longTurn halves the budget,
// down to leastBudget, and a shorter one doubles it again. Where an inbox gives its whole
// Burst to each turn, local tasks (not coroutines) get no more of a turn than half: one at
// least.
const (
	longTurn    = 100 * time.Microsecond
	leastBudget = 4
)

// adjustBudget is told how many ticks a turn has taken. A stepped Exec keeps its budget: its
// turns must not hang on how fast the machine is.
func (l *Local) adjustBudget(spent int64) {
	if !l.threaded {
		return
	}
	most := l.x.cfg.LocalBudget
	switch {
	case spent > l.longTurn:
		l.budget = max(l.budget/2, min(leastBudget, most))
	case l.budget < most:
		l.budget = min(2*l.budget, most)
	}
	switch {
	case l.backlog && l.ownTicks > spent-l.ownTicks:
		l.share = max(min(l.share, l.budget)/2, 1)
	case l.share < l.budget:
		l.share = min(2*l.share, l.budget)
	}
}

// runQueue runs up to budget local tasks, those included that they spawn. This is
// the hot path: no locked instruction, no allocation (TestLocalDispatchHasNoLock).
func (l *Local) runQueue(budget int) (n int) {
	if l.timesOneOf(budget) {
		return l.runQueueTimed(budget)
	}
	for q := &l.queue; n < budget && q.head != q.tail; n++ {
		t := q.pop()
		l.reserve = true
		l.n[cRan]++
		l.running.task = t
		t.Run(l)
	}
	l.running.task = nil
	return n
}

// runQueueTimed is runQueue when one of the tasks may be timed.
func (l *Local) runQueueTimed(budget int) (n int) {
	for q := &l.queue; n < budget && q.head != q.tail; n++ {
		t := q.pop()
		l.reserve = true
		l.n[cRan]++
		l.running.task = t
		l.run(t)
	}
	l.running.task = nil
	return n
}

// timesOneOf reports whether one of the next n tasks may have to be timed.
func (l *Local) timesOneOf(n int) bool { return l.n[cRan]+uint64(n) >= l.timed.next }

// run runs a task that was counted, and times some.
func (l *Local) run(t Task) {
	if l.n[cRan] < l.timed.next {
		t.Run(l)
	} else {
		l.runTimed(t)
	}
}

//go:noinline
func (l *Local) runTimed(t Task) {
	began, n := mem.Ticks(), l.n[cRan]
	t.Run(l)
	now := mem.Ticks()
	l.runTime.note(l.pace.duration(now-began), l.timed.took(n, now, l.pace.every))
}

// runBatch runs tasks that came through an inbox and returns how many. It stops
// before a task for which the local queue has no slot to reserve.
func (l *Local) runBatch(batch []Task) int {
	r := &l.running
	timed := l.timesOneOf(len(batch))
	for i, t := range batch {
		if l.queue.len() > l.queue.limit {
			return i
		}
		l.reserve = true
		l.n[cRan]++
		r.task, r.done = t, i+1
		if !timed {
			t.Run(l)
		} else {
			l.run(t)
		}
	}
	r.task = nil
	return len(batch)
}

// noteLong counts a turn that took longer than sampleEvery. There cannot be many of these, so none is left out.
//
//go:noinline
func (l *Local) noteLong(spent int64) {
	if l.observed {
		l.turnTime.note(l.pace.duration(spent), 1)
	}
}

// noteShort counts one that stands for several.
//
//go:noinline
func (l *Local) noteShort(spent int64) {
	l.turnTime.note(l.pace.duration(spent), l.timedTurn.took(l.short, l.lastTicks, l.pace.every))
}

// RunTasks is the handler of an inbox of Tasks: it runs them one by one. A panic
// fails only the task it happened in. A handler that calls it must pass on the whole
// batch that it was given; RunTasks panics if the length is another.
func RunTasks(l *Local, batch []Task) (n int) {
	l.check()
	if len(batch) == 0 {
		return 0
	}
	if l.running.ring == nil || len(batch) != l.running.items {
		panic(fmt.Sprintf("exec: RunTasks was called with %d tasks while the batch in hand has %d: it must be given the whole batch", len(batch), l.running.items))
	}
	if l.running.late {
		panic("exec: RunTasks was called by OnExpired: these tasks have waited for too long to be run")
	}
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

// account closes the books of a turn.
func (l *Local) account() {
	now := mem.Ticks()
	spent := uint64(now - l.lastTicks)
	l.lastTicks = now
	l.n[cTurns]++
	if int64(spent) > l.pace.stall {
		l.n[cStalls]++
	}
	if l.did == 0 {
		l.n[cEmptyTurns]++
		l.n[cIdle] += spent
		l.publishIfDue()
		return
	}
	l.n[cBusy] += spent
	if l.sincePark += l.did; l.asked && l.sincePark > askUntil {
		l.askNoMore()
	}
	l.adjustBudget(int64(spent))
	l.n[cMaxDepth] = max(l.n[cMaxDepth], l.queue.len())
	if int64(spent) > l.pace.every {
		l.noteLong(int64(spent))
	} else if l.short++; l.short >= l.timedTurn.next {
		l.noteShort(int64(spent))
	}
	l.unshown = true
	l.publishIfDue()
}
