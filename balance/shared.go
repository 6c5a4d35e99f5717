package balance

import "sync"

// pool is what the Balancers of one Shared policy have in common: a balancer, and a View that merges the Views of all
// producers. Everything in it, and the lanes of its members, is guarded by mu.
//
// Each item that a member sends to worker i has a position: merged Sent[i] as it was before. Invariant: merged Taken[i]
// is not above the position of any item at worker i that has not been taken. The sum of what producers know as taken
// would not do: it says how many were taken, not which, and lanes are emptied in any order.
type pool struct {
	mu      sync.Mutex
	policy  Policy
	inner   Balancer // nil until the first View that it can serve
	reads   Reads    // inner's, and ReadsTaken where depths need it
	view    View     // what inner is shown: the first N() of sent and taken
	sent    []uint64 // as long as the longest View so far: counts outlive an index that leaves and returns
	taken   []uint64
	members *member // those that have ever picked, and have not left
	picks   uint    // by all of them
}

// Shared returns a policy whose Balancers share one balancer of the given policy: what that promises for one producer
// holds for all together. StickyInFlight keeps a key on one worker whichever producers send it, a bound on what is in
// flight at a worker bounds the sum, RoundRobin deals all items of a group in one rotation. Balancers of one Shared
// policy are of one group: make another for another group. The answers of Ordered, Sticky and Reads are those of the
// policy (a policy that reads Depth is shown Taken, too).
//
// The balancer sees one View. Sent is the sum of the producers', counted from the pick, so that nobody picks as if it
// were not to be sent; a refused pick is taken back at its producer's next call. Taken is a low watermark: all that was
// sent before it, by any producer, has been taken. Depth is the larger of what the calling producer's View says and
// Sent - Taken; Cap is 0, not known; Now is the latest. All of that errs on the safe side: what has been taken shows
// late, never early. (A bound that is relative to the average load is one of what shows.)
//
// A producer shows what was taken of its items when it picks. One that is idle shows nothing, and whatever was sent
// after its last items to a worker seems to be in flight there until it picks again. So owners should give Balancers a
// func to look with, see [Member]: others then look, when they cannot go on and after every 64 picks, and only a
// refused pick waits for its producer's next call. An owner must say when a producer ends, too. Each Update of any
// producer sets who is open; where a producer's own View differs, being older or newer, a pick that is not open there
// becomes Full.
//
// A pick takes a mutex, which producers contend for, and looks at each worker's counts in the View while it holds it:
// it is for groups whose items take microseconds, and the guarantee is worth that. A policy that reads neither Taken
// nor Depth pays for the mutex alone. A producer that picks on an Exec's loop may wait there for another to be done.
// Picks are one by one: no PickBatch. Memory is one fixed queue of runs per producer and worker, 416 bytes; the
// positions of a producer whose items alternate with others' more often than that holds are kept coarser, as if taken
// later.
//
// The policy returns an error if the given policy is nil, and the given policy's errors.
func Shared(policy Policy) Policy {
	p := &pool{policy: policy}
	return func(v *View) (Balancer, error) {
		if _, err := openList(nil, v); err != nil {
			return nil, err // before it closes the workers for everybody
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		m := &member{pool: p}
		if err := m.update(v); err != nil {
			return nil, err
		}
		m.ordered, m.sticky, m.reads = p.inner.Ordered(), IsSticky(p.inner), p.reads
		return m, nil
	}
}

// update makes v's membership the merged one and tells inner, which it makes if need be. v is even.
func (p *pool) update(v *View) error {
	n := v.N()
	if more := n - len(p.sent); more > 0 {
		p.sent = append(p.sent, make([]uint64, more)...)
		p.taken = append(p.taken, make([]uint64, more)...)
	}
	p.view.Sent, p.view.Taken = p.sent[:n], p.taken[:n]
	if n != p.view.N() {
		p.view.Depth, p.view.Cap = make([]uint64, n), make([]uint64, n)
	}
	p.view.Weight = append(p.view.Weight[:0], v.Weight...)
	p.view.Open = append(p.view.Open[:0], v.Open...)
	p.look(v)
	if p.inner != nil {
		return p.inner.Update(&p.view)
	}
	w, err := newWrapper("Shared", p.policy, &p.view)
	if err != nil {
		return err
	}
	p.inner, p.reads = w.next, ReadsOf(w.next)
	if p.reads&ReadsDepth != 0 {
		p.reads |= ReadsTaken
	}
	return nil
}

// look brings depths and time of the merged View up to date with v.
func (p *pool) look(v *View) {
	p.view.Now = max(p.view.Now, v.Now)
	if p.reads&ReadsDepth == 0 && p.inner != nil {
		return
	}
	for i := range p.view.Depth {
		d := p.sent[i] - p.taken[i]
		if i < len(v.Depth) {
			d = max(d, v.Depth[i])
		}
		p.view.Depth[i] = d
	}
}

// settle finds out up to where the items at worker i have been taken.
func (p *pool) settle(i int) {
	low := p.sent[i]
	for m := p.members; m != nil; m = m.next {
		if i < len(m.lanes) {
			low = min(low, m.lanes[i].oldest(low))
		}
	}
	p.taken[i] = low
}

// watchEvery is after how many picks the lanes of producers that made none of them are looked at: it bounds for how
// long a busy group takes what an idle producer has sent for in flight.
const watchEvery = 64

// watch looks at the lanes of all members, or of those that have not picked since the last time, as far as their owners
// let us, and reports whether something has been taken. Members that have ended and have nothing in flight any more
// leave.
func (p *pool) watch(all bool) (moved bool) {
	for at := &p.members; *at != nil; {
		m := *at
		if m.watch != nil && (all || !m.active) {
			for i := range m.lanes {
				if l := &m.lanes[i]; l.n > 0 {
					l.take(m.watch(i))
				}
			}
		}
		m.active = false
		if m.closed && m.idle() {
			*at = m.next
		} else {
			at = &m.next
		}
	}
	for i, was := range p.taken {
		if was != p.sent[i] {
			p.settle(i)
			moved = moved || p.taken[i] != was
		}
	}
	return moved
}
