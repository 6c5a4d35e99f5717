package exec

import "math/bits"

// queue is the local queue: a bounded FIFO that only the loop touches. Nothing
// in it is atomic.
type queue struct {
	slots      []Task // a power of two of them, at least limit+1
	head, tail uint64 // free-running; [head, tail) are waiting
	limit      uint64 // ordinary spawns stop here; the running task's reserve is one more
}

func newQueue(limit int) queue {
	return queue{slots: make([]Task, 1<<bits.Len(uint(limit))), limit: uint64(limit)}
}

func (q *queue) len() uint64 { return q.tail - q.head }

// push appends t. The caller has made sure that there is room.
func (q *queue) push(t Task) {
	if s := q.slots; len(s) > 0 {
		s[q.tail&uint64(len(s)-1)] = t
	}
	q.tail++
}

// pop takes the oldest task of a queue that is not empty, and clears its slot so
// that the task can be collected.
func (q *queue) pop() (t Task) {
	if s := q.slots; len(s) > 0 {
		p := &s[q.head&uint64(len(s)-1)]
		t, *p = *p, nil
	}
	q.head++
	return t
}
