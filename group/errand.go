package group

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/internal/backoff"
)

// errand is a function that a change runs on a worker's loop. The account leaves it out: it is no task of the group's
// users.
type errand struct {
	f     func(l *exec.Local) error
	state atomic.Int32 // whoever changes it first decides whether f is run
	done  chan error
	count *atomic.Uint64
}

const (
	errandBegun int32 = iota + 1
	errandAbandoned
)

// Run implements exec.Task.
func (e *errand) Run(l *exec.Local) {
	e.count.Add(1)
	if !e.state.CompareAndSwap(0, errandBegun) {
		return
	}
	err := errors.New("it called runtime.Goexit")
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("it panicked: %v", p)
		}
		e.done <- err
	}()
	err = e.f(l)
}

// do runs f on w's loop and returns its error; a panic is an error, too. If ctx, or the worker, ends before f has
// begun, it is not run.
func (g *Group[T]) do(ctx context.Context, w *worker[T], f func(l *exec.Local) error) error {
	e := &errand{f: f, done: make(chan error, 1), count: &g.errands}
	var b backoff.Backoff
	for !w.x.TryControl(e) {
		if w.x.Ended() {
			return exec.ErrClosed
		}
		if err := b.Wait(ctx); err != nil {
			return err
		}
	}
	for b.Reset(); ; {
		ended := w.x.Ended() // before the look at the answer
		select {
		case err := <-e.done:
			return err
		default:
		}
		err := b.Wait(ctx)
		if ended {
			err = exec.ErrClosed
		}
		if err == nil {
			continue
		}
		if e.state.CompareAndSwap(0, errandAbandoned) {
			return err
		}
		return <-e.done // it has begun, and will return
	}
}

// withoutErrands takes errands out of tasks that were not run.
func (g *Group[T]) withoutErrands(tasks []exec.Task) []exec.Task {
	var left []exec.Task
	for _, t := range tasks {
		if _, ok := t.(*errand); !ok {
			left = append(left, t)
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.past.returned -= uint64(len(tasks) - len(left)) // as if they had never been
	return left
}
