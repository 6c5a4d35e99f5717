package exec

import (
	"fmt"
	"slices"
)

// Calls between Execs. For each Exec that it calls, a loop has an outlet: a lane there for
// requests, and a lane back for replies, which it opened for the other loop to use. Both
// have room for maxCalls calls, and no more are on their way at once; so a reply never
// finds its lane full, whatever the caller does in the meantime.

// maxCalls is how many calls from one Exec to another may be on their way.
const maxCalls = 256

// outlet is the way to one other Exec. It belongs to the loop of from.
type outlet struct {
	from     *Local
	to       *Exec
	requests *Lane[Task]
	back     *wayBack

	calls    *call // on their way, the last one first
	flying   int   // how many, and how many more have been promised room
	promised int
	room     waitList // callers that wait for it
	spare    []any    // *insideCall[T] that have come back
	sent     bool     // one has been, in this turn
	staged   bool     // and others were staged after it
}

// outletTo returns the outlet to x.
func (l *Local) outletTo(x *Exec) (*outlet, error) {
	d := &l.calls
	if i := slices.IndexFunc(d.outlets, func(o *outlet) bool { return o.to == x }); i >= 0 {
		return d.outlets[i], nil
	}
	if d.inbox == nil {
		in, err := newInbox(l.x, InboxConfig[*call]{Name: "replies", Cap: 1, LaneCap: maxCalls, MaxLanes: maxBound, Handle: replied})
		if err != nil {
			return nil, err
		}
		d.inbox = in
		l.inboxes = append(l.inboxes, in) // and not x's: it stays open while others drain it
	}
	o := &outlet{from: l, to: x, back: &wayBack{to: x}}
	var err error
	if o.requests, err = x.tasks.openLane(maxCalls); err != nil {
		return nil, err
	}
	if o.back.replies, err = d.inbox.Lane(); err != nil {
		o.requests.Close()
		return nil, err
	}
	o.requests.OwnedBy(l)
	o.back.replies.OwnedBy(x.loop)
	x.addCaller(l.x)
	d.outlets = append(slices.DeleteFunc(d.outlets, (*outlet).over), o)
	l.needDesk()
	return o, nil
}

// over reports whether the other Exec has ended and nobody waits for it any more. The way
// back is closed then, so that its lane is forgotten, too.
func (o *outlet) over() bool {
	if o.flying > 0 || !o.room.empty() || !o.to.Ended() {
		return false
	}
	o.back.replies.Close()
	return true
}

// send sends a call. Its room is sure.
func (o *outlet) send(c *call, t Task) error {
	if o.requests.Closed() {
		return o.shut()
	}
	c.o, c.back = o, o.back // before t can be seen
	if !o.requests.Stage(t) {
		panic("exec: the lane for calls is full: this is a defect of package exec")
	}
	if !o.sent { // the first of the turn leaves at once, the others with the turn's flush
		o.sent = true
		if !o.requests.Flush() {
			o.requests.Recall()
			return o.shut()
		}
	} else {
		o.staged = true
	}
	if c.next = o.calls; c.next != nil {
		c.next.prev = c
	}
	o.calls = c
	o.flying++
	return nil
}

// shut is the answer to those who call an Exec that is closed, and to all who wait for room.
func (o *outlet) shut() error {
	err := fmt.Errorf("exec: %s: a call from %s: %w", o.to.cfg.Name, o.from.x.cfg.Name, ErrClosed)
	o.room.failAll(err)
	return err
}

// landed ends a call on the caller's side.
func (c *call) landed() {
	o := c.o
	if c.prev == nil {
		o.calls = c.next
	} else {
		c.prev.next = c.next
	}
	if c.next != nil {
		c.next.prev = c.prev
	}
	c.prev, c.next = nil, nil
	o.flying--
	c.caller.wakeAll()
	o.admit()
}

// admit promises free room to whoever has waited for it for longest.
func (o *outlet) admit() {
	if o.flying+o.promised < maxCalls && o.room.wakeOne() {
		o.promised++
	}
}

// refuse answers the calls that have not left because the other Exec is ending. They must
// not wait until it has: it may wait for something that waits for them.
func (o *outlet) refuse(tasks []Task) {
	err := o.shut()
	for _, t := range tasks {
		c := t.(interface{ base() *call }).base()
		c.err = err
		c.landed()
		o.from.did++ // a turn that has work for the next one
	}
}

// disconnect answers the calls to an Exec that has ended, once all of its own answers have
// been taken in.
func (o *outlet) disconnect() {
	if o.back.replies.Len() > 0 {
		return
	}
	err := fmt.Errorf("exec: %s: it ended before it had answered: %w", o.to.cfg.Name, ErrClosed)
	for o.calls != nil {
		c := o.calls
		c.err = err
		c.landed()
		o.from.did++ // a turn that has work for the next one
	}
}
