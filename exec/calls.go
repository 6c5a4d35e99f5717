package exec

import "slices"

// calls is what a loop needs for calls. It is the loop's Flusher, once there are any.
type calls struct {
	peers   []*peer
	replies []*replies // that were sent in this turn
	added   bool
}

// needCalls makes calls one of the loop's flushers.
func (l *Local) needCalls() {
	if !l.calls.added {
		l.calls.added = true
		l.flushers = append(l.flushers, &l.calls)
	}
}

// Flush implements Flusher: requests and replies leave.
func (d *calls) Flush(*Local) (pending bool) {
	for _, r := range d.replies {
		r.sent = false
		r.flush()
	}
	clear(d.replies) // it would keep the others' loops
	d.replies = d.replies[:0]
	for _, p := range d.peers {
		p.sent = false
		if p.staged {
			p.staged = false
			if !p.requests.Flush() {
				p.refuse(p.requests.Recall())
			}
		}
		if p.flying > 0 && p.to.Ended() {
			p.disconnect()
		}
		if !p.room.empty() && p.admit() {
			pending = true // nobody tells when there is more
		}
	}
	return pending
}

// addCaller notes that from wants to know when x ends. One that comes too late sees that x
// has ended at the end of this turn.
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

// closePeers gives back what the calls of a loop that ends have taken elsewhere.
func (l *Local) closePeers() {
	for _, p := range l.calls.peers {
		x := p.to
		p.requests.Close()
		x.mu.Lock()
		if i := slices.Index(x.callers, l.x); i >= 0 {
			x.callers = slices.Delete(x.callers, i, i+1)
		}
		x.mu.Unlock()
	}
}
