package exec

import (
	"context"
	"fmt"
)

// close ends the pool with its loop, on which it is called; again if OnPanic did not return.
// Jobs that have not begun never will.
func (p *blockingPool) close(l *Local) {
	if p == nil {
		return
	}
	p.mu.Lock()
	if !p.closed {
		p.closed = true
		if p.open == 0 {
			close(p.gone)
		}
	}
	for _, w := range p.idle {
		w.wake <- struct{}{}
	}
	p.idle = nil
	p.mu.Unlock()
	// From here on the queue, and those that have ended, are the loop's own.
	for j := p.queue.pop(); j != nil; j = p.queue.pop() {
		l.n[cJobsUndone]++
		l.jobReturned(j, fmt.Errorf("exec: %s: it ended before the job began: %w", p.x.cfg.Name, ErrClosed))
	}
	for p.ended.n > 0 {
		p.complete(l, wakeBudget)
	}
}

// settle closes the account of a job that has outlived its loop. Nobody can wait for its
// result; a panic is reported all the same.
func (p *blockingPool) settle(j *job) {
	x := p.x
	<-x.done // the last things that the loop does are its own
	defer x.setAside(func() {
		x.loop.jobEnded(j)
		if j.failed != nil {
			x.loop.n[cPanics]++
		}
	})
	if f := x.cfg.OnPanic; f != nil && j.failed != nil {
		f(*j.failed)
	}
}

// WaitBlocking waits until the Exec has ended, and then until the jobs of GoBlocking that
// have outlived it have returned, and all their goroutines are gone. A Drain without an error
// leaves only idle ones. The error wraps ctx's if that ends first; on a loop it is ErrOnLoop.
// A job that waits for those of its own Exec waits for itself.
func (x *Exec) WaitBlocking(ctx context.Context) error {
	if OnLoop() {
		return ErrOnLoop
	}
	if err := waitFor(ctx, x.done); err != nil {
		return fmt.Errorf("exec: %s: it has not ended: %w", x.cfg.Name, err)
	}
	p := x.loop.blocking
	if p == nil {
		return nil
	}
	if err := waitFor(ctx, p.gone); err != nil {
		return fmt.Errorf("exec: %s: %d jobs of GoBlocking have not returned: %w", x.cfg.Name, x.Stats().Blocking, err)
	}
	return nil
}

// waitFor waits until c is closed, or ctx ends before.
func waitFor(ctx context.Context, c <-chan struct{}) error {
	select {
	case <-c:
		return nil
	default:
	}
	select {
	case <-c:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
