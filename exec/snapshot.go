package exec

import (
	"slices"
	"time"

	"github.com/pushcore/pushcore/internal/mem"
)

// Snapshot is all that is known of an Exec at one moment. What its loop counts is one consistent picture, shown at the
// end of a turn; while the loop is busy it shows one every 50 microseconds or so.
//
// Histograms are of samples, each weighted by what it stands for, so that their counts are about those of what they are
// samples of: see docs/observability.md.
type Snapshot struct {
	Name   string
	State  State
	Asleep bool          // now
	Turn   time.Duration // for how long the turn under way has lasted; 0 while the loop sleeps, or has ended
	CPUs   []int         // that the thread was told to run on; empty if it may run anywhere
	Thread Thread        // as the system sees it; zero before Start, after the end, and where the system does not tell

	Stats

	TurnTime   Histogram // of all turns that did something
	RunTime    Histogram // tasks, timers' tasks, and coroutines from when they go on until they wait; samples
	QueueDelay Histogram // in all inboxes, from the send until it is offered to the handler; samples
	TimerLag   Histogram // by how much timers fired late; samples

	Inboxes []InboxStats  // those of the control class first, each class in the order of being made
	Sources []SourceStats // in the order of being added

	LastStall *Stall // that was reported; nil: none was
}

// State says where an Exec is in its life.
type State string

// The states of an Exec.
const (
	StateMade    State = "made"    // it was not started, or is stepped
	StateRunning State = "running" // on a thread of its own
	StateEnded   State = "ended"
)

// InboxStats is what an inbox has done since it was made. Depth is of now.
type InboxStats struct {
	Name    string
	Control bool // it is of the control class
	Cap     int  // of the ring behind TrySend

	Depth    int // items that wait now, in the ring and in all lanes
	MaxDepth int // most that the loop has seen waiting

	Received   uint64                   // sent to the inbox and accepted, whatever became of them
	Consumed   uint64                   // by the handler; tasks, too
	Failed     uint64                   // of those consumed: their handler panicked
	Expired    uint64                   // waited for longer than MaxWait
	Rejected   uint64                   // refused by TrySend and TrySendBatch
	LaneFull   uint64                   // times that a Push or PushBatch on a lane found no room, or not for all, or the lane closed
	Held       uint64                   // times that the handler, or Admit, held something back
	Batches    uint64                   // handler calls that consumed something
	BatchSizes [BatchSizeBuckets]uint64 // as in Stats

	Delay   Histogram // from the send until it is offered to the handler; samples
	RunTime Histogram // of the handler, for a batch; samples

	Lanes []LaneStats // open now
}

// LaneStats is one lane into an inbox. What lanes have refused is counted for all of them together, in the InboxStats.
type LaneStats struct {
	Cap   int
	Depth int    // items that wait now
	Taken uint64 // consumed since it was opened
}

// SourceStats is what a Source has done since it was added.
type SourceStats struct {
	Name    string // its type, or what its String method says when it is added
	Polls   uint64
	Useful  uint64    // polls that did something
	Done    uint64    // what they reported
	RunTime Histogram // of polls that did something; samples

	Counters []Counter // what it says of itself: see Reporter
}

// Counter is a figure with a name, for those who show figures that they know nothing about.
type Counter struct {
	Name  string
	Value uint64
	Gauge bool // it is of now; all others only grow
}

// A Reporter has figures of its own to show. Any goroutine may call Report.
type Reporter interface{ Report() []Counter }

// Thread is a thread as the system sees it. Linux tells all of it, other systems nothing.
type Thread struct {
	ID          int           // in the system; 0 if unknown
	CPU         int           // that it ran on last
	Running     time.Duration // time on a processor
	Waiting     time.Duration // time in which it could have run, but others had the processor
	Voluntary   uint64        // context switches because it went to sleep
	Involuntary uint64        // because others wanted the processor
}

