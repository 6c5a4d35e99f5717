package exec

import (
	"fmt"
	"sync/atomic"
)

// CallFrom runs fn on x's loop and returns its result, without blocking the loop of the
// coroutine that calls it. Requests leave at the end of the caller's turn, and results
// come back at the end of x's, each in batches.
//
// It waits for room if 256 calls from this Exec to x are on their way. A call has its room
// until it is answered, so more than that many calls which themselves call back wait for
// each other: limit them (a Semaphore), or their time ([Co.Within]). It returns
// ErrClosed when x ends before it has answered, a [Panic] when fn panicked and x survived
// that, and the error of a wait that ended early; fn is not run then, unless it has begun.
// On the coroutine's own Exec fn is simply called.
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

// call is what is the same in all calls between Execs. It goes there in the lane for
// requests and comes back in the lane for replies.
type call struct {
	// What the loop that is called needs. With the rest of an insideCall before it this is
	// one cache line, which crosses twice.
	back     *wayBack
	state    atomic.Int32
	canceled atomic.Pointer[Waker] // cancels the coroutine that was begun
	err      error

	// The caller's.
	o          *outlet
	prev, next *call // in o's list of calls on their way
	caller     waitList
	answered   bool

	_ [16]byte // so that a small insideCall is two lines, and the allocator aligns it
}

func (c *call) base() *call { return c }

// exchange sends the call and waits for the reply.
func (c *call) exchange(co *Co, o *outlet, t Task) error {
	if o.flying+o.promised >= maxCalls {
		if err := co.await(&o.room); err != nil {
			return err
		}
		o.promised--
		if err := co.mayWait(); err != nil { // since it was given room
			o.admit()
			return err
		}
	}
	if err := o.send(c, t); err != nil {
		return err
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
	o, err := co.l.outletTo(x)
	if err != nil {
		return v, err
	}
	c := spareCall[T](o)
	c.fn, c.body = fn, body
	if err := c.exchange(co, o, c); err != nil {
		return v, err
	}
	v, err = c.v, c.err
	if c.answered {
		c.recycle(o)
	}
	return v, err
}

// spareCall returns a call that has come back, if the last one to do so was one of a T. Most
// coroutines that call the same Exec again and again ask for the same type.
func spareCall[T any](o *outlet) *insideCall[T] {
	if last := len(o.spare) - 1; last >= 0 {
		if c, ok := o.spare[last].(*insideCall[T]); ok {
			o.spare = o.spare[:last]
			return c
		}
	}
	return &insideCall[T]{}
}

// recycle keeps a call that the other side has answered, and so does not know any more.
func (c *insideCall[T]) recycle(o *outlet) {
	if len(o.spare) == maxCalls {
		return
	}
	var zero T
	c.fn, c.body, c.v, c.err, c.answered = nil, nil, zero, nil, false
	c.state.Store(callSent)
	if c.canceled.Load() != nil {
		c.canceled.Store(nil)
	}
	o.spare = append(o.spare, c)
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
	case l.x != c.back.to:
	case !c.state.CompareAndSwap(callSent, callBegun): // abandoned
		c.reply(l)
	case c.fn != nil:
		c.v, c.err = c.fn(l)
		c.reply(l)
	default:
		err := goThen(l, c.follow, func(v T, err error) {
			c.v, c.err = v, err
			c.reply(l)
		})
		if err != nil {
			c.err = err
			c.reply(l)
		}
	}
}

// follow runs the body so that the caller can cancel it.
func (c *insideCall[T]) follow(co *Co) (T, error) {
	w := NewWaker(co.l, abandoned{co.ref()})
	c.canceled.Store(w)
	if c.state.Load() == callAbandoned {
		co.cancel(&ErrCancelled)
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
	c.reply(c.back.to.loop)
}
