package exec

import (
	"sync/atomic"
	"time"

	"github.com/pushcore/pushcore/internal/mem"
)

// TryAfter sends t to be run on the loop when d has passed there, counted from the
// turn that takes it from the inbox. It reports whether it was accepted: false
// when the inbox is full, the Exec has ended, or MaxTimers that came this way have
// not fired yet. They have places of their own, beside those of After, At and
// Every: what was accepted is armed, whatever is armed on the loop by then.
//
// For Stats the message and the timer that it arms are a task each. Any goroutine
// may call TryAfter, also one on a loop. It panics if t is nil.
func (x *Exec) TryAfter(d time.Duration, t Task) bool {
	mustTask(t, "TryAfter")
	sent := &x.loop.timers.sent
	if sent.n.Add(1) > int64(x.cfg.MaxTimers) {
		sent.n.Add(-1)
		x.rejects.Add(1)
		return false
	}
	if !x.tasks.TrySend(newDelayed(d, t)) {
		sent.n.Add(-1)
		return false
	}
	return true
}

// sentTimers counts those that were sent and have not fired. It is reserved before
// sending and given back after firing, so that a place is never missing in between.
type sentTimers struct {
	_ mem.Pad
	n atomic.Int64
	_ mem.Pad
}

// delayed is first a message and then the timer that it asks for.
type delayed struct {
	timerNode
	task Task
	d    time.Duration
}

func newDelayed(d time.Duration, t Task) *delayed {
	m := &delayed{task: t, d: d}
	m.owner = m
	return m
}

// Run arms the timer.
func (m *delayed) Run(l *Local) {
	q := &l.timers
	q.put(&m.timerNode, q.in(l.clock(), m.d))
	q.delayed++
	l.n[cSpawned]++
}

// expired runs the task.
func (m *delayed) expired(l *Local) {
	l.timers.delayed--
	l.timers.sent.n.Add(-1)
	l.runTimer(m.task)
}
