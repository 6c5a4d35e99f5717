package group

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/pushcore/pushcore/exec"
)

// Report says what a Shutdown has left undone.
type Report[T any] struct {
	Undone    []T           // items that were accepted and not handled
	Tasks     []exec.Task   // the same of tasks, in a group of values
	Cancelled uint64        // coroutines that were cancelled: those that had asked for it, and at the deadline the rest
	Jobs      uint64        // of exec.GoBlocking: those that never began
	Running   int           // of exec.GoBlocking: those that still run, see WaitBlocking
	Took      time.Duration // from the call to its return
}

// Shutdown ends the group in good order: it refuses NEW work, cancels the coroutines that
// asked for it (see exec.Co.CancelOnDrain), lets everything else end by itself until ctx
// ends, cancels and stops what is left then, and reports it. The error is that of
// [Group.Drain], also if a worker has ended before its time: the others finish what they
// have. On a loop it returns exec.ErrOnLoop.
func (g *Group[T]) Shutdown(ctx context.Context) (Report[T], error) {
	var r Report[T]
	before := g.leftovers()
	start := time.Now()
	undone, err := g.Drain(ctx)
	if errors.Is(err, exec.ErrOnLoop) {
		return r, err
	}
	now := g.leftovers()
	return Report[T]{
		Undone:    undone,
		Tasks:     g.UndoneTasks(),
		Cancelled: now.cancelled - before.cancelled,
		Jobs:      now.jobs - before.jobs,
		Running:   now.running,
		Took:      time.Since(start),
	}, err
}

// leftovers is what the workers have not finished so far.
type leftovers struct {
	cancelled, jobs uint64
	running         int
}

func (g *Group[T]) leftovers() (n leftovers) {
	for _, w := range g.members() {
		s := w.x.Stats()
		n.cancelled += s.Cancelled
		n.jobs += s.JobsUndone
		n.running += s.Blocking
	}
	return n
}

// WaitBlocking waits until work of exec.GoBlocking that outlives the workers has ended. It
// returns ctx's error if that ends first.
func (g *Group[T]) WaitBlocking(ctx context.Context) error {
	var errs []error
	for _, w := range g.members() {
		errs = append(errs, w.x.WaitBlocking(ctx))
	}
	return errors.Join(errs...)
}

// RunUntilSignal starts the group, waits for SIGINT or SIGTERM (or for one of sigs, if any
// are given), and shuts the group down, for which it has grace. A second signal makes it
// give up at once. It also returns, with their errors, when all workers have ended.
//
// A signal that comes while the group starts is acted on when it has started. The error is
// nil after a complete shutdown, and wraps exec.ErrRunning if a handler has not returned
// even then; that worker is left behind. It returns an error at once if grace is
// negative; zero gives up at the first signal.
func (g *Group[T]) RunUntilSignal(grace time.Duration, sigs ...os.Signal) (r Report[T], err error) {
	if grace < 0 {
		return r, fmt.Errorf("group: %s: RunUntilSignal with a grace of %v: it must not be negative", g.cfg.Name, grace)
	}
	err = UntilSignal(g.Start, g.Wait, func(ctx context.Context) (err error) {
		r, err = g.Shutdown(ctx)
		return err
	}, grace, sigs...)
	return r, err
}

// UntilSignal is RunUntilSignal for whatever has a Start, a Wait and a shutdown like those of
// a Group.
func UntilSignal(start, wait func() error, shutdown func(ctx context.Context) error, grace time.Duration, sigs ...os.Signal) error {
	if grace < 0 {
		return fmt.Errorf("group: UntilSignal with a grace of %v: it must not be negative", grace)
	}
	came := listen(sigs) // before a worker can tell anyone that it is there
	defer signal.Stop(came)
	if err := start(); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		ended <- wait()
		cancel()
	}()
	err := onSignal(ctx, came, grace, shutdown)
	if errors.Is(err, exec.ErrRunning) {
		return err // a worker does not return, so neither would wait
	}
	if ends := <-ended; err == nil {
		err = ends
	}
	return err // it has what ended the workers
}

// OnSignal waits for SIGINT or SIGTERM (or for one of sigs, if any are given), or for the
// end of ctx, and then calls shutdown, with a context that ends after grace or when a
// second signal comes. It returns what shutdown returns. The signals are delivered as
// before when it has returned. It panics if shutdown is nil.
func OnSignal(ctx context.Context, grace time.Duration, shutdown func(ctx context.Context) error, sigs ...os.Signal) error {
	if shutdown == nil {
		panic("group: OnSignal with a nil shutdown: there would be nothing to do when a signal comes")
	}
	came := listen(sigs)
	defer signal.Stop(came)
	return onSignal(ctx, came, grace, shutdown)
}

func listen(sigs []os.Signal) chan os.Signal {
	if len(sigs) == 0 {
		sigs = []os.Signal{os.Interrupt, syscall.SIGTERM}
	}
	came := make(chan os.Signal, 2)
	signal.Notify(came, sigs...)
	return came
}

func onSignal(ctx context.Context, came <-chan os.Signal, grace time.Duration, shutdown func(ctx context.Context) error) error {
	select {
	case <-came:
	case <-ctx.Done():
	}
	limited, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	go func() {
		select {
		case <-came:
			cancel()
		case <-limited.Done():
		}
	}()
	return shutdown(limited)
}
