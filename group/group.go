package group

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/pushcore/pushcore/exec"
)

// Group is a fixed number of workers behind a balancer. T is what is sent to
// them, by value. All methods may be called by any goroutine; those that block
// return exec.ErrOnLoop on a loop.
type Group[T any] struct {
	cfg     Config[T]
	bal     promises
	workers []*worker[T]
	credits credits

	census    census
	strangers sync.Pool     // of *router[T], for Send and TrySend
	accepted  atomic.Uint64 // NEW items, of strangers and of closed Producers
	returned  atomic.Uint64 // strays handed back by Drain
	refused   atomic.Uint64 // NEW items that Producers could not send, and balancers' refusals
	closed    atomic.Bool   // set under mu

	mu         sync.Mutex
	started    bool
	ran        bool // Start has succeeded
	producers  map[*Producer[T]]struct{}
	forwarders map[*exec.Local]*Forwarder[T]
	ended      struct{ forwarded, refused uint64 } // of Forwarders whose loops have ended
	strays     []T                                 // items that came back after their lane was closed
	undone     []exec.Task                         // what Drain got from the Execs, in a group of values
}

// New returns a group that accepts items at once and handles them when it is
// started. The error names what is wrong with cfg.
func New[T any](cfg Config[T]) (*Group[T], error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	bal, err := cfg.promises()
	if err != nil {
		return nil, err
	}
	g := &Group[T]{
		bal:        bal,
		cfg:        cfg,
		producers:  map[*Producer[T]]struct{}{},
		forwarders: map[*exec.Local]*Forwarder[T]{},
	}
	g.credits.left.Store(int64(cfg.MaxForwards))
	for id := range cfg.Workers {
		w, err := newWorker(g, id)
		if err != nil {
			return nil, err
		}
		g.workers = append(g.workers, w)
	}
	return g, nil
}

// Workers returns the number of workers.
func (g *Group[T]) Workers() int { return len(g.workers) }

// Exec returns the Exec of worker i, from 0 to Workers-1.
func (g *Group[T]) Exec(i int) *exec.Exec { return g.workers[i].x }

// Start starts the workers one after the other and returns when each has made its
// handler. If one fails, those that were started are stopped, and the group is
// closed.
func (g *Group[T]) Start() error {
	if exec.OnLoop() {
		return exec.ErrOnLoop
	}
	g.mu.Lock()
	switch {
	case g.closed.Load():
		g.mu.Unlock()
		return ErrClosed
	case g.started:
		g.mu.Unlock()
		return ErrStarted
	}
	g.started = true
	g.mu.Unlock()
	for i, w := range g.workers {
		if err := w.x.Start(); err != nil {
			g.Stop()
			for _, w := range g.workers[:i] {
				_ = w.x.Wait()
			}
			return fmt.Errorf("group: %s: worker %d: %w", g.cfg.Name, i, err)
		}
	}
	g.mu.Lock()
	g.ran = true
	g.mu.Unlock()
	return nil
}

// Wait returns when every worker has ended, with the errors that ended them.
func (g *Group[T]) Wait() error {
	var errs []error
	for _, w := range g.workers {
		errs = append(errs, w.x.Wait())
	}
	return errors.Join(errs...)
}

// Run is Start and Wait. The end of ctx stops the group, as Stop does.
func (g *Group[T]) Run(ctx context.Context) error {
	defer context.AfterFunc(ctx, g.Stop)()
	if err := g.Start(); err != nil {
		return err
	}
	return g.Wait()
}

// Stop ends every worker after the turn that it is in. Nothing more is accepted;
// what was accepted and not handled stays for Drain to return. It does not wait.
func (g *Group[T]) Stop() {
	g.close()
	for _, w := range g.workers {
		w.fwd.Close()
		w.x.Stop()
	}
}

// close refuses NEW work from now on.
func (g *Group[T]) close() {
	g.mu.Lock()
	g.closed.Store(true)
	g.mu.Unlock()
	for _, w := range g.workers {
		w.fresh.Close()
	}
}
