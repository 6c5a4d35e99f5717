package exec

import "github.com/pushcore/pushcore/internal/mem"

// replies is what one loop has to send back to one caller. It belongs to the loop that is
// called, and shares no line with what the caller writes.
//
// A reply must never find anything full: the caller may be waiting for the one who replies,
// in a circle. So replies have no ring. They are linked through the calls themselves, and
// the list is put in front of those that the caller has not yet taken with one
// compare-and-swap.
type replies struct {
	_     mem.Pad
	by    *Local
	to    *Exec
	first *call // staged, the oldest; the links lead to it
	last  *call
	sent  bool // a reply was, in this turn
	_     mem.Pad
}

// reply sends the call back. It is called on the loop that was called.
func (c *call) reply() {
	r := c.replies
	if c.link = r.last; r.last == nil {
		r.first = c
	}
	r.last = c
	if r.sent { // the first of the turn leaves at once, the others with the turn's flush
		return
	}
	r.sent = true
	r.flush()
	l := r.by
	l.needCalls()
	l.calls.replies = append(l.calls.replies, r)
}

// flush hands over what is staged. The calls are the caller's from the moment of the swap.
func (r *replies) flush() {
	if r.last == nil {
		return
	}
	x, first, last := r.to, r.first, r.last
	r.first, r.last = nil, nil
	for {
		first.link = x.replied.Load()
		if x.replied.CompareAndSwap(first.link, last) { // a full fence: see park.go
			break
		}
	}
	if x.parker.isParked() && x.parker.unpark() {
		x.wakes.Add(1)
		r.by.n[cWakesSent]++
	}
}

// replyBudget is how many replies one turn takes in.
const replyBudget = 256

// takeReplies takes in up to budget replies, the oldest first, and returns how many.
func (l *Local) takeReplies(budget int) (n int) {
	if l.x.replied.Load() != nil {
		newest := l.x.replied.Swap(nil)
		var oldest *call
		for c := newest; c != nil; {
			link := c.link
			c.link, oldest, c = oldest, c, link
		}
		if l.replied == nil {
			l.replied = oldest
		} else {
			l.lastReplied.link = oldest
		}
		l.lastReplied = newest
	}
	for ; l.replied != nil && n < budget; n++ {
		c := l.replied
		l.replied, c.link = c.link, nil
		c.answered = true
		c.landed()
	}
	return n
}
