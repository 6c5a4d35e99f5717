package exec

import (
	"fmt"
	"math"
	"slices"
)

// peer is another Exec that a loop calls: a lane of requests to it, and the calls that have
// not come back. It belongs to the loop of from.
//
// A request waits in the lane until the peer begins it, and a caller that finds the lane
// full waits for room, so a burst of calls cannot flood anybody. From then on a call is
// nobody's queue: the reply needs no room (see replies), so calls may nest, and go in
// circles, as deep as there are coroutines.
type peer struct {
	from     *Local
	to       *Exec
	requests *Lane[Task]
	replies  *replies

	calls    *call    // on their way, the last one first
	flying   int      // how many
	room     waitList // callers that wait for room in the lane
	promised int      // places for callers that have been woken
	spare    []any    // *insideCall[T] that have come back
	sent     bool     // a request was, in this turn
	staged   bool     // and others were staged after it
}

// maxSpare is how many calls that have come back a peer keeps to be used again.
const maxSpare = 256

// peer returns the peer that x is.
func (l *Local) peer(x *Exec) (*peer, error) {
	d := &l.calls
	if i := slices.IndexFunc(d.peers, func(p *peer) bool { return p.to == x }); i >= 0 {
		return d.peers[i], nil
	}
	p := &peer{from: l, to: x, replies: &replies{by: x.loop, to: l.x}}
	var err error
	if p.requests, err = x.tasks.openLane(x.cfg.CallCap); err != nil {
		return nil, err
	}
	p.requests.OwnedBy(l)
	x.addCaller(l.x)
	d.peers = append(slices.DeleteFunc(d.peers, (*peer).over), p)
	l.needCalls()
	return p, nil
}

// over reports whether the other Exec has ended and nobody waits for it any more.
func (p *peer) over() bool { return p.flying == 0 && p.room.empty() && p.to.Ended() }

// send sends a call, and reports false if there is no room.
func (p *peer) send(c *call, t Task) (bool, error) {
	if p.requests.Closed() {
		return false, p.shut()
	}
	c.p, c.replies = p, p.replies // before t can be seen
	if !p.requests.Stage(t) {
		return false, nil
	}
	if !p.sent { // the first of the turn leaves at once, the others with the turn's flush
		p.sent = true
		if !p.requests.Flush() {
			p.requests.Recall()
			return false, p.shut()
		}
	} else {
		p.staged = true
	}
	if c.next = p.calls; c.next != nil {
		c.next.prev = c
	}
	p.calls = c
	p.flying++
	return true, nil
}

// shut is the answer to those who call an Exec that is closed, and to all who wait for room.
func (p *peer) shut() error {
	err := fmt.Errorf("exec: %s: a call from %s: %w", p.to.cfg.Name, p.from.x.cfg.Name, ErrClosed)
	p.room.failAll(err)
	return err
}

// landed ends a call on the caller's side.
func (c *call) landed() {
	p := c.p
	if c.prev == nil {
		p.calls = c.next
	} else {
		c.prev.next = c.next
	}
	if c.next != nil {
		c.next.prev = c.prev
	}
	c.prev, c.next = nil, nil
	p.flying--
	c.caller.wakeAll()
}

// admit promises the room that there is to those who have waited for it for longest, and
// reports whether others still wait.
func (p *peer) admit() bool {
	if p.requests.Closed() {
		p.from.did++
		_ = p.shut()
		return false
	}
	for !p.room.empty() && p.promised < p.requests.Free() {
		p.room.wakeOne()
		p.promised++
		p.from.did++ // a turn that has work for the next one
	}
	return !p.room.empty()
}

// refuse answers the calls that have not left because the other Exec is ending. They must
// not wait until it has: it may wait for something that waits for them.
func (p *peer) refuse(tasks []Task) {
	err := p.shut()
	for _, t := range tasks {
		t.(interface{ base() *call }).base().fail(err)
	}
}

// disconnect answers the calls to an Exec that has ended, once all of its own replies have
// been taken in.
func (p *peer) disconnect() {
	p.from.did += p.from.takeReplies(math.MaxInt)
	err := fmt.Errorf("exec: %s: it ended before it had answered: %w", p.to.cfg.Name, ErrClosed)
	for p.calls != nil {
		p.calls.fail(err)
	}
}

// fail ends a call that will not come back.
func (c *call) fail(err error) {
	c.err = err
	c.p.from.did++ // a turn that has work for the next one
	c.landed()
}
