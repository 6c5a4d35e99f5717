package exec

import (
	"container/heap"
	"math"
	"time"
)

// Timer is an armed timer of one Exec. It belongs to that loop. The zero Timer is
// one that has fired.
type Timer struct {
	node *timerNode
	gen  uint64 // the node's generation when it was armed
}

// After runs t on this loop once d has passed on the Exec's clock, which is read
// afresh here: never early, and late by no more than the turn takes. A d that is
// zero or negative fires in the next turn. It reports false, and counts a reject,
// when MaxTimers are armed. It panics if t is nil.
func (l *Local) After(d time.Duration, t Task) (Timer, bool) {
	l.check()
	if t == nil {
		panic("exec: After with a nil Task")
	}
	q := &l.timers
	if len(q.heap) >= l.x.cfg.MaxTimers {
		l.n[cRejects]++
		return Timer{}, false
	}
	node := q.take()
	node.l, node.task, node.when = l, t, l.clock()
	node.when += min(max(d, 0), math.MaxInt64-node.when) // beyond the end of time is at the end of time
	q.armed++
	node.order = q.armed
	heap.Push(&q.heap, node)
	l.n[cSpawned]++
	return Timer{node, node.gen}, true
}

// Stop disarms the timer and reports whether it did: false when it has fired or
// was stopped before. Its task then counts as returned, to the caller. It must be
// called on the timer's loop.
func (t Timer) Stop() bool {
	if t.node == nil || t.node.l == nil {
		return false
	}
	l := t.node.l
	l.check()
	if t.node.gen != t.gen {
		return false
	}
	heap.Remove(&l.timers.heap, t.node.index)
	l.timers.put(t.node)
	l.n[cReturned]++
	return true
}

// timers is a binary heap ordered by deadline, and by the order of arming where
// deadlines are equal, with a free list of nodes: arming allocates only while
// more timers are armed than ever before.
type timers struct {
	heap  timerHeap
	free  *timerNode
	armed uint64
}

// expirer is whoever has embedded a timerNode, and is told when its time has come.
type expirer interface{ expired(l *Local) }

type timerNode struct {
	owner    expirer // of a node of the loop's own, which has no task
	l        *Local
	task     Task
	when     time.Duration
	order    uint64
	index    int    // in the heap
	gen      uint64 // counts the uses of this node, so that an old Timer does nothing
	nextFree *timerNode
}

func (q *timers) take() *timerNode {
	n := q.free
	if n == nil {
		return &timerNode{}
	}
	q.free, n.nextFree = n.nextFree, nil
	return n
}

func (q *timers) put(n *timerNode) {
	n.gen++
	n.task = nil
	n.nextFree, q.free = q.free, n
}

// fireTimers runs up to budget timers that are due. The clock is read once, so a
// timer armed meanwhile waits for a later turn.
func (l *Local) fireTimers(budget int) (n int) {
	q := &l.timers
	now, last := l.clock(), q.armed
	for ; n < budget && len(q.heap) > 0 && q.heap[0].when <= now && q.heap[0].order <= last; n++ {
		node := heap.Pop(&q.heap).(*timerNode)
		if node.owner != nil {
			node.l = nil
			node.owner.expired(l)
			continue
		}
		t := node.task
		q.put(node)
		l.reserve = true
		l.n[cTasks]++
		l.n[cTimers]++
		l.running.task = t
		t.Run(l)
	}
	l.running.task = nil
	return n
}

// timerHeap implements heap.Interface.
type timerHeap []*timerNode

func (h timerHeap) Len() int { return len(h) }

func (h timerHeap) Less(i, j int) bool {
	if h[i].when != h[j].when {
		return h[i].when < h[j].when
	}
	return h[i].order < h[j].order
}

func (h timerHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}

func (h *timerHeap) Push(n any) {
	node := n.(*timerNode)
	node.index = len(*h)
	*h = append(*h, node)
}

func (h *timerHeap) Pop() any {
	last := len(*h) - 1
	n := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	return n
}

func (l *Local) arm(n *timerNode, when time.Duration) bool {
	q := &l.timers
	if len(q.heap) >= l.x.cfg.MaxTimers {
		l.n[cRejects]++
		return false
	}
	n.l, n.when = l, when
	q.armed++
	n.order = q.armed
	heap.Push(&q.heap, n)
	return true
}

func (l *Local) disarm(n *timerNode) {
	heap.Remove(&l.timers.heap, n.index)
	n.l = nil
}

func (n *timerNode) armed() bool { return n.l != nil }
