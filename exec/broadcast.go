package exec

import "fmt"

// Broadcast shows every value to all who have subscribed, on one loop. It keeps the last
// values only: who is slower than that misses some, and is told how many. Sending never
// waits.
type Broadcast[T any] struct {
	l       *Local
	slots   []T
	sent    uint64 // values so far; the last len(slots) of them are there
	closed  bool
	waiters waitList
}

// Missed is the error that a Subscription returns which was too slow, once: how many
// values it has missed.
type Missed uint64

func (m Missed) Error() string {
	return fmt.Sprintf("exec: %d values of a Broadcast came and went before they were received", uint64(m))
}

// NewBroadcast returns a Broadcast that keeps the last capacity values for those who are
// slow. It panics if capacity < 1.
func NewBroadcast[T any](l *Local, capacity int) *Broadcast[T] {
	l.check()
	if capacity < 1 || capacity > maxBound {
		panic(fmt.Sprintf("exec: NewBroadcast with a capacity of %d: it must be from 1 to %d", capacity, maxBound))
	}
	return &Broadcast[T]{l: l, slots: make([]T, capacity)}
}

// Send shows v to all subscribers. It reports false when the Broadcast is closed.
func (b *Broadcast[T]) Send(v T) bool {
	b.l.check()
	if b.closed {
		return false
	}
	b.slots[b.sent%uint64(len(b.slots))] = v
	b.sent++
	b.waiters.wakeAll()
	return true
}

// Close ends the Broadcast. What subscribers have not yet received they still can.
func (b *Broadcast[T]) Close() {
	b.l.check()
	b.closed = true
	b.waiters.wakeAll()
}

// Subscribe returns a Subscription that begins with the next value sent.
func (b *Broadcast[T]) Subscribe() *Subscription[T] {
	b.l.check()
	return &Subscription[T]{b: b, next: b.sent}
}

// Subscription is one receiver of a Broadcast. It may be dropped at any time.
type Subscription[T any] struct {
	b    *Broadcast[T]
	next uint64
}

// Receive waits for the next value. It returns ErrClosed after the last one, and a
// [Missed] if values came and went since the last call; the call after that returns the
// oldest that is left.
func (s *Subscription[T]) Receive(co *Co) (v T, err error) {
	if s.b.l != co.l {
		return v, ErrForeign
	}
	if err := co.mayWait(); err != nil {
		return v, err
	}
	if !s.waiting() {
		co.spend()
	}
	for s.waiting() { // again, if another coroutine has taken what this one was woken for
		if err := co.mayWait(); err != nil {
			return v, err
		}
		if err := co.await(&s.b.waiters); err != nil {
			return v, err
		}
	}
	return s.take()
}

// waiting reports whether there is nothing to return yet.
func (s *Subscription[T]) waiting() bool { return s.next == s.b.sent && !s.b.closed }

func (s *Subscription[T]) take() (v T, err error) {
	b := s.b
	if s.next == b.sent {
		if !b.closed {
			return v, Missed(0) // see Receiving
		}
		return v, ErrClosed
	}
	if kept := uint64(len(b.slots)); b.sent-s.next > kept {
		missed := b.sent - kept - s.next
		s.next += missed
		return v, Missed(missed)
	}
	v = b.slots[s.next%uint64(len(b.slots))]
	s.next++
	return v, nil
}

// Receiving returns a Case that receives into *v. Select returns ErrClosed and Missed
// with the index of the case. Missed is 0 if another coroutine has the same Subscription,
// and was faster.
func (s *Subscription[T]) Receiving(v *T) Case { return &subscribed[T]{s, v} }

type subscribed[T any] struct {
	s *Subscription[T]
	v *T
}

func (r *subscribed[T]) loop() *Local { return r.s.b.l }
func (r *subscribed[T]) try() (bool, error) {
	if r.s.waiting() {
		return false, nil
	}
	return true, r.taken()
}
func (r *subscribed[T]) enlist(w *waiter) error {
	r.s.b.waiters.push(w)
	return nil
}
func (r *subscribed[T]) taken() (err error) {
	*r.v, err = r.s.take()
	return err
}
