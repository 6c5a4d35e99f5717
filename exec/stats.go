package exec

import (
	"time"

	"github.com/pushcore/pushcore/internal/mem"
)

// BatchSizeBuckets is the length of [Stats].BatchSizes.
const BatchSizeBuckets = 16

// Stats is what an Exec has done since it was made. All counts only grow, but for Coroutines, Blocking and Depth, which
// are of now. The loop's own counts are one consistent picture of the end of a turn.
type Stats struct {
	Turns      uint64 // passes of the loop
	EmptyTurns uint64 // those that found nothing to do

	Spawned     uint64 // tasks accepted by Spawn and After, coroutines, and jobs of GoBlocking
	Tasks       uint64 // tasks and coroutines begun, from wherever they came, and jobs that have been run
	TasksFailed uint64 // those that panicked or called Goexit
	Control     uint64 // those that came by TryControl
	Timers      uint64 // those that a timer started
	Coroutines  int    // coroutines that were started and have not ended, now
	Blocking    int    // jobs that are not over, now; after the end of the Exec those that still run
	JobsUndone  uint64 // jobs that never began because the Exec has ended; they are Returned, too
	Resumes     uint64 // times that a coroutine began or went on
	Cancelled   uint64 // coroutines that were cancelled
	Items       uint64 // values consumed by batch handlers
	ItemsFailed uint64 // values whose batch panicked
	Expired     uint64 // values that have waited for longer than InboxConfig.MaxWait
	Returned    uint64 // tasks and values given back undone, timers stopped, and jobs that never began

	Batches    uint64                   // handler calls that consumed something
	BatchSizes [BatchSizeBuckets]uint64 // by size: bucket i counts 2^i to 2^(i+1)-1, the last all above

	Depth    int // tasks and items that wait now, in the queue and in all inboxes
	MaxDepth int // most that a turn has seen waiting in the local queue or in one inbox

	Parks         uint64 // times the thread went to sleep
	Membarriers   uint64 // membarrier calls, one for each attempt to park, but for
	FencedParks   uint64 // those for which senders fence, because parks come thick
	WakesReceived uint64 // wake system calls made for this Exec
	WakesSent     uint64 // wake system calls that its own loop made through lanes (see Lane.OwnedBy)
	Rejects       uint64 // tasks and items refused because something was full or closed
	Panics        uint64 // panics and Goexits

	Busy time.Duration // time spent in turns that did something
	Idle time.Duration // time spent in turns that found nothing, and parked

	Slept  time.Duration // the part of Idle in which the thread slept
	Stalls uint64        // turns that took longer than Config.StallAfter
}

// Executed is the number of tasks and values that were dealt with and did not
// fail.
func (s Stats) Executed() uint64 { return s.Tasks - s.TasksFailed + s.Items }

// Failed is the number of tasks and values that panicked or ended in Goexit.
func (s Stats) Failed() uint64 { return s.TasksFailed + s.ItemsFailed }

// Counters of the loop, in the order in which they lie in memory. Those of its inboxes are in their sheets.
const (
	cTurns = iota
	cEmptyTurns
	cSpawned
	cRan   // tasks that have gone through run
	cTasks // all others, coroutines, and jobs
	cTasksFailed
	cControl
	cCoroutines
	cBlocking
	cJobsUndone
	cResumes
	cCancelled
	cTimers
	cItems
	cItemsFailed
	cReturned
	cMaxDepth // of the local queue
	cParks
	cMembarriers
	cFencedParks
	cWakesSent
	cRejects
	cPanics
	cStalls
	cBusy  // in ticks
	cIdle  // in ticks
	cSlept // in ticks
	cSince // ticks when the thread went to sleep, if it has done nothing since that is shown
	cQueued
	cEnd
)

// counters are the loop's own; nobody else reads them.
type counters [cEnd]uint64

// gauges brings the counters up to date that are not counts.
func (l *Local) gauges() {
	l.n[cQueued], l.n[cCoroutines], l.n[cBlocking] = l.queue.len(), uint64(len(l.live)), uint64(l.jobs)
}

// Stats returns the counters as of the end of a turn: the last one before the loop went to sleep; if it is busy, one of
// some 50 microseconds ago, or, if the turn under way has lasted for longer, one of as long before that turn; if it polls
// in vain, one of some milliseconds ago. Anyone may call it at any time; it costs the loop nothing.
func (x *Exec) Stats() Stats {
	x.mu.Lock()
	defer x.mu.Unlock()
	var s Stats
	x.board.look(func() {
		n := x.board.read()
		x.board.sleepSoFar(&n)
		s = x.stats(n)
		for _, in := range x.inboxes {
			a := in.account()
			n := a.read()
			a.addTo(&s, &n)
		}
	})
	s.Depth += x.waiting()
	return s
}

// Stats returns the counters as they are now, in the middle of a turn.
func (l *Local) Stats() Stats {
	l.check()
	l.gauges()
	s := l.x.stats(l.n)
	for _, a := range l.sheets {
		a.addTo(&s, &a.n)
	}
	l.x.mu.Lock()
	defer l.x.mu.Unlock()
	s.Depth += l.x.waiting()
	return s
}

// stats is what a set of counters says, without those of the inboxes.
func (x *Exec) stats(n counters) Stats {
	return Stats{
		Turns: n[cTurns], EmptyTurns: n[cEmptyTurns],
		Spawned: n[cSpawned], Tasks: n[cRan] + n[cTasks], TasksFailed: n[cTasksFailed], Control: n[cControl],
		Coroutines: int(n[cCoroutines]), Blocking: int(n[cBlocking]), JobsUndone: n[cJobsUndone], Resumes: n[cResumes], Cancelled: n[cCancelled], Timers: n[cTimers],
		Items: n[cItems], ItemsFailed: n[cItemsFailed], Returned: n[cReturned],
		Depth: int(n[cQueued]), MaxDepth: int(n[cMaxDepth]),
		Parks: n[cParks], Membarriers: n[cMembarriers], FencedParks: n[cFencedParks],
		WakesReceived: x.wakes.Load(), WakesSent: n[cWakesSent],
		Rejects: n[cRejects] + x.rejects.Load(), Panics: n[cPanics], Stalls: n[cStalls],
		Busy: mem.TicksDuration(int64(n[cBusy])), Idle: mem.TicksDuration(int64(n[cIdle])), Slept: mem.TicksDuration(int64(n[cSlept])),
	}
}

// waiting returns how many items are in all inboxes. It is called with mu held.
func (x *Exec) waiting() (n int) {
	for _, in := range x.inboxes {
		n += in.waiting()
	}
	return n
}
