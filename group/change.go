package group

import (
	"context"
	"errors"
	"fmt"

	"github.com/pushcore/pushcore/exec"
)

// Add makes a worker, starts it, and lets it take part; it returns its id, the lowest that is free. Senders see it at
// their next send.
//
// What a change like this one costs depends on the balancer. If it is not Ordered, or is Sticky, nobody waits for
// anything, unless Config.Release is set. With any other Ordered one the keys have other workers afterwards, so the
// change is a barrier: until the workers have handled all that they have accepted, and what that has made them forward,
// NEW work and that of Forwarders on loops outside the group is refused with ErrFull; Block waits. So the order of each
// key holds, through all stages of a pipeline. It takes as long as the longest queue. Sends by coroutines, timers and
// tasks that handlers have left behind are not waited for: of these, only the order of each Forwarder holds.
//
// If ctx ends first, nothing has changed, and the error is ctx's. Changes are made one at a time. They are refused
// before Start, on a loop (exec.ErrOnLoop) and when the group is closed (ErrClosed). Add, Remove and Replace are also
// refused in a group with Sharded state, which has one shard for each worker that it was started with. The error of Add
// wraps ErrTooMany when there are Config.MaxWorkers already.
func (g *Group[T]) Add(ctx context.Context) (id int, err error) {
	id = -1
	err = g.change(ctx, "Add", func(ctx context.Context, now *roster[T]) error {
		if err := g.mayResize(); err != nil {
			return err
		}
		free, err := g.free(now)
		if err != nil {
			return err
		}
		w, err := g.hire(free)
		if err != nil {
			return err
		}
		c := &crossing[T]{ctx: ctx, now: now, next: now.next()}
		c.next.workers[free] = w
		c.next.weights[free] = 1
		c.next.setOpen(free, true)
		if err = g.regroup(c); !c.made {
			return errors.Join(err, g.dismiss(w))
		}
		id = free
		g.note(func(n *Changes) { n.Added++ })
		return err
	})
	return id, err
}

// Remove takes worker id out of the group. It gets nothing new; it handles what it has accepted, its coroutines end as
// in a drain, and its Exec ends. Then its id is free. Tasks of its Exec that are left, of timers for example, are for
// Drain or UndoneTasks to return.
//
// If ctx ends first the worker is stopped after the turn that it is in, its coroutines are cancelled, and what it has
// not handled is handed over, in order, to the workers that the balancer picks now, before anything newer of the same
// keys. That is no error. (Behind a barrier it is an error, that of ctx, and nothing has changed, if other workers have
// not handled what they have, either.) A handler that does not return cannot be interrupted: then the error wraps
// exec.ErrRunning, what is for the worker is refused with ErrFull, and Remove is to be called again. A worker that has
// ended by a panic can be removed like any other. The last open one cannot. See [Group.Add] for how changes are made.
func (g *Group[T]) Remove(ctx context.Context, id int) error {
	return g.change(ctx, fmt.Sprintf("Remove(%d)", id), func(ctx context.Context, now *roster[T]) error {
		if err := g.mayResize(); err != nil {
			return err
		}
		if w := g.going(id); w != nil && now.worker(id) == nil {
			return g.retire(ctx, w, -1) // once more
		}
		w, err := now.mayClose(g.cfg.Name, id)
		if err != nil {
			return err
		}
		c := &crossing[T]{ctx: ctx, now: now, next: now.next(), leaving: w, to: -1}
		c.next.workers[id] = nil
		c.next.setOpen(id, false)
		if err = g.regroup(c); !c.made {
			return err
		}
		g.note(func(n *Changes) { n.Removed++ })
		return errors.Join(err, g.retire(ctx, w, -1))
	})
}

// Replace puts a new worker into the place of worker id: with an Exec, a thread and a handler of its own (Config.Worker
// is called while the old one still runs), on the same processor. Keys stay with the id; no sender sends to the new one
// before the old one has handled what that sender had sent to it. The old one ends as in [Group.Remove]; what it leaves
// behind goes to the new one. It is the way to go on after a panic that has ended a worker.
func (g *Group[T]) Replace(ctx context.Context, id int) error {
	return g.change(ctx, fmt.Sprintf("Replace(%d)", id), func(ctx context.Context, now *roster[T]) error {
		if err := g.mayResize(); err != nil {
			return err
		}
		if err := now.checkWorker(g.cfg.Name, id); err != nil {
			return err
		}
		if old := g.going(id); old != nil {
			return g.retire(ctx, old, id) // the one before: once more
		}
		w, err := g.hire(id)
		if err != nil {
			return err
		}
		c := &crossing[T]{ctx: ctx, now: now, next: now.next(), leaving: now.workers[id], to: id}
		c.next.workers[id] = w
		w.before.Store(c.leaving)
		if err = g.regroup(c); !c.made {
			return errors.Join(err, g.dismiss(w))
		}
		g.note(func(n *Changes) { n.Replaced++ })
		return errors.Join(err, g.retire(ctx, c.leaving, id))
	})
}

