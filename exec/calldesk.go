package exec

import "slices"

// callDesk is what a loop needs for calls. It is the loop's Flusher, once there is any.
type callDesk struct {
	outlets []*outlet
	inbox   *Inbox[*call] // replies to this loop's calls
	answers []*wayBack    // of others, to whom replies were sent in this turn
	added   bool
}

// needDesk makes the desk one of the loop's flushers.
func (l *Local) needDesk() {
	if !l.calls.added {
		l.calls.added = true
		l.flushers = append(l.flushers, &l.calls)
	}
}

// replied is the handler of the inbox for replies.
func replied(l *Local, batch []*call) int {
	l.running.single = true // they are not counted as items
	for _, c := range batch {
		c.answered = true
		c.landed()
	}
	return len(batch)
}

// Flush implements Flusher: requests and replies leave.
func (d *callDesk) Flush(*Local) (pending bool) {
	for _, b := range d.answers {
		b.sent = false
		if b.staged {
			b.staged = false
			b.flush()
		}
	}
	clear(d.answers) // it would keep the others' loops
	d.answers = d.answers[:0]
	for _, o := range d.outlets {
		o.sent = false
		if o.staged {
			o.staged = false
			if !o.requests.Flush() {
				o.refuse(o.requests.Recall())
			}
		}
		if o.flying > 0 && o.to.Ended() {
			o.disconnect()
			pending = pending || o.flying > 0
		}
	}
	return pending
}

// addCaller notes that from wants to know when x ends. It is told at once if x has.
func (x *Exec) addCaller(from *Exec) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.callers = append(x.callers, from)
}

// tellCallers wakes those who wait for answers of an Exec that has ended.
func (x *Exec) tellCallers() {
	x.mu.Lock()
	callers := slices.Clone(x.callers)
	x.callers = nil
	x.mu.Unlock()
	for _, from := range callers {
		from.Wake()
	}
}

// closeOutlets gives back what the calls of a loop that ends have taken elsewhere.
func (l *Local) closeOutlets() {
	for _, o := range l.calls.outlets {
		x := o.to
		o.requests.Close()
		x.mu.Lock()
		if i := slices.Index(x.callers, l.x); i >= 0 {
			x.callers = slices.Delete(x.callers, i, i+1)
		}
		x.mu.Unlock()
	}
	if in := l.calls.inbox; in != nil {
		in.closeRings()
	}
}
