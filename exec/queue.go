package exec

import "fmt"

// Queue hands values from coroutines, tasks and handlers of one Exec to coroutines of the
// same, in order, as a buffered channel does. Nothing in it is atomic. Between Execs, use
// a [Mailbox].
type Queue[T any] struct {
	l      *Local
	slots  []T
	head   int
	n      int
	closed bool

	senders, receivers waitList
	granted            int // free slots that belong to senders which have been woken
	claimed            int // values that belong to receivers which have been woken
}

// NewQueue returns a Queue that holds capacity values. It panics if capacity < 1.
func NewQueue[T any](l *Local, capacity int) *Queue[T] {
	l.check()
	if capacity < 1 || capacity > maxBound {
		panic(fmt.Sprintf("exec: NewQueue with a capacity of %d: it must be from 1 to %d", capacity, maxBound))
	}
	return &Queue[T]{l: l, slots: make([]T, capacity)}
}

// Send waits for room and puts v into the Queue. It returns ErrClosed when the Queue is
// closed; v was not sent if it returns an error.
func (q *Queue[T]) Send(co *Co, v T) error {
	if q.l != co.l {
		return ErrForeign
	}
	if err := co.mayWait(); err != nil {
		return err
	}
	switch {
	case q.closed:
		return ErrClosed
	case q.TrySend(v):
		co.spend()
		return nil
	}
	if err := co.await(&q.senders); err != nil {
		return err
	}
	q.granted--
	q.put(v)
	return nil
}

// TrySend puts v into the Queue, unless it is closed, full, or has others waiting for room.
// Anything on the loop may call it.
func (q *Queue[T]) TrySend(v T) bool {
	q.l.check()
	if q.closed || q.n+q.granted == len(q.slots) {
		return false
	}
	q.put(v)
	return true
}

// Receive waits for a value. It returns ErrClosed when the Queue is closed and empty.
func (q *Queue[T]) Receive(co *Co) (v T, err error) {
	if q.l != co.l {
		return v, ErrForeign
	}
	if err := co.mayTake(); err != nil {
		return v, err
	}
	if v, ok := q.TryReceive(); ok {
		return v, nil
	}
	if q.over() {
		return v, ErrClosed
	}
	if err := co.await(&q.receivers); err != nil {
		return v, err
	}
	q.claimed--
	return q.take(), nil
}

// TryReceive takes a value if there is one that no waiting coroutine will get.
func (q *Queue[T]) TryReceive() (v T, ok bool) {
	q.l.check()
	if q.n == q.claimed {
		return v, false
	}
	return q.take(), true
}

// Close refuses what is sent from now on, also by those who wait for room. What is in the
// Queue can still be received.
func (q *Queue[T]) Close() {
	q.l.check()
	q.closed = true
	q.senders.failAll(ErrClosed)
	q.dismiss()
}

// Len returns how many values are in the Queue, Cap how many it can hold.
func (q *Queue[T]) Len() int { return q.n }
func (q *Queue[T]) Cap() int { return len(q.slots) }

// over reports whether no value will come any more that is not promised to somebody.
func (q *Queue[T]) over() bool { return q.closed && q.granted == 0 && q.n == q.claimed }

// dismiss ends the waits of receivers for whom nothing can come any more.
func (q *Queue[T]) dismiss() {
	if q.over() {
		q.receivers.failAll(ErrClosed)
	}
}

func (q *Queue[T]) put(v T) {
	i := q.head + q.n
	if i >= len(q.slots) {
		i -= len(q.slots)
	}
	q.slots[i] = v
	q.n++
	if q.receivers.wakeOne() {
		q.claimed++
	}
	q.dismiss()
}

func (q *Queue[T]) take() (v T) {
	p := &q.slots[q.head]
	var zero T
	v, *p = *p, zero
	if q.head++; q.head == len(q.slots) {
		q.head = 0
	}
	q.n--
	if q.senders.wakeOne() {
		q.granted++
	}
	return v
}

// Receiving returns a Case that receives into *v.
func (q *Queue[T]) Receiving(v *T) Case { return &receiving[T]{q, v} }

type receiving[T any] struct {
	q *Queue[T]
	v *T
}

func (r *receiving[T]) loop() *Local { return r.q.l }
func (r *receiving[T]) try() (bool, error) {
	v, ok := r.q.TryReceive()
	if ok {
		*r.v = v
	} else if r.q.over() {
		return true, ErrClosed
	}
	return ok, nil
}
func (r *receiving[T]) enlist(w *waiter) error {
	r.q.receivers.push(w)
	return nil
}
func (r *receiving[T]) taken() error {
	r.q.claimed--
	*r.v = r.q.take()
	return nil
}

// Sending returns a Case that sends v.
func (q *Queue[T]) Sending(v T) Case { return &sending[T]{q, v} }

type sending[T any] struct {
	q *Queue[T]
	v T
}

func (s *sending[T]) loop() *Local { return s.q.l }
func (s *sending[T]) try() (bool, error) {
	if s.q.closed {
		return true, ErrClosed
	}
	return s.q.TrySend(s.v), nil
}
func (s *sending[T]) enlist(w *waiter) error {
	s.q.senders.push(w)
	return nil
}
func (s *sending[T]) taken() error {
	s.q.granted--
	s.q.put(s.v)
	return nil
}
