package exec

import (
	"context"
	"fmt"
	"sync/atomic"
)

// Call runs fn on x's loop and returns its result. It waits for room in x's inbox and for
// the result. It returns ErrClosed when x ends first, ctx's error when ctx ends first (fn
// is not run any more then, unless it had begun), a [Panic] when fn panicked and x
// survived that, and ErrOnLoop when it is called on a loop: use [CallFrom] there.
func Call[T any](ctx context.Context, x *Exec, fn func(l *Local) (T, error)) (v T, err error) {
	if fn == nil {
		panic("exec: Call of a nil function")
	}
	c := &outsideCall[T]{x: x, fn: fn, done: make(chan struct{})}
	return c.send(ctx)
}

// CallGo runs fn as a coroutine of x and returns its result. It is like [Call]; the end of
// ctx also cancels the coroutine.
func CallGo[T any](ctx context.Context, x *Exec, fn func(co *Co) (T, error)) (v T, err error) {
	if fn == nil {
		panic("exec: CallGo of a nil function")
	}
	c := &outsideCall[T]{x: x, body: fn, ctx: ctx, done: make(chan struct{})}
	return c.send(ctx)
}

// The life of a call. Whoever changes it from callSent decides whether it is run.
const (
	callSent int32 = iota
	callBegun
	callAbandoned
)

// outsideCall is a call that a goroutine outside waits for. It is the Task that is sent.
type outsideCall[T any] struct {
	x     *Exec
	fn    func(l *Local) (T, error)
	body  func(co *Co) (T, error) // or this
	ctx   context.Context         // cancels the coroutine
	state atomic.Int32

	done chan struct{} // closed by the loop, after v and err were written
	v    T
	err  error
}

func (c *outsideCall[T]) send(ctx context.Context) (v T, err error) {
	x := c.x
	if err := x.Send(ctx, c); err != nil {
		return v, err
	}
	select {
	case <-c.done:
		return c.v, c.err
	case <-ctx.Done():
		c.state.CompareAndSwap(callSent, callAbandoned)
		err = ctx.Err()
	case <-x.done:
		err = fmt.Errorf("exec: %s: it ended before it had answered: %w", x.cfg.Name, ErrClosed)
	}
	select {
	case <-c.done: // it was just in time
		return c.v, c.err
	default:
		return v, err
	}
}

// Run runs the call on its Exec. On another one, to which somebody has sent what Drain
// returned, it does nothing: the caller has heard that its Exec has ended.
func (c *outsideCall[T]) Run(l *Local) {
	if l.x != c.x || !c.state.CompareAndSwap(callSent, callBegun) {
		return
	}
	if c.fn != nil {
		c.complete(c.fn(l))
		return
	}
	err := goThen(l, func(co *Co) (T, error) {
		co.CancelWith(c.ctx)
		return c.body(co)
	}, c.complete)
	if err != nil {
		c.fail(err)
	}
}

func (c *outsideCall[T]) complete(v T, err error) {
	c.v, c.err = v, err
	close(c.done)
}

func (c *outsideCall[T]) fail(err error) { c.complete(c.v, err) }

// failed is what the loop calls when Run panics.
func (c *outsideCall[T]) failed(p Panic) { c.fail(p) }

// goThen starts a coroutine whose end is reported to then.
func goThen[T any](l *Local, f func(co *Co) (T, error), then func(T, error)) error {
	j, err := Go(l, f)
	if err == nil {
		j.watcher = watch(func() { then(j.v, j.err) })
	}
	return err
}
