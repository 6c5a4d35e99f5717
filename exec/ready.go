package exec

import "github.com/pushcore/pushcore/internal/mem"

// coList is the coroutines that can go on, first come first served. Each is in it once
// at most, so it needs no other limit than MaxCoroutines.
type coList struct {
	head, tail *Co
	len        int
}

func (q *coList) push(co *Co) {
	if q.tail == nil {
		q.head = co
	} else {
		q.tail.next = co
	}
	q.tail = co
	q.len++
}

func (q *coList) pop() *Co {
	co := q.head
	q.head, co.next = co.next, nil
	if q.head == nil {
		q.tail = nil
	}
	q.len--
	return co
}

// advance brings the one at place i to the head. The others keep their order.
func (q *coList) advance(i int) {
	if i == 0 {
		return
	}
	before := q.head
	for range i - 1 {
		before = before.next
	}
	co := before.next
	if before.next = co.next; before.next == nil {
		q.tail = before
	}
	co.next, q.head = q.head, co
}

// makeReady lets co go on.
func (co *Co) makeReady() {
	co.state = coReady
	co.l.line(co)
}

// line puts co in line. Those that a coroutine makes ready run, in this order, as soon as it
// waits or ends, before those that were ready already: what they share with it is still in
// the cache, and a peer that is answered at once needs no stack for long. In all else the
// order is that of becoming ready.
func (l *Local) line(co *Co) {
	if l.on == &l.base || l.hop == maxHops {
		co.hop = 0
		l.ready.push(co)
		return
	}
	co.hop = l.hop + 1
	l.batch.push(co)
}

// maxHops is how often going first can be passed on. Coroutines that wake each other for
// ever must not keep out the rest.
const maxHops = 4

// lineBatch lets those go first that the coroutine which held the loop has made ready.
func (l *Local) lineBatch() {
	if l.batch.len > 0 {
		l.batch.append(&l.ready)
		l.ready, l.batch = l.batch, coList{}
	}
}

// append takes all that are in other, to the end.
func (q *coList) append(other *coList) {
	if other.len == 0 {
		return
	}
	if q.tail == nil {
		q.head = other.head
	} else {
		q.tail.next = other.head
	}
	q.tail = other.tail
	q.len += other.len
	*other = coList{}
}

// runReady runs coroutines that are ready, those included that they make ready, budget of
// them at most, and returns how many. One that yields has its next turn in the next round.
// They hand the loop to each other; the base gets it back when the round is over, or one of
// them has failed.
func (l *Local) runReady(budget int) int {
	l.ready.append(&l.yielded)
	l.round = budget
	for l.round > 0 && l.ready.len > 0 {
		l.switchTo(l.strandOf(l.nextReady()))
		if l.crash != nil {
			l.report()
		}
	}
	l.timeResume()
	n := budget - l.round
	l.round = 0
	return n
}

// timeResume is called when a coroutine has given way: it ends the sample, if it was one.
func (l *Local) timeResume() {
	if l.resumed == 0 {
		return
	}
	now := mem.Ticks()
	l.runTime.note(l.pace.duration(now-l.resumed), l.timedCo.took(l.n[cResumes], now, l.pace.every))
	l.resumed = 0
}

// anyReady reports whether a coroutine can go on.
func (l *Local) anyReady() bool { return l.ready.len+l.yielded.len > 0 }

// nextReady returns the coroutine that runs next in this round, or nil.
func (l *Local) nextReady() *Co {
	l.timeResume()
	l.lineBatch()
	if l.round == 0 || l.ready.len == 0 || l.crash != nil {
		return nil
	}
	l.round--
	l.reserve = true
	if l.n[cResumes]++; l.n[cResumes] >= l.timedCo.next {
		l.resumed = mem.Ticks()
	}
	if l.x.cfg.Sim != nil {
		l.ready.advance(l.pick(l.x.cfg.Sim, l.ready.len))
	}
	co := l.ready.pop()
	co.state = coRunning
	l.hop = co.hop
	return co
}

// strandOf returns the strand that runs co, which it finds one for if co has not begun.
func (l *Local) strandOf(co *Co) *strand {
	if co.carrier == nil {
		return &l.carrierFor(co).strand
	}
	return &co.carrier.strand
}

// report does what is to be done about a coroutine that panicked.
func (l *Local) report() {
	p := *l.crash
	l.crash = nil
	f := l.x.cfg.OnPanic
	if f == nil && !p.Goexit {
		if l.threaded {
			panic(elsewhere{p})
		}
		panic(p)
	}
	l.n[cPanics]++
	if f != nil {
		f(p)
	}
}
