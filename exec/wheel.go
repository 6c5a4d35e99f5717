package exec

import "math/bits"

// A hierarchical timing wheel with the finest resolution that there is: a
// deadline is a number of 64 bits, read as 11 digits of 6 bits, and each digit has
// a level of 64 slots. It is the hierarchical wheel of Varghese and Lauck (Hashed
// and Hierarchical Timing Wheels, 1987) with the invariant of the radix heap
// (Ahuja, Mehlhorn, Orlin, Tarjan: Faster Algorithms for the Shortest Path
// Problem, 1990).
//
// Invariant: a node is at the level of the highest digit in which its deadline
// differs from cur, in the slot that this digit of the deadline names. No node is
// due before cur, and cur only grows.
//
// So what is at a lower level is due earlier: it agrees with cur in a digit in
// which all that is higher up exceeds cur. Within a level the slots lie in the
// order of time, and a slot of level 0 holds one deadline only, because all other
// digits are those of cur. When cur enters the range of a slot, which is always
// the first slot of the lowest level, its nodes agree with cur in one digit more;
// they move down (cascade), into levels that are empty, and no other node is
// concerned. A node moves down at most 10 times in its life.
//
// Order: nodes with equal deadlines leave in the order in which they were put in.
// They have the same digits, so they are in one slot, and there in the order of
// their coming: put appends, and a cascade takes from the front and appends to
// slots that were empty when it began. Nothing gets in between while a cascade is
// under way: what is put in meanwhile, and would belong into one of those slots, is
// appended to the slot that cascades (see floor), behind all that came before it.
//
// What is next: each slot knows the least deadline put into it since it was last
// empty. No node of the slot is due earlier; when that node has been removed, all
// may be due later. So next is never too late, and it is exact until something is
// removed otherwise than by being due. A time that was too early costs one look:
// then cur enters the slot, its nodes go down to slots that were empty, and what
// those know is exact. Each such look moves at least one node down, so there are
// at most 10 of them per node: nobody can spin on it.
//
// Moving a slot takes time in proportion to what is in it, up to all there is: a
// minute's worth of timers crosses a boundary of level 6 once in 69 s. So a cascade
// is done in pieces, within a budget.
type wheel struct {
	cur    uint64
	n      int    // nodes in the wheel
	levels uint32 // bit k: something is at level k

	// floor is the level of the slot that cascades, the one that cur is in; 0 if
	// none does. No node is put below it but by that cascade.
	floor int

	occupied [wheelLevels]uint64 // bit s of word k: slot s of level k is not empty
	slots    [wheelLevels * wheelSlots]wheelSlot
}

const (
	wheelBits   = 6
	wheelSlots  = 1 << wheelBits
	wheelLevels = (64 + wheelBits - 1) / wheelBits
)

// wheelSlot is a list. It is not a ring through its ends: putting a node in is to
// touch the last one and no other.
type wheelSlot struct {
	head, tail *timerNode
	least      uint64 // deadline of those put in since it was empty; nothing if it is
}

// timerNode is what a wheel holds: a part of the struct of whoever waits, so that
// waiting allocates nothing.
type timerNode struct {
	next, prev *timerNode // in its slot
	when       uint64     // deadline, as deadlineKey makes it
	turn       uint32     // the firing before which it was armed
	at         uint16     // its slot: level * 64 + slot
	armed      bool       // it is in the wheel

	owner expirer // told when the node is due; set once, by the owner
}

// reset moves the time of an empty wheel to now.
func (w *wheel) reset(now uint64) { w.cur, w.floor = now, 0 }

// add puts n in, with a deadline that is not before cur.
func (w *wheel) add(n *timerNode, when uint64) {
	n.when, n.armed = when, true
	w.n++
	w.put(n, max(w.level(when), w.floor))
}

// level returns the highest digit in which when differs from cur.
func (w *wheel) level(when uint64) int {
	return (bits.Len64(w.cur^when|1) - 1) / wheelBits
}

// put appends n to its slot at level k.
func (w *wheel) put(n *timerNode, k int) {
	digit := n.when >> (uint(k) * wheelBits) % wheelSlots
	at := uint(k)*wheelSlots + uint(digit)
	s := &w.slots[at]
	n.at, n.next, n.prev = uint16(at), nil, s.tail
	if s.tail == nil {
		s.head, s.least = n, n.when
		w.levels |= 1 << k
		w.occupied[k] |= 1 << digit
	} else {
		s.tail.next = n
		s.least = min(s.least, n.when)
	}
	s.tail = n
}

// remove takes out n, which is in.
func (w *wheel) remove(n *timerNode) {
	next, prev := n.next, n.prev
	if prev != nil {
		prev.next = next
	} else {
		w.slots[n.at].head = next
	}
	if next != nil {
		next.prev = prev
	} else {
		w.slots[n.at].tail = prev
	}
	if next == nil && prev == nil {
		w.emptied(uint(n.at))
	}
	n.next, n.prev, n.armed = nil, nil, false // nothing is kept from being collected
	w.n--
}

func (w *wheel) emptied(at uint) {
	k, digit := at/wheelSlots, at%wheelSlots
	w.occupied[k] &^= 1 << digit
	if w.occupied[k] == 0 {
		w.levels &^= 1 << k
	}
}

// first returns the number of the slot that is the first in time, and its level.
// The wheel is not empty.
func (w *wheel) first() (at, k int) {
	k = bits.TrailingZeros32(w.levels)
	return k*wheelSlots + bits.TrailingZeros64(w.occupied[k]), k
}

// next returns a time before which nothing is due. The wheel is not empty.
func (w *wheel) next() uint64 {
	if w.floor > 0 {
		return w.cur // what has not moved yet may be due then
	}
	at, _ := w.first()
	return w.slots[at].least
}

// due returns the node that is the next to leave, if it is due at now, and leaves
// it in. It moves no more nodes than *moves, which it counts down: with floor > 0
// afterwards there may be more that is due.
func (w *wheel) due(now uint64, moves *int) *timerNode {
	for w.levels != 0 {
		if w.floor > 0 && !w.cascade(moves) {
			return nil
		}
		if w.levels == 0 {
			return nil
		}
		at, k := w.first()
		s := &w.slots[at]
		if s.least > now {
			// Up to the slot's own range nothing is in the way of cur. What is armed
			// later is then nearer to it, and has fewer levels to go.
			if shift := uint(k) * wheelBits; s.least>>shift > now>>shift {
				w.cur = max(w.cur, now)
			}
			return nil
		}
		if k == 0 {
			return s.head
		}
		w.cur, w.floor = s.least, k
	}
	return nil
}

// cascade goes on moving down the nodes of the slot at level floor that cur is in,
// and reports whether it has come to the end.
func (w *wheel) cascade(moves *int) bool {
	k := w.floor
	at := uint(k)*wheelSlots + uint(w.cur>>(uint(k)*wheelBits)%wheelSlots)
	s := &w.slots[at]
	for n := s.head; n != nil; n = s.head {
		if *moves == 0 {
			n.prev = nil
			return false
		}
		*moves--
		s.head = n.next
		w.put(n, w.level(n.when))
	}
	s.tail, w.floor = nil, 0
	w.emptied(at)
	return true
}
