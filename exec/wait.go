package exec

// waiter is one place in a waitList, of a coroutine that waits there, or waits for a
// time to come.
type waiter struct {
	timerNode // armed if it waits for a time

	co         *Co
	in         *waitList // where it is, or nil
	out        *waitList // where it has just been, if the owner of that is to be told
	prev, next *waiter
	index      int // of the case, in a Select
	want       int // how many permits of a Semaphore
}

// waitList is the coroutines that wait for one thing, in the order in which they came.
type waitList struct {
	head, tail *waiter
	len        int
	owner      interface{ left() } // is told when a waiter has left, unless nil
}

func (q *waitList) push(w *waiter) {
	w.in, w.prev, w.next = q, q.tail, nil
	if q.tail == nil {
		q.head = w
	} else {
		q.tail.next = w
	}
	q.tail = w
	q.len++
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
	q.len--
}

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
	return co.wait()
}

// wait suspends a coroutine that waits in its places, until one of them fires or the
// wait ends early. A coroutine that was woken has what it waited for, even if it is
// cancelled before it goes on.
func (co *Co) wait() error {
	co.ready = 0
	co.early = nil
	co.state = coWaiting
	if to := co.heir(); to != nil {
		co.l.switchTo(to)
	}
	co.state = coRunning
	return co.early
}

// fire ends the wait of w's coroutine: it has got what it waits for here, or the error
// that there is instead.
func (w *waiter) fire(err error) {
	co := w.co
	co.woken, co.early = w.index, err
	co.goOn()
}

// expired implements the end of an armed timerNode.
func (w *waiter) expired(*Local) { w.fire(nil) }

// interrupt ends a wait early.
func (co *Co) interrupt(err error) {
	if co.state != coWaiting {
		return
	}
	co.early = err
	co.goOn()
}

// goOn makes a coroutine ready whose wait is over. Those whom its leaving lets through
// come after it.
func (co *Co) goOn() {
	co.leavePlaces()
	co.makeReady()
	co.tellOwners()
}

// leavePlaces takes co out of wherever it waits; tellOwners is to follow. They are two
// because the owners may wake others, and must not find co in any list any more.
func (co *Co) leavePlaces() {
	c := co.carrier
	c.place.leave()
	for i := range c.many {
		c.many[i].leave()
	}
}

func (co *Co) tellOwners() {
	c := co.carrier
	c.place.tell()
	for i := range c.many {
		c.many[i].tell()
	}
}

// leave takes w out of wherever it waits.
func (w *waiter) leave() {
	if q := w.in; q != nil {
		q.remove(w)
		if q.owner != nil {
			w.out = q
		}
	}
	if w.armed() {
		w.co.l.disarm(&w.timerNode)
	}
}

// tell tells the owner of what w has left.
func (w *waiter) tell() {
	if q := w.out; q != nil {
		w.out = nil
		q.owner.left()
	}
}
