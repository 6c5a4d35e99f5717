package exec

import (
	"math"
	"time"
)

// expirer is what waits for a deadline: the owner of a timerNode.
type expirer interface {
	// expired is called on the loop, in the turn's timer phase. The node is not
	// armed any more, and may be armed again.
	expired(l *Local)
}

// timers is what an Exec has of timers. Only the loop touches it, but for sent.
type timers struct {
	wheel
	free *timerNode // of taskTimers, linked by next

	// now is what the clock showed when timers were last fired, or when the first
	// of them was armed. Nothing is armed for a time before it. So what is armed
	// while timers are fired leaves the wheel after all that was due before, and
	// turn tells it from them.
	now  uint64
	turn uint32 // number of the firing

	delayed int // of the nodes in the wheel, those that came by TryAfter
	sent    sentTimers
}

// Deadlines in the wheel are not negative, clocks may be: this flips the sign bit,
// which keeps the order.
func deadlineKey(d time.Duration) uint64  { return uint64(d) ^ 1<<63 }
func deadlineOf(key uint64) time.Duration { return time.Duration(key ^ 1<<63) }
func later(key uint64, d uint64) uint64   { return key + min(d, math.MaxUint64-key) }
func (q *timers) next() time.Duration     { return deadlineOf(q.wheel.next()) }
func (q *timers) full(l *Local) bool {
	if q.n-q.delayed < l.x.cfg.MaxTimers {
		return false
	}
	l.n[cRejects]++
	return true
}

// in returns the deadline that is d after now, which the clock has just shown.
func (q *timers) in(now, d time.Duration) uint64 {
	key := deadlineKey(now)
	if q.n == 0 {
		q.begin(key)
	}
	return later(max(key, q.now), uint64(max(d, 0)))
}

// at returns the deadline when, or now if that has passed.
func (q *timers) at(l *Local, when time.Duration) uint64 {
	if q.n == 0 {
		q.begin(deadlineKey(l.clock()))
	}
	return max(deadlineKey(when), q.now)
}

// begin sets an empty wheel to now, so that the way down is short for what is due
// soon.
func (q *timers) begin(now uint64) {
	q.now = max(q.now, now)
	q.reset(q.now)
}

// put arms n, which is not in the wheel.
func (q *timers) put(n *timerNode, when uint64) {
	n.turn = q.turn
	q.add(n, when)
}

// timerMoves is how many timers a turn moves within the wheel, at some 10 ns each
// (100 if they are not in the cache), while those that are due wait.
const timerMoves = 1024

// fireTimers fires up to budget timers that are due. The clock is read once, and
// what is armed meanwhile waits for a later turn.
func (l *Local) fireTimers(budget int) (n int) {
	q := &l.timers
	q.now = max(q.now, deadlineKey(l.clock()))
	q.turn++
	for moves := timerMoves; n < budget; n++ {
		node := q.due(q.now, &moves)
		if node == nil || node.turn == q.turn {
			break
		}
		q.remove(node)
		l.reserve = true
		if l.fired++; l.fired >= l.timedLag.next {
			l.timerLag.note(time.Duration(q.now-node.when), l.timedLag.took(l.fired, l.lastTicks, l.pace.every))
		}
		node.owner.expired(l)
	}
	if q.floor > 0 {
		n++ // there is more to do
	}
	if l.x.ctl.Load()&ctlDrain != 0 {
		return 0 // no drain waits for timers: one that is always due would keep it for ever
	}
	return n
}

// runTimer runs the task of a timer.
func (l *Local) runTimer(t Task) {
	l.n[cRan]++
	l.n[cTimers]++
	l.running.task = t
	l.run(t)
	l.running.task = nil
}
