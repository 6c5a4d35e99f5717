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
	c := &insideCall[T]{fn: fn}
	if err := c.call.exchange(co, x, c); err != nil {
		return v, err
	}
	return c.v, c.err
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
	c := &insideCall[T]{body: fn}
	if err := c.call.exchange(co, x, c); err != nil {
		return v, err
	}
	return c.v, c.err
}

// call is what is the same in all calls between Execs. It goes there in the lane for
// requests and comes back in the lane for replies.
type call struct {
	o          *outlet
	prev, next *call // in o's list of calls on their way; the caller's
	caller     waitList

	state    atomic.Int32
	canceled atomic.Pointer[Waker] // on the other side, cancels the coroutine that was begun

	err error // written by the other side before the reply is sent
}

func (c *call) base() *call { return c }

// exchange sends the call and waits for the reply.
func (c *call) exchange(co *Co, x *Exec, t Task) error {
	if err := co.mayWait(); err != nil {
		return err
	}
	o, err := co.l.outletTo(x)
	if err != nil {
		return err
	}
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

// insideCall is a call from a coroutine. It is the Task that is sent.
type insideCall[T any] struct {
	call
	fn   func(l *Local) (T, error)
	body func(co *Co) (T, error) // or this
	v    T
}

// Run runs the call on its Exec. On another one, to which somebody has sent what Drain
// returned, it does nothing: the caller hears that its Exec has ended.
func (c *insideCall[T]) Run(l *Local) {
	switch {
	case l.x != c.o.to:
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
	w := NewWaker(co.l, abandoned{co})
	c.canceled.Store(w)
	if c.state.Load() == callAbandoned {
		co.cancel(ErrCancelled)
	}
	return c.body(co)
}

// abandoned cancels a coroutine whose caller does not wait any more.
type abandoned struct{ co *Co }

func (a abandoned) Run(*Local) {
	a.co.cancel(fmt.Errorf("%w: the caller does not wait any more", ErrCancelled))
}

// failed is what the loop calls when Run panics.
func (c *insideCall[T]) failed(p Panic) {
	c.err = p
	c.reply(c.o.to.loop)
}