// Snapshot returns all that is known of x. Anyone may call it at any time; it costs the loop nothing, and the caller
// some tens of microseconds, most of them for what the system tells of the thread: ten times a second is no burden.
func (x *Exec) Snapshot() Snapshot {
	s := Snapshot{Name: x.cfg.Name, Asleep: x.parker.word.Load() == parked, CPUs: x.cfg.CPUs, Thread: x.osThread()}
	x.mu.Lock()
	s.State = x.state.shown()
	inboxes, sources := x.inboxes, x.sources
	s.Inboxes, s.Sources = make([]InboxStats, len(inboxes)), make([]SourceStats, len(sources))
	sheets := make([][sEnd]uint64, len(inboxes))
	var n counters
	x.board.look(func() {
		n = x.board.read()
		x.board.sleepSoFar(&n)
		l := x.loop
		s.TurnTime, s.RunTime, s.TimerLag = l.turnTime.read(), l.runTime.read(), l.timerLag.read()
		for i, in := range inboxes {
			a := in.account()
			sheets[i] = a.read()
			s.Inboxes[i].Delay, s.Inboxes[i].RunTime = a.delay.read(), a.run.read()
		}
		for i, p := range sources {
			s.Sources[i] = p.read()
		}
		if began := x.board.turn.Load(); began != 0 {
			s.Turn = max(mem.TicksDuration(mem.Ticks()-int64(began)), 0)
		}
	})
	x.mu.Unlock()
	s.Stats = x.stats(n)
	for i, in := range inboxes {
		in.account().addTo(&s.Stats, &sheets[i])
		in.describe(&s.Inboxes[i], &sheets[i])
	}
	slices.SortStableFunc(s.Inboxes, func(a, b InboxStats) int { return classOf(a) - classOf(b) })
	for i := range s.Inboxes {
		s.QueueDelay.Add(&s.Inboxes[i].Delay)
		s.Depth += s.Inboxes[i].Depth
		s.Inboxes[i].MaxDepth = max(s.Inboxes[i].MaxDepth, s.Inboxes[i].Depth)
	}
	for i, p := range sources { // without the lock: it is the program's code
		if r, ok := p.Source.(Reporter); ok {
			s.Sources[i].Counters = r.Report()
		}
	}
	s.LastStall = x.lastStall.Load()
	return s
}

func classOf(in InboxStats) int {
	if in.Control {
		return 0
	}
	return 1
}

func (s state) shown() State {
	switch s {
	case threaded:
		return StateRunning
	case ended:
		return StateEnded
	}
	return StateMade
}

// describe fills in what the sheet n says, and what is of now.
func (in *Inbox[T]) describe(s *InboxStats, n *[sEnd]uint64) {
	s.Name, s.Control, s.Cap = in.cfg.Name, in.cfg.Control, in.cfg.Cap
	s.Depth, s.MaxDepth = in.SharedLen(), int(n[sMaxDepth])
	s.Consumed, s.Failed, s.Expired, s.Held, s.Batches = n[sItems], n[sFailed], n[sExpired], n[sHeld], n[sBatches]
	s.BatchSizes = [BatchSizeBuckets]uint64(n[sSizes:])
	s.Rejected = in.sheet.rejected.Load()
	lanes := &in.lanes
	lanes.mu.Lock()
	defer lanes.mu.Unlock()
	s.Received, s.LaneFull = in.sharedSent()+lanes.past.sent, lanes.past.fulls
	for _, lane := range lanes.load() {
		s.Received += lane.ring.Sent()
		s.LaneFull += lane.fulls.Load()
		if !lane.done() {
			t := LaneStats{Cap: lane.Cap(), Depth: lane.Len(), Taken: lane.ring.Taken()}
			s.Depth += t.Depth
			s.Lanes = append(s.Lanes, t)
		}
	}
}

func (in *Inbox[T]) account() *sheet { return in.sheet }
