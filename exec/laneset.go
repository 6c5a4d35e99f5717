package exec

import (
	"fmt"
	"sync"
	"sync/atomic"
)

// laneSet is the lanes of one inbox. Senders open lanes by replacing the list;
// the loop follows with one load per turn and takes no lock.
//
// With many lanes a turn does not look at all of them: those that have had
// something lately are hot and are polled every turn, a few of the others in
// rotation. A turn that finds nothing in these looks at all, so that an idle Exec
// still sees every lane in every turn.
type laneSet[T any] struct {
	max int

	mu     sync.Mutex
	closed bool
	past   struct{ sent, fulls uint64 } // of lanes that are not on the list any more
	list   atomic.Pointer[[]*Lane[T]]   // never changed in place; replaced under mu

	// The loop's own.
	seen  *[]*Lane[T] // the list that order was made from
	order []*Lane[T]  // the hot ones first
	hot   int
	next  int // rotation over the cold ones
	first int // rotation over the hot ones, for fairness
}

const (
	coldPolls    = 8  // cold lanes looked at per turn
	missesToCold = 64 // empty polls after which a lane is cold
)

func (s *laneSet[T]) load() []*Lane[T] {
	if p := s.list.Load(); p != nil {
		return *p
	}
	return nil
}

func (s *laneSet[T]) add(n *Lane[T]) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	var list []*Lane[T]
	senders := 0
	for _, old := range s.load() {
		if old.done() {
			s.past.sent += old.ring.Sent()
			s.past.fulls += old.fulls.Load()
			continue
		}
		list = append(list, old)
		if !old.handed {
			senders++
		}
	}
	if senders >= s.max && !n.handed {
		return fmt.Errorf("all %d lanes are taken (MaxLanes): %w", s.max, ErrTooMany)
	}
	list = append(list, n)
	s.list.Store(&list)
	return nil
}

// adopt brings order up to date with a new list: known lanes keep their places.
func (s *laneSet[T]) adopt(p *[]*Lane[T]) {
	old := map[*Lane[T]]bool{}
	for _, n := range s.order {
		old[n] = true
	}
	for _, n := range *p {
		if !old[n] && !n.done() {
			s.order = append(s.order, n)
		}
	}
	s.seen = p
}

func (s *laneSet[T]) poll(l *Local, in *Inbox[T], budget int) (n int) {
	if p := s.list.Load(); p != s.seen {
		s.adopt(p)
	}
	s.warm(coldPolls)
	n, found := s.pollHot(l, in, budget)
	if !found && s.warm(len(s.order)) {
		n, _ = s.pollHot(l, in, budget)
	}
	return n
}

// pollHot polls the hot lanes, beginning with another one each time: one of them
// may use up the budget.
func (s *laneSet[T]) pollHot(l *Local, in *Inbox[T], budget int) (n int, found bool) {
	if budget <= 0 {
		return 0, true
	}
	if s.first++; s.first >= s.hot {
		s.first = 0
	}
	demote := -1
	for i, k := s.first, 0; k < s.hot && n < budget; k++ {
		lane := s.order[i]
		if lane.ring.Ready() {
			lane.misses, found = 0, true
			if lane.stamps == nil {
				a, b := lane.ring.Peek(budget - n)
				in.note(l, &lane.waits, lane.ring, len(a)+len(b), budget-n)
				n += in.deliver(l, lane.ring, a, b)
			} else {
				n += in.deliverStamped(l, &lane.waits, lane.stamps, budget-n)
			}
		} else if lane.misses++; lane.misses > missesToCold || lane.ring.Closed() {
			demote = i
		}
		if i++; i == s.hot {
			i = 0
		}
	}
	if demote >= 0 {
		s.hot--
		s.order[demote], s.order[s.hot] = s.order[s.hot], s.order[demote]
	}
	return n, found
}

// warm looks at some of the cold lanes, in rotation: those that have something
// become hot, those that are done are forgotten. It comes before the hot lanes,
// which may leave no budget.
func (s *laneSet[T]) warm(looks int) (found bool) {
	for looks = min(looks, len(s.order)-s.hot); looks > 0; looks-- {
		if s.next < s.hot || s.next >= len(s.order) {
			s.next = s.hot
		}
		switch lane := s.order[s.next]; {
		case lane.ring.Ready():
			s.order[s.next], s.order[s.hot] = s.order[s.hot], lane
			s.hot++
			s.next++
			lane.misses, found = 0, true
		case lane.done():
			s.forget(s.next)
		default:
			s.next++
		}
	}
	return found
}

// forget drops a cold lane that is done.
func (s *laneSet[T]) forget(i int) {
	last := len(s.order) - 1
	s.order[i], s.order[last] = s.order[last], nil
	s.order = s.order[:last]
}

func (s *laneSet[T]) ready() bool {
	if s.list.Load() != s.seen {
		return true
	}
	for _, lane := range s.order {
		if lane.ring.Ready() {
			return true
		}
	}
	return false
}

// waiting may be called by anyone.
func (s *laneSet[T]) waiting() (n int) {
	for _, lane := range s.load() {
		n += lane.ring.Len()
	}
	return n
}

func (s *laneSet[T]) close() {
	s.mu.Lock()
	s.closed = true
	lanes := s.load()
	s.mu.Unlock()
	for _, lane := range lanes {
		lane.ring.Close()
	}
}

func (s *laneSet[T]) takeAll(vs []T) []T {
	for _, lane := range s.load() {
		for v, ok := lane.ring.Pop(); ok; v, ok = lane.ring.Pop() {
			vs = append(vs, v)
		}
	}
	return vs
}
