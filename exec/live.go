package exec

import "fmt"

// live is the coroutines that have been started and have not ended. Each knows its place.
type live []*Co

// keepLive is the capacity beyond which an empty list gives its memory back.
const keepLive = 1024

func (q *live) add(co *Co) {
	co.at = int32(len(*q))
	*q = append(*q, co)
}

func (q *live) remove(co *Co) {
	s := *q
	last := len(s) - 1
	s[co.at], s[last].at = s[last], co.at
	s[last] = nil
	if *q = s[:last]; last == 0 && cap(s) > keepLive {
		*q = nil
	}
}

// begin makes co a coroutine of this loop that runs b.
func (l *Local) begin(co *Co, b body) error {
	switch {
	case l.ending:
		l.n[cRejects]++
		return fmt.Errorf("exec: %s: it is ending: %w", l.x.cfg.Name, ErrClosed)
	case len(l.live) >= l.x.cfg.MaxCoroutines:
		l.n[cRejects]++
		return fmt.Errorf("exec: %s: all %d coroutines are taken (MaxCoroutines): %w", l.x.cfg.Name, l.x.cfg.MaxCoroutines, ErrTooMany)
	}
	if co.body == nil { // or it is used again
		co.l, co.body = l, b
	}
	l.live.add(co)
	l.line(co)
	l.n[cSpawned]++
	return nil
}

// runs runs the coroutine from its beginning to its end.
func (co *Co) runs() {
	l := co.l
	if err := co.cancelled(); err != nil { // it has never begun, and will not
		l.n[cReturned]++
		co.end(err)
		return
	}
	co.carrier.begin()
	l.n[cTasks]++
	co.body.run(co)
	co.end(nil)
}

// failed ends a coroutine that panicked, or called Goexit.
func (co *Co) failed(p Panic) {
	l := co.l
	l.n[cTasksFailed]++
	p.x, p.Exec, p.Coroutine = l.x, l.x.cfg.Name, true
	l.crash = &p
	co.end(p)
}

// end ends the coroutine; with err if its function has not returned.
func (co *Co) end(err error) {
	if c := co.carrier; len(c.ties) > 0 {
		c.coWait.end()
	}
	co.carrier = nil
	co.state = coDone
	co.gen++
	co.l.live.remove(co)
	co.body.ended(err)
}

// quiesce cancels the coroutines that asked for it, and closes Mailboxes. It is called when
// a drain begins.
func (l *Local) quiesce() {
	if l.quiesced {
		return
	}
	l.quiesced = true
	for _, in := range l.inboxes {
		if m, ok := in.(interface{ quiesce() }); ok {
			m.quiesce()
		}
	}
	for len(l.atDrain) > 0 {
		f := l.atDrain[0]
		l.atDrain = l.atDrain[1:] // first: f may call Goexit
		f(l)
	}
	for _, co := range l.live {
		if co.drain {
			co.cancel(&errEnding)
		}
	}
}

// endCoroutines cancels every coroutine, runs them all to their ends, and ends the
// carriers. Nothing else runs on the loop any more.
func (l *Local) endCoroutines() {
	l.ending = true
	for _, co := range l.live {
		co.cancel(&errEnding)
	}
	for l.anyReady() {
		l.runReady(l.ready.len + l.yielded.len)
	}
	l.endIdle(len(l.idle))
	l.blocking.close(l)
	l.closePeers()
}
