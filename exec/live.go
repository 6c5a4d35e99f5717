package exec

import "fmt"

// coLinks makes a list of the coroutines that have been started and have not ended.
type coLinks struct{ prev, next *Co }

// live is that list.
type live struct {
	head *Co
	len  int
}

func (q *live) add(co *Co) {
	co.links.next = q.head
	if q.head != nil {
		q.head.links.prev = co
	}
	q.head = co
	q.len++
}

func (q *live) remove(co *Co) {
	if co.links.prev == nil {
		q.head = co.links.next
	} else {
		co.links.prev.links.next = co.links.next
	}
	if co.links.next != nil {
		co.links.next.links.prev = co.links.prev
	}
	co.links = coLinks{}
	q.len--
}

// begin makes co a coroutine of this loop that runs b.
func (l *Local) begin(co *Co, b body) error {
	switch {
	case l.ending:
		l.n[cRejects]++
		return fmt.Errorf("exec: %s: it is ending: %w", l.x.cfg.Name, ErrClosed)
	case l.live.len >= l.x.cfg.MaxCoroutines:
		l.n[cRejects]++
		return fmt.Errorf("exec: %s: all %d coroutines are taken (MaxCoroutines): %w", l.x.cfg.Name, l.x.cfg.MaxCoroutines, ErrTooMany)
	}
	co.l, co.body = l, b
	l.live.add(co)
	l.line(co)
	l.n[cSpawned]++
	return nil
}

// runs runs the coroutine from its beginning to its end.
func (co *Co) runs() {
	l := co.l
	if co.cause != nil { // it has never begun, and will not
		l.n[cReturned]++
		co.end()
		co.body.finish(co.cause)
		return
	}
	co.carrier.begin(co)
	co.state = coRunning
	l.n[cTasks]++
	co.body.run(co)
	co.end()
}

// failed ends a coroutine that panicked, or called Goexit.
func (co *Co) failed(p Panic) {
	l := co.l
	l.n[cTasksFailed]++
	co.end()
	p.x, p.Exec, p.Coroutine = l.x, l.x.cfg.Name, true
	l.crash = &p
	co.body.finish(p)
}

func (co *Co) end() {
	c := co.carrier // it may be idle for long, and must not hold what has ended
	c.place.co = nil
	clear(c.many[:cap(c.many)])
	co.state = coDone
	co.carrier = nil
	co.l.live.remove(co)
}

// quiesce cancels the coroutines that asked for it. It is called when a drain begins.
func (l *Local) quiesce() {
	if l.quiesced {
		return
	}
	l.quiesced = true
	for co := l.live.head; co != nil; co = co.links.next {
		if co.drain {
			co.cancel(errEnding)
		}
	}
}

// endCoroutines cancels every coroutine, runs them all to their ends, and ends the
// carriers. Nothing else runs on the loop any more.
func (l *Local) endCoroutines() {
	l.ending = true
	for co := l.live.head; co != nil; co = co.links.next {
		co.cancel(errEnding)
	}
	for l.anyReady() {
		l.runReady(l.ready.len + l.yielded.len)
	}
	l.endIdle(len(l.idle))
	l.offices.close()
	l.closeOutlets()
}
