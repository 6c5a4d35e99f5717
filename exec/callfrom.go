package exec

import (
	"fmt"
	"sync/atomic"
)

// CallFrom runs fn on x's loop and returns its result, without blocking the loop of the
// coroutine that calls it. The first request, and the first reply, of a turn leave at
// once, further ones together at its end.
//
// It waits for room while Config.CallCap calls from this Exec wait for x to begin them. A
// call that has begun takes no room, and neither does its reply, so calls may nest and go in
// circles. It returns ErrClosed when x ends before it has answered, a [Panic] when fn
// panicked and x survived that, ErrTooMany when 1024 Execs and lanes already lead to
// x, and the error of a wait that ended early; fn is not run then, unless it has begun. On
// the coroutine's own Exec fn is simply called.
func CallFrom[T any](co *Co, x *Exec, fn func(l *Local) (T, error)) (v T, err error) {
	if fn == nil {
		panic("exec: CallFrom of a nil function")
	}
	if x == co.l.x {
		if err := co.mayWait(); err != nil {
			return v, err
		}
		co.spend()
		return fn(co.l)
	}
	return callOut(co, x, fn, nil)
}

// CallGoFrom runs fn as a coroutine of x and returns its result. It is like [CallFrom]; if
// the caller's wait ends early, the coroutine is cancelled.
func CallGoFrom[T any](co *Co, x *Exec, fn func(co *Co) (T, error)) (v T, err error) {
	if fn == nil {
		panic("exec: CallGoFrom of a nil function")
	}
	if x == co.l.x {
		if err := co.mayWait(); err != nil {
			return v, err
		}
		j, err := Go(co.l, fn)
		if err != nil {
			return v, err
		}
		if v, err = j.Await(co); !j.Finished() {
			j.Abort()
		}
		return v, err
	}
	return callOut(co, x, nil, fn)
}

// call is what is the same in all calls between Execs.
type call struct {
	// What the loop that is called needs. With the rest of an insideCall before it this is
	// one cache line, which crosses twice.
	replies *replies
	link    *call // in the list of replies
	state   atomic.Int32
	err     error

	// The caller's.
	p          *peer
	prev, next *call // in p's list of calls on their way
	caller     waitList
	answered   bool // by the other side

	canceled atomic.Pointer[Waker] // on the other side, cancels the coroutine that was begun

	_ [8]byte // so that a small insideCall is two lines, and the allocator aligns it
}

func (c *call) base() *call { return c }

// exchange sends the call and waits for the reply.
func (c *call) exchange(co *Co, p *peer, t Task) error {
	for first := true; ; first = false {
		if p.room.empty() && p.promised == 0 || !first {
			if ok, err := p.send(c, t); ok || err != nil {
				if err != nil {
					return err
				}
				break
			}
		}
		if err := co.await(&p.room); err != nil {
			return err
		}
		p.promised--
		if err := co.mayWait(); err != nil { // since it was given room
			return err
		}
	}
	if err := co.await(&c.caller); err != nil {
		if !c.state.CompareAndSwap(callSent, callAbandoned) {
			c.state.Store(callAbandoned)
			if w := c.canceled.Load(); w != nil {
				w.Wake()
			}
		}
		return err
	}
	return nil
}

// callOut runs fn, or body as a coroutine, on x.
func callOut[T any](co *Co, x *Exec, fn func(l *Local) (T, error), body func(co *Co) (T, error)) (v T, err error) {
	if err := co.mayWait(); err != nil {
		return v, err
	}
	p, err := co.l.peer(x)
	if err != nil {
		return v, err
	}
	c := spareCall[T](p)
	c.fn, c.body = fn, body
	if err := c.exchange(co, p, c); err != nil {
		return v, err
	}
	v, err = c.v, c.err
	if c.answered {
		c.recycle(p)
	}
	return v, err
}

// spareCall returns a call that has come back, if the last one to do so was one of a T. Most
// coroutines that call the same Exec again and again ask for the same type.
func spareCall[T any](p *peer) *insideCall[T] {
	if last := len(p.spare) - 1; last >= 0 {
		if c, ok := p.spare[last].(*insideCall[T]); ok {
			p.spare = p.spare[:last]
			return c
		}
	}
	return &insideCall[T]{}
}

// recycle keeps a call that the other side has answered, and so does not know any more.
func (c *insideCall[T]) recycle(p *peer) {
	if len(p.spare) == maxSpare {
		return
	}
	var zero T
	c.fn, c.body, c.v, c.err, c.answered = nil, nil, zero, nil, false
	c.state.Store(callSent)
	if c.canceled.Load() != nil {
		c.canceled.Store(nil)
	}
	p.spare = append(p.spare, c)
}

// insideCall is a call from a coroutine. It is the Task that is sent.
type insideCall[T any] struct {
	fn   func(l *Local) (T, error)
	body func(co *Co) (T, error) // or this
	v    T
	call
}

// Run runs the call on its Exec. On another one, to which somebody has sent what Drain
// returned, it does nothing: the caller hears that its Exec has ended.
func (c *insideCall[T]) Run(l *Local) {
	switch {
	case l != c.replies.by:
	case !c.state.CompareAndSwap(callSent, callBegun): // abandoned
		c.reply()
	case c.fn != nil:
		c.v, c.err = c.fn(l)
		c.reply()
	default:
		err := goThen(l, c.follow, func(v T, err error) {
			c.v, c.err = v, err
			c.reply()
		})
		if err != nil {
			c.err = err
			c.reply()
		}
	}
}

// follow runs the body so that the caller can cancel it.
func (c *insideCall[T]) follow(co *Co) (T, error) {
	w := innerWaker(co.l, abandoned{co.ref()})
	c.canceled.Store(w)
	if c.state.Load() == callAbandoned { // before it has begun
		return c.v, errAbandoned
	}
	return c.body(co)
}

// abandoned cancels a coroutine whose caller does not wait any more.
type abandoned struct{ coRef }

var errAbandoned = fmt.Errorf("%w: the caller does not wait any more", ErrCancelled)

func (a abandoned) Run(*Local) {
	if co := a.get(); co != nil {
		co.cancel(&errAbandoned)
	}
}

// failed is what the loop calls when Run panics.
func (c *insideCall[T]) failed(p Panic) {
	c.err = p
	c.reply()
}