// Pause keeps the balancers from picking worker id. It goes on with what it has, and may be sent to by SendTo and from
// other workers' Execs. The last open worker cannot be paused. See [Group.Add] for how changes are made.
func (g *Group[T]) Pause(ctx context.Context, id int) error {
	return g.change(ctx, fmt.Sprintf("Pause(%d)", id), func(ctx context.Context, now *roster[T]) error {
		if _, err := now.mayClose(g.cfg.Name, id); err != nil || !now.isOpen(id) {
			return err
		}
		return g.setOpen(ctx, now, id, false)
	})
}

// Resume undoes Pause.
func (g *Group[T]) Resume(ctx context.Context, id int) error {
	return g.change(ctx, fmt.Sprintf("Resume(%d)", id), func(ctx context.Context, now *roster[T]) error {
		if err := now.checkWorker(g.cfg.Name, id); err != nil || now.isOpen(id) {
			return err
		}
		return g.setOpen(ctx, now, id, true)
	})
}

// setOpen is Pause, or Resume.
func (g *Group[T]) setOpen(ctx context.Context, now *roster[T], id int, open bool) error {
	c := &crossing[T]{ctx: ctx, now: now, next: now.next()}
	c.next.setOpen(id, open)
	err := g.regroup(c)
	if c.made {
		g.note(func(n *Changes) {
			if open {
				n.Resumed++
			} else {
				n.Paused++
			}
		})
	}
	return err
}

// SetWeight sets the weight of worker id, which policies that know weights go by; 1 unless set. See [Group.Add] for how
// changes are made.
func (g *Group[T]) SetWeight(ctx context.Context, id int, weight uint32) error {
	return g.change(ctx, fmt.Sprintf("SetWeight(%d)", id), func(ctx context.Context, now *roster[T]) error {
		if err := now.checkWorker(g.cfg.Name, id); err != nil || now.weights[id] == weight {
			return err
		}
		c := &crossing[T]{ctx: ctx, now: now, next: now.next()}
		c.next.weights[id] = weight
		err := g.regroup(c)
		if c.made {
			g.note(func(n *Changes) { n.Weighted++ })
		}
		return err
	})
}

// Reassign runs assign, which changes where an Ordered balancer sends keys, at a point at which all that was accepted
// before has been handled and nothing newer has begun, and moves the states of keys (see Config.Release). An RSS policy
// needs it only where there are such states: else its table may be assigned at any time. If assign panics, the group
// goes on, and so does the panic.
func (g *Group[T]) Reassign(ctx context.Context, assign func()) error {
	return g.change(ctx, "Reassign", func(ctx context.Context, now *roster[T]) error {
		if !g.barrier {
			return errors.New("the balancer is not Ordered, or it moves keys by itself, when they are idle, and there is no Config.Release for their states: there is nothing to reassign")
		}
		c := &crossing[T]{ctx: ctx, now: now, next: now.next(), assign: assign}
		c.next.assignment++
		err := g.regroup(c)
		if c.made {
			g.note(func(n *Changes) { n.Reassigned++ })
		}
		return err
	})
}

// change calls f to make one change of the workers, when no other is being made. The ctx of f also ends when the group
// is closed.
func (g *Group[T]) change(ctx context.Context, what string, f func(ctx context.Context, now *roster[T]) error) (err error) {
	if exec.OnLoop() {
		return exec.ErrOnLoop
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(g.closing, cancel)()
	end, err := g.begin(ctx)
	if err == nil {
		defer end()
		if err = g.mayChange(); err == nil {
			err = f(ctx, g.roster.Load())
		}
	}
	if err == nil {
		return nil
	}
	if g.closed.Load() && !errors.Is(err, ErrClosed) {
		err = errors.Join(ErrClosed, err)
	}
	return fmt.Errorf("group: %s: %s: %w", g.cfg.Name, what, err)
}

// begin waits until no change is being made, and keeps others from being made until end is called.
func (g *Group[T]) begin(ctx context.Context) (end func(), err error) {
	end = func() { <-g.changing }
	select {
	case g.changing <- struct{}{}:
		return end, nil
	default:
	}
	select {
	case g.changing <- struct{}{}:
		return end, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// mayChange refuses changes before the group has been started, and when it is closed.
func (g *Group[T]) mayChange() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.closed.Load():
		return ErrClosed
	case !g.ran:
		return errors.New("workers come and go when the group has been started, not before")
	}
	return nil
}

// mayResize refuses a change of who the workers are in a group with shards.
func (g *Group[T]) mayResize() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.sharded {
		return errors.New("the group has Sharded state, which has one shard for each worker that it was started with: workers can be paused, but not come and go")
	}
	return nil
}
