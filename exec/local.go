package exec

import (
	"context"
	"runtime/trace"
	"time"

	"github.com/pushcore/pushcore/internal/mem"
)

// Local is an Exec seen from inside. It is handed to whatever runs on the loop,
// and only while that runs; its methods may be called nowhere else. In race
// builds and with the build tag execcheck a call from another goroutine panics
// with a message that names both.
type Local struct {
	x     *Exec
	owner mem.Index // token of the goroutine that holds the loop now, or 0
	//lint:ignore U1000 checked builds have something in it
	guard

	queue   queue
	reserve bool // the running task has not used the slot that is kept for it
	started bool // OnStart has run
	looping bool // the thread is in its loop, so that a Goexit there can be survived
	running running

	phase phase
	at    int // inboxes, sources or flushers of this phase that have had their turn
	did   int // what this turn has done so far

	inboxes  []inbox // the task inbox first, then those made by NewInbox
	control  []inbox
	sources  []*polled
	sheets   []*sheet // the inboxes'
	flushers []Flusher
	clock    func() time.Duration

	// Coroutines.
	base     strand  // the goroutine that runs the turns
	on       *strand // who holds the loop
	threaded bool    // the base is a thread's, so that strands sleep in slots
	ready    coList  // those that can go on
	batch    coList  // made ready by the coroutine that holds the loop
	hop      uint8   // of that coroutine
	yielded  coList  // those that can in the next round
	round    int     // coroutines that this round has still to run
	live     live
	idle     []*carrier // the one that lay down last is last
	idleLow  int        // fewest idle ones since the last trim
	trimmed  int64      // ticks at that time
	worn     []*carrier
	exited   int         // carriers that are in the middle of a Goexit
	spare    []*detached // to be used again
	crash    *Panic      // of the coroutine that ran last
	parked   waitList
	quiesced bool   // a drain has begun
	finished bool   // nothing will run on the loop any more
	depth    int    // Goexits that its thread is in the middle of
	ending   bool   // no coroutine begins any more
	woken    *Waker // taken and not yet dealt with

	calls                calls
	replied, lastReplied *call         // taken and not yet dealt with
	blocking             *blockingPool // nil before the first job
	jobs                 int           // accepted and not over
	slice                int64         // Config.Slice in ticks
	longTurn             int64         // longTurn in ticks
	budget               int           // tasks, and coroutines, of a turn: LocalBudget or less
	share                int           // local tasks of a turn while inboxes have a backlog: budget or less
	ownTicks             int64         // of the turn, until it had run its local tasks; 0: it had none
	backlog              bool          // an inbox gave its whole Burst to this turn
	began                time.Duration // the turn, on a clock of the user's

	atDrain, atEnd []func(l *Local)

	sincePark int  // what was done since the last park
	thick     int  // parks in a row before which little was done
	asked     bool // senders were asked to fence
	fencing   bool // and all know

	held      bool // a handler held items back, or a flusher could not flush
	lastTicks int64
	n         counters
	ladder    ladder

	tracing   bool // an execution trace is taken
	traceCtx  context.Context
	traceTask *trace.Task
	tracedAt  int64 // ticks when it was made

	// What others are shown: see board.go.
	observed  bool // Config.NoStats is not set
	unshown   bool // something has changed since
	shownAt   int64
	pace      pace
	timed     sampler // tasks
	timedCo   sampler // coroutines
	timedTurn sampler // turns that did something, and were short
	short     uint64  // how many these were
	timedLag  sampler // timers
	fired     uint64  // how many
	resumed   int64   // ticks when the coroutine that is timed went on; 0: none is
	turnTime  recorder
	runTime   recorder
	timerLag  recorder

	timers timers // last: it is large
}

// Exec returns the handle of this loop, which may be given to anyone.
func (l *Local) Exec() *Exec { return l.x }

// Now reads the Exec's clock: the time since some fixed point.
func (l *Local) Now() time.Duration {
	l.check()
	return l.clock()
}

// Spawn queues t to be run on this loop, after what is queued already. It
// reports false, and counts a reject, when the local queue holds LocalCap tasks;
// the task that calls it may nevertheless spawn one, so a task that re-posts
// itself, and nothing else, never fails. (What a control task, a timer, a
// handler or a source spawns has that guarantee only while the queue is not
// full.) It panics if t is nil.
func (l *Local) Spawn(t Task) bool {
	l.check()
	if t == nil {
		panic("exec: Spawn of a nil Task")
	}
	if l.queue.tail-l.queue.head >= l.queue.limit && !l.useReserve() {
		return false
	}
	l.queue.push(t)
	l.n[cSpawned]++
	return true
}

// useReserve gives out the slot that the running task owns, once.
func (l *Local) useReserve() bool {
	if !l.reserve || l.queue.len() > l.queue.limit {
		l.n[cRejects]++
		return false
	}
	l.reserve = false
	return true
}

// RunNow runs t at once, inside the task or handler that calls it, and counts it as
// spawned. If it panics, it fails as a part of its caller.
func (l *Local) RunNow(t Task) {
	l.check()
	reserve := l.reserve
	l.reserve = false // it is the caller's
	t.Run(l)
	l.reserve = reserve
	l.n[cSpawned]++
	l.n[cTasks]++
}

// Queued returns how many tasks wait in the local queue.
func (l *Local) Queued() int {
	l.check()
	return int(l.queue.len())
}
