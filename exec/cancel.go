package exec

import (
	"context"
	"fmt"
)

// CancelWith cancels the coroutine when ctx ends, as [Join].Abort does, with an error that
// also wraps the cause of ctx. The end of ctx becomes one message to the loop, which never
// looks at ctx. The end of the coroutine ends the connection; stop does before. It reports,
// like that of context.AfterFunc, whether it came before the end of ctx.
func (co *Co) CancelWith(ctx context.Context) (stop func() bool) {
	w := co.canceller(ctx)
	stop = context.AfterFunc(ctx, w.Wake)
	co.carrier.ties = append(co.carrier.ties, stop)
	return stop
}

func (co *Co) canceller(ctx context.Context) *Waker {
	co.mine()
	return innerWaker(co.l, ctxEnd{co.ref(), ctx})
}

// ctxEnd is the task that the end of a context sends.
type ctxEnd struct {
	coRef
	ctx context.Context
}

func (e ctxEnd) Run(*Local) {
	if co := e.get(); co != nil {
		err := fmt.Errorf("%w: %w", ErrCancelled, context.Cause(e.ctx))
		co.cancel(&err)
	}
}

// CancelOnDrain makes the coroutine one that is cancelled when a Drain of its Exec or
// group begins. A Drain waits for all others to end by themselves, until its context ends.
func (co *Co) CancelOnDrain() {
	co.mine()
	co.drain = true
	if co.l.quiesced {
		co.cancel(&errEnding)
	}
}
