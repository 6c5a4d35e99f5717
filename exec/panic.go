package exec

import (
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"
	"strings"
)

// Panic describes how a task or a handler ended other than by returning.
type Panic struct {
	Exec      string // the Exec's name
	Value     any    // what panic was called with; nil for a Goexit
	Goexit    bool   // runtime.Goexit was called (t.FailNow does)
	Task      Task   // the task, or nil if a batch handler or a source failed
	Blocking  bool   // it was a function given to Blocking
	Coroutine bool   // it was a coroutine
	Items     int    // how many items of the batch failed with it, all of those offered
	Stack     []byte // the stack at that point

	x *Exec
}

// Error makes a Panic usable as an error. It does not show the stack.
func (p Panic) Error() string {
	what := fmt.Sprintf("panic: %v", p.Value)
	if p.Goexit {
		what = "runtime.Goexit was called"
	}
	switch {
	case p.Blocking:
		return fmt.Sprintf("exec: %s: blocking work: %s", p.Exec, what)
	case p.Coroutine:
		return fmt.Sprintf("exec: %s: coroutine: %s", p.Exec, what)
	case p.Task != nil:
		return fmt.Sprintf("exec: %s: task %T: %s", p.Exec, p.Task, what)
	case p.Items > 0:
		return fmt.Sprintf("exec: %s: handler of a batch of %d: %s", p.Exec, p.Items, what)
	}
	return fmt.Sprintf("exec: %s: %s", p.Exec, what)
}

// Unwrap returns the value that panic was called with, if that is an error.
func (p Panic) Unwrap() error {
	err, _ := p.Value.(error)
	return err
}

// Stop ends the Exec that it happened on, after this turn, with the Panic as the error that
// Wait returns. As Config.OnPanic, exec.Panic.Stop is the policy that one panic ends one
// Exec, instead of the program.
func (p Panic) Stop() {
	x := p.x
	x.mu.Lock()
	if x.fatal == nil {
		x.fatal = p
	}
	x.mu.Unlock()
	x.Stop()
}

// LogPanics returns a Config.OnPanic that logs, with the stack, and goes on. A nil logger
// is slog.Default().
func LogPanics(logger *slog.Logger) func(p Panic) {
	return func(p Panic) {
		log := logger
		if log == nil {
			log = slog.Default()
		}
		log.Error("exec: survived a panic", "exec", p.Exec, "panic", p.Error(), "stack", string(p.Stack))
	}
}

// elsewhere is a panic that ends the program on another stack than it happened on: the
// message has that one.
type elsewhere struct{ Panic }

func (e elsewhere) Error() string { return e.Panic.Error() + "\n\n" + string(e.Stack) }

// running is what the loop must know to settle the account when the code that it
// called unwinds instead of returning.
type running struct {
	task   Task     // the task that runs, or nil
	ring   released // the ring that a batch was lent from, or nil
	sheet  *sheet   // its inbox's, too
	items  int      // size of the batch
	done   int      // single: tasks begun, the failed one included
	single bool     // the batch is tasks, which fail one by one
	late   bool     // the batch is in the hands of OnExpired

	settle func(l *Local, offered, gone int) // InboxConfig.Settle
}

// failer is a task that somebody waits for: it is told that it has failed.
type failer interface{ failed(p Panic) }

// released is a ring that takes items out once they are dealt with.
type released interface{ Release(k int) }

// fail settles what was running: it is failed, not lost and not run again.
func (l *Local) fail(value any, goexit bool) {
	r := l.running
	l.running = running{}
	p := Panic{x: l.x, Exec: l.x.cfg.Name, Value: value, Goexit: goexit, Task: r.task, Stack: debug.Stack()}
	l.did++
	l.n[cPanics]++
	if r.task != nil {
		l.n[cTasksFailed]++
	}
	if t, ok := r.task.(failer); ok {
		t.failed(p)
	}
	if r.ring != nil {
		gone := r.done
		if !r.single {
			gone, p.Items = r.items, r.items
			l.n[cItemsFailed] += uint64(gone)
		}
		r.sheet.failed(gone, r.single)
		r.ring.Release(gone)
		if r.settle != nil {
			r.settle(l, r.items, gone)
		}
	}
	if f := l.x.cfg.OnPanic; f != nil {
		f(p)
	}
}

// runPhasesGuarded is runPhases with the panic policy: a panic ends the phase and
// is reported. One deferred call serves a whole turn.
func (l *Local) runPhasesGuarded() {
	returned := false
	defer func() {
		if returned {
			return
		}
		if v := recover(); v != nil {
			l.fail(v, false)
		}
		// nil: a Goexit, which cannot be stopped. The thread (or Step) settles it.
	}()
	l.runPhases()
	returned = true
}

// goexiting reports whether the deferred function that calls it runs because of
// runtime.Goexit. It looks instead of recovering so that a panic that is to end
// the program keeps its own stack.
func goexiting() bool {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	for {
		f, more := frames.Next()
		switch {
		case f.Function == "runtime.Goexit":
			return true
		case strings.HasSuffix(f.Function, "runtime.gopanic") || !more:
			return false
		}
	}
}
