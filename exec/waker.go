package exec

import "sync/atomic"

// Waker runs something on an Exec whenever it is woken. Any goroutine may wake it, at any
// time and any number of times, also after what it wakes is gone: then nothing happens.
// Wakes that come before the first of them was dealt with are one. A wake never fails and
// never blocks, because a Waker is in the Exec's list of woken ones at most once.
type Waker struct {
	x    *Exec
	next *Waker // in the list; belongs to whoever has set listed, then to the loop

	listed atomic.Bool
	task   Task // the loop's own; nil once stopped
	inner  bool // task is a part of the loop, and none for Stats
}

// NewWaker returns a Waker that runs t on this loop, before other work. It panics if t is
// nil.
func NewWaker(l *Local, t Task) *Waker {
	l.check()
	mustTask(t, "NewWaker")
	return &Waker{x: l.x, task: t}
}

// innerWaker returns a Waker that runs a part of the loop.
func innerWaker(l *Local, t Task) *Waker { return &Waker{x: l.x, task: t, inner: true} }

// Waker returns a Waker that ends a Park of this coroutine.
func (co *Co) Waker() *Waker {
	co.mine()
	return innerWaker(co.l, unpark{co.ref()})
}

// unpark is the task of a coroutine's Waker.
type unpark struct{ coRef }

func (u unpark) Run(*Local) { u.unpark() }

// unpark ends a Park, or saves the next one from waiting.
func (r coRef) unpark() {
	co := r.get()
	if co == nil {
		return
	}
	switch c := co.carrier; {
	case c.place.in == &co.l.parked:
		c.place.fire(nil)
	default:
		c.token = true
	}
}

// Wake makes the loop run the Waker's task soon. Any goroutine may call it. The task sees
// what the caller has done before, also if the Wake is one with an earlier one.
func (w *Waker) Wake() {
	// Never a mere load: what was published before could become visible after it, when
	// the task has looked already.
	if w.listed.Swap(true) {
		return
	}
	x := w.x
	for {
		w.next = x.woken.Load()
		if x.woken.CompareAndSwap(w.next, w) { // a full fence: see park.go
			break
		}
	}
	if x.parker.isParked() && x.parker.unpark() {
		x.wakes.Add(1)
	}
}

// Stop makes the Waker do nothing from now on. It is called on the loop.
func (w *Waker) Stop() {
	w.x.loop.check()
	w.task = nil
}

// wakeBudget is how many Wakers one turn deals with.
const wakeBudget = 256

// runWoken runs the tasks of Wakers that were woken, in the order of their wakes, and
// returns how many it dealt with.
func (l *Local) runWoken() (n int) {
	if l.woken == nil {
		l.takeWoken()
	}
	for ; l.woken != nil && n < wakeBudget; n++ {
		w := l.woken
		l.woken, w.next = w.next, nil
		w.listed.Swap(false) // before the task: a Wake from now on is a new one. It takes over from all before
		if t := w.task; t != nil {
			l.reserve = true
			l.running.task = nil
			if !w.inner {
				l.n[cSpawned]++
				l.n[cRan]++
				l.running.task = t
				l.run(t)
				continue
			}
			t.Run(l)
		}
	}
	l.running.task = nil
	return n
}

// takeWoken takes all that others have listed, which is the last one first.
func (l *Local) takeWoken() {
	for w := l.x.woken.Swap(nil); w != nil; {
		next := w.next
		w.next = l.woken
		l.woken, w = w, next
	}
}

// LocalWaker ends a Park of a coroutine, from the same loop. It may be kept after the
// coroutine has ended.
type LocalWaker struct{ coRef }

// LocalWaker returns a LocalWaker of this coroutine.
func (co *Co) LocalWaker() LocalWaker {
	co.mine()
	return LocalWaker{co.ref()}
}

// Wake ends the coroutine's Park, or makes its next one return at once. It is called on
// the loop.
func (w LocalWaker) Wake() {
	w.co.l.check()
	w.unpark()
}
