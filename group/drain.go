package group

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/pushcore/pushcore/exec"
)

// Drain ends the group gracefully. NEW work is refused from now on, and so are tasks and
// calls from outside; coroutines that asked for it are cancelled; what was accepted is
// handled, and what it forwards, too, and the other coroutines end by themselves, which may
// go on calling each other; then the workers end. If ctx ends first, the workers are stopped
// after the turn that they are in.
//
// A worker that has ended before (by exec.Panic.Stop, for example) keeps none of the others
// from what they have to do: only what was bound for it stays undone.
//
// It returns the items that were accepted and not handled: none after a complete
// drain. In a group of Tasks these include tasks that workers had spawned locally;
// in a group of values UndoneTasks has those. The error is nil after a complete
// drain; otherwise it wraps ctx's error, what has ended workers before their time, and
// exec.ErrRunning if a handler has not returned: then Drain may be called again. On a loop
// it returns exec.ErrOnLoop.
//
// A Forwarder on a loop outside the group is refused from now on, like a Producer. It
// may hold some items until its turn, or its loop, ends: the next Drain returns them.
func (g *Group[T]) Drain(ctx context.Context) (undone []T, err error) {
	if exec.OnLoop() {
		return nil, exec.ErrOnLoop
	}
	g.close()
	end, err := g.begin(ctx)
	if err != nil {
		g.Stop()
		return nil, fmt.Errorf("group: %s: drain: a change of the workers has not ended: %w", g.cfg.Name, errors.Join(err, exec.ErrRunning))
	}
	end() // there will be no other
	workers := g.members()
	for _, w := range workers {
		w.x.Quiesce()
	}
	quiet := !g.isStarted() || g.awaitQuiet(ctx)
	late := ctx.Err()
	for _, w := range workers {
		w.fwd.Close()
		if !quiet {
			w.x.Stop()
		}
	}
	tasks := make([][]exec.Task, len(workers))
	errs := make([]error, len(workers))
	var wg sync.WaitGroup
	for i, w := range workers {
		wg.Go(func() { tasks[i], errs[i] = w.x.Drain(ctx) })
	}
	wg.Wait()
	g.mu.Lock()
	ran := g.ran // or Start has said what was wrong
	g.mu.Unlock()
	for i, w := range workers {
		if errors.Is(errs[i], exec.ErrRunning) {
			continue
		}
		if ran {
			errs[i] = errors.Join(errs[i], w.x.Wait())
		}
		for _, in := range []*exec.Inbox[T]{w.fwd, w.fresh} {
			vs, _ := in.Undone()
			undone = append(undone, vs...)
		}
		undone = g.addTasks(undone, tasks[i])
	}
	if err = errors.Join(errs...); !quiet && late != nil && !errors.Is(err, late) {
		// They had all ended before Exec.Drain looked, but of the Stop above.
		err = errors.Join(fmt.Errorf("group: %s: drain: %w", g.cfg.Name, late), err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.reap()
	undone = append(undone, g.strays...)
	g.returned.Add(uint64(len(g.strays)))
	undone = append(undone, g.orphans...)
	g.strays, g.orphans = nil, nil
	return undone, err
}

// UndoneTasks returns the tasks, spawned on the workers or sent to their Execs, that
// Drain found not run, in a group whose items are not Tasks. It empties the list.
func (g *Group[T]) UndoneTasks() []exec.Task {
	g.mu.Lock()
	defer g.mu.Unlock()
	ts := g.undone
	g.undone = nil
	return ts
}

// addTasks files tasks that an Exec has returned.
func (g *Group[T]) addTasks(undone []T, tasks []exec.Task) []T {
	tasks = g.withoutErrands(tasks)
	if ts, ok := any(undone).([]exec.Task); ok {
		return any(append(ts, tasks...)).([]T)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.undone = append(g.undone, tasks...)
	return undone
}

func (g *Group[T]) isStarted() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.started
}
