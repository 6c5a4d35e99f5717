package group

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// How a worker becomes one, and ceases to be one.

// free returns the lowest id that nobody has, and of whose last holder nothing is left.
func (g *Group[T]) free(now *roster[T]) (int, error) {
	for id, w := range now.workers {
		if w == nil && g.going(id) == nil && (g.former[id] == nil || g.former[id].settled()) {
			return id, nil
		}
	}
	return -1, fmt.Errorf("all %d workers are there, or about to end (Config.MaxWorkers): %w", len(now.workers), ErrTooMany)
}

// going returns who is leaving the place id, or nil.
func (g *Group[T]) going(id int) *worker[T] {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, w := range g.live {
		if w.id == id && w.leaving {
			return w
		}
	}
	return nil
}

// hire makes and starts a worker.
func (g *Group[T]) hire(id int) (*worker[T], error) {
	w, err := newWorker(g, id)
	if err != nil {
		return nil, err
	}
	w.joins = true
	g.mu.Lock()
	if g.closed.Load() {
		g.mu.Unlock()
		return nil, ErrClosed
	}
	g.live = append(g.live, w) // Stop finds it here
	g.mu.Unlock()
	if err := w.x.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("worker %d: %w", id, err), g.dismiss(w))
	}
	return w, nil
}

// dismiss ends a worker that has never been part of the group.
func (g *Group[T]) dismiss(w *worker[T]) error {
	w.x.Stop()
	return g.layOff(context.Background(), w, -1)
}

// retire ends a worker to which nobody sends any more.
func (g *Group[T]) retire(ctx context.Context, w *worker[T], to int) error {
	w.x.Quiesce()
	if !g.awaitIdle(ctx, w) {
		if g.closed.Load() {
			return ErrClosed // Drain finds it
		}
		w.x.Stop()
	}
	return g.layOff(ctx, w, to)
}

// layOff ends w's Exec and hands over what it leaves, as handOver says. If a handler does not return it has done nothing.
func (g *Group[T]) layOff(ctx context.Context, w *worker[T], to int) error {
	if err := g.end(ctx, w); err != nil {
		return err
	}
	g.handOver(w, g.roster.Load(), to)
	g.forget(w)
	return nil
}

// forget adds up what w has done and drops it, but for who has got what it left.
func (g *Group[T]) forget(w *worker[T]) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.past.add(w.x.Stats())
	g.live = slices.DeleteFunc(g.live, func(other *worker[T]) bool { return other == w })
	g.former[w.id] = w
}
