package exec

import (
	"fmt"
	"time"
)

// Simulator takes the place of what a stepped Exec cannot decide by itself: in
// which order, when a ring is full, and what a sleep and its end are. One Simulator
// may serve any number of Execs, all stepped by one goroutine, which is also the one
// that its methods are called on. Package exectest has one that draws its answers
// from a seed.
type Simulator interface {
	// Pick says which of the n > 0 tasks that wait in the local queue, or which of the
	// n coroutines that are ready, runs next, or which of n jobs of GoBlocking that run
	// at the same time is the first to end: 0 is the first in line. Always 0 is the
	// order that Spawn and Go promise; any other answer breaks that promise, and no
	// other: the phases of a turn, the items of a lane and of a ring, timers, and those
	// who wait for one thing keep their order.
	Pick(n int) int

	// Full reports whether to refuse a send to x as if the ring were full: TrySend,
	// TryControl, TrySendBatch, Send, Lane.Push, and Lane.PushBatch, which ask for
	// each item until one is refused. Lane.Stage does not ask: who stages may have
	// made sure that there is room, as a Forwarder does with its credits.
	Full(x *Exec) bool

	// Parked is called in the place of the sleep, by a Step of x that found nothing
	// to do and has looked at everything twice. x sleeps until Woken, or until limit
	// has passed (Never: no limit). held says that items wait all the same, for a
	// handler that held them back or a flusher that could not send; the limit is
	// then short. A later Step ends the sleep, whatever the reason.
	Parked(x *Exec, limit time.Duration, held bool)

	// Woken is called in the place of the system call, by a sender that found x
	// parked: x is to be stepped again.
	Woken(x *Exec)
}

// LostWake reports whether a simulated Exec is parked although something waits for
// it that it would take now: whoever sent that has not woken it. Only a defect can
// bring this about. It is asked by the goroutine that steps x, between two Steps.
func (x *Exec) LostWake() bool {
	if x.cfg.Sim == nil || !x.parker.isParked() || x.Ended() {
		return false
	}
	l := x.loop
	if x.unheard(x.ctl.Load()) {
		return true
	}
	for _, in := range l.control {
		noteLanes(in)
	}
	for _, in := range l.inboxes {
		noteLanes(in)
	}
	return l.somethingReady()
}

// unheard reports whether c asks for something that the loop has not dealt with.
func (x *Exec) unheard(c uint32) bool {
	return c&(ctlWake|ctlStop) != 0 || c&ctlQuiesce != 0 && !x.loop.quiesced
}

// noteLanes does what the next poll would do first. A lane that was opened makes its inbox
// ready, but need not wake anybody while there is nothing in it.
func noteLanes(in inbox) {
	if in, ok := in.(interface{ noteLanes() }); ok {
		in.noteLanes()
	}
}

func (in *Inbox[T]) noteLanes() {
	if s := &in.lanes; s.list.Load() != s.seen {
		s.adopt(s.list.Load())
	}
}

// simulate makes the parker of x tell the simulator.
func (x *Exec) simulate(s Simulator) {
	x.parker.simParked = func(timeout time.Duration) {
		if timeout < 0 {
			timeout = Never
		}
		s.Parked(x, timeout, x.loop.held)
	}
	x.parker.simWoken = func() { s.Woken(x) }
}

// simulated is the error of Start.
func (x *Exec) simulated() error {
	return fmt.Errorf("exec: %s: Config.Sim is set: a simulated Exec is run by Step, not by Start", x.cfg.Name)
}

// simAwake ends the sleep that an earlier Step has begun.
func (x *Exec) simAwake() {
	if x.cfg.Sim != nil {
		x.parker.word.Store(awake)
	}
}

// simPark parks as a thread would after a turn that did nothing: not if there was
// a Wake, or a Quiesce, that came too late for this turn.
func (x *Exec) simPark() {
	if x.cfg.Sim == nil {
		return
	}
	if c := x.ctl.Load(); !x.unheard(c) {
		x.park(x.loop.parkFor(), c)
	}
}

// admit returns how many of n items to x the simulator lets through, from the first
// on. It stays out of the senders' code, which asks only whether x is simulated.
//
//go:noinline
func (x *Exec) admit(n int) (k int) {
	for k < n && !x.cfg.Sim.Full(x) {
		k++
	}
	return k
}

// pick asks which of n runs next.
func (l *Local) pick(s Simulator, n int) int {
	i := s.Pick(n)
	if i < 0 || i >= n {
		panic(fmt.Sprintf("exec: %s: Simulator.Pick returned %d of %d: it must be from 0 to %d", l.x.cfg.Name, i, n, n-1))
	}
	return i
}

// runShuffled is runQueue in the order that the simulator wants.
func (l *Local) runShuffled(s Simulator, budget int) (n int) {
	for q := &l.queue; n < budget && q.head != q.tail; n++ {
		q.advance(l.pick(s, int(q.len())))
		t := q.pop()
		l.reserve = true
		l.n[cTasks]++
		l.running.task = t
		t.Run(l)
	}
	l.running.task = nil
	return n
}

// advance brings the task at place i to the head. The others keep their order.
func (q *queue) advance(i int) {
	mask := uint64(len(q.slots) - 1)
	t := q.slots[(q.head+uint64(i))&mask]
	for p := q.head + uint64(i); p != q.head; p-- {
		q.slots[p&mask] = q.slots[(p-1)&mask]
	}
	q.slots[q.head&mask] = t
}
