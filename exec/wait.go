package exec

// coWait is what a coroutine that has begun needs for its waits.
type coWait struct {
	place waiter   // what it waits in, if that is one thing
	many  []waiter // or several
	woken int      // in a Select: the index of the case that woke it
	early error    // why the wait ended early, or nil
	scope *scope   // the innermost Within
	token bool     // a Wake has come that no Park has taken
	ready int      // awaits that did not have to wait, since it last gave way

	ties []func() bool // end what CancelWith began
}

// end cuts the ties to contexts.
func (w *coWait) end() {
	for i, stop := range w.ties {
		stop()
		w.ties[i] = nil
	}
	w.ties = w.ties[:0]
}

// begin forgets the coroutine before.
func (w *coWait) begin() {
	w.scope, w.token, w.ready = nil, false, 0
}

// waiter is one place in a waitList, of a coroutine that waits there, or waits for a
// time to come.
type waiter struct {
	timerNode // armed if it waits for a time

	c          *carrier  // whose coroutine waits
	in         *waitList // where it is, or nil
	prev, next *waiter
	index      int        // of the case, in a Select
	sem        *Semaphore // that it waits for, or nil
	want       int        // how many permits of it
	left       bool       // it has just left sem's list, and sem is to be told
	late       error      // what the end of its time means; nil: what was waited for
}

// waitList is the coroutines that wait for one thing, in the order in which they came.
type waitList struct {
	head, tail *waiter
}

func (q *waitList) push(w *waiter) {
	w.in, w.prev, w.next = q, q.tail, nil
	if q.tail == nil {
		q.head = w
	} else {
		q.tail.next = w
	}
	q.tail = w
}

func (q *waitList) remove(w *waiter) {
	if w.prev == nil {
		q.head = w.next
	} else {
		w.prev.next = w.next
	}
	if w.next == nil {
		q.tail = w.prev
	} else {
		w.next.prev = w.prev
	}
	w.in, w.prev, w.next = nil, nil, nil
}

func (q *waitList) empty() bool { return q.head == nil }

// wakeOne ends the wait of whoever has waited for longest, if anyone has.
func (q *waitList) wakeOne() bool {
	if q.head == nil {
		return false
	}
	q.head.fire(nil)
	return true
}

// wakeAll ends the waits of all.
func (q *waitList) wakeAll() { q.failAll(nil) }

// failAll ends the waits of all with an error.
func (q *waitList) failAll(err error) {
	for q.head != nil {
		q.head.fire(err)
	}
}

// await waits in q.
func (co *Co) await(q *waitList) error {
	q.push(&co.carrier.place)
	co.l.switchTo(co.suspend())
	return co.carrier.early
}

// wait suspends a coroutine that waits in its places, until one of them fires or the
// wait ends early. A coroutine that was woken has what it waited for, even if it is
// cancelled before it goes on.
func (co *Co) wait() error {
	co.l.switchTo(co.suspend())
	return co.carrier.early
}

// suspend lets co wait, and returns who has the loop next. It is not the one that switches:
// see switchTo on what a function costs that is in the middle of it.
func (co *Co) suspend() *strand {
	c := co.carrier
	c.ready, c.early = 0, nil
	co.state = coWaiting
	return co.l.heir()
}

// fire ends the wait of w's coroutine: it has got what it waits for here, or the error
// that there is instead.
func (w *waiter) fire(err error) {
	co := w.c.job
	co.carrier.woken, co.carrier.early = w.index, err
	co.goOn()
}

// expired implements the end of an armed timerNode.
func (w *waiter) expired(*Local) { w.fire(w.late) }

// interrupt ends a wait early.
func (co *Co) interrupt(err error) {
	if co.state != coWaiting {
		return
	}
	co.carrier.early = err
	co.goOn()
}

// goOn makes a coroutine ready whose wait is over. Those whom its leaving lets through
// come after it.
func (co *Co) goOn() {
	co.l.mustHold()
	co.leavePlaces()
	co.makeReady()
	co.tell()
}

// leavePlaces takes co out of wherever it waits; tell is to follow. They are two
// because a Semaphore may wake others, and must not find co in any list any more.
func (co *Co) leavePlaces() {
	c := co.carrier
	c.place.leave()
	for i := range c.many {
		c.many[i].leave()
	}
}

func (co *Co) tell() {
	c := co.carrier
	c.place.tellSem()
	for i := range c.many {
		c.many[i].tellSem()
	}
}

// leave takes w out of wherever it waits.
func (w *waiter) leave() {
	if q := w.in; q != nil {
		q.remove(w)
		if w.sem != nil {
			w.left = true
		}
	}
	if w.armed {
		w.c.l.disarm(&w.timerNode)
	}
}

// tellSem tells the Semaphore that w has left: those behind may be next now.
func (w *waiter) tellSem() {
	if w.left {
		s := w.sem
		w.left, w.sem = false, nil
		s.serve()
	}
}
