package group

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/internal/mem"
)

// Group is several workers behind a balancer. T is what is sent to
// them, by value. All methods may be called by any goroutine; those that block
// return exec.ErrOnLoop on a loop.
type Group[T any] struct {
	cfg     Config[T]
	bal     promises
	barrier bool // a change of the workers is a barrier: see barrier.go
	moving  bool // the balancer keeps order, but moves keys when they have nothing under way
	keyless bool // the balancer looks at keys that items do not have: senders give them

	_      mem.Pad
	roster atomic.Pointer[roster[T]] // of now; written under mu
	_      mem.Pad

	credits credits

	census    census
	strangers sync.Pool // of *router[T], for Send and TrySend
	stranger  struct {  // the one in their place where balancers share what they know
		sync.Mutex
		router *router[T]
	}
	accepted atomic.Uint64 // NEW items, of strangers and of closed Producers
	returned atomic.Uint64 // strays handed back by Drain
	refused  atomic.Uint64 // NEW items that Producers could not send, and balancers' refusals
	errands  atomic.Uint64 // tasks that workers have run for changes
	closed   atomic.Bool   // set under mu

	_          mem.Pad
	pickedNone atomic.Uint64 // times that balancers have answered Full
	_          mem.Pad

	changing chan struct{}   // holds one token while a change is made
	closing  context.Context // ends when the group is closed
	endAll   context.CancelFunc

	mu         sync.Mutex
	started    bool
	ran        bool         // Start has succeeded
	sharded    bool         // it has Sharded state, whose shards are as many as the workers
	former     []*worker[T] // by id: who had it last
	live       []*worker[T] // the roster's, those that are about to come, and those that go until they are forgotten
	past       past         // what those did that have gone
	changes    Changes
	producers  map[*Producer[T]]struct{}
	forwarders map[*exec.Local]*Forwarder[T]
	reporters  map[*router[T]]balance.Reporter              // balancers of Producers and Forwarders that count decisions
	decided    map[string]uint64                            // what those counted that are no more
	ended      struct{ forwarded, refused, spilled uint64 } // of Forwarders whose loops have ended
	strays     []T                                          // items that came back after their lane was closed
	orphans    []T                                          // tasks that were undone when their worker was removed, in a group of Tasks
	undone     []exec.Task                                  // what Drain got from the Execs, in a group of values
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
		barrier:    bal.ordered && (!bal.sticky || cfg.hooked()),
		moving:     bal.ordered && bal.reads&balance.ReadsTaken != 0,
		keyless:    bal.ordered && cfg.Key == nil,
		changing:   make(chan struct{}, 1),
		producers:  map[*Producer[T]]struct{}{},
		forwarders: map[*exec.Local]*Forwarder[T]{},
		reporters:  map[*router[T]]balance.Reporter{},
		decided:    map[string]uint64{},
	}
	g.closing, g.endAll = context.WithCancel(context.Background())
	g.credits.left.Store(int64(cfg.MaxForwards))
	for id := range cfg.Workers {
		w, err := newWorker(g, id)
		if err != nil {
			return nil, err
		}
		g.live = append(g.live, w)
	}
	g.former = make([]*worker[T], cfg.MaxWorkers)
	g.roster.Store(newRoster(g.live, cfg.MaxWorkers))
	return g, nil
}

// Workers returns the number of workers, paused ones included. As long as none was added or removed, their ids are
// those from 0 to Workers-1.
func (g *Group[T]) Workers() int { return len(g.IDs()) }

// IDs returns the ids of the workers, ascending.
func (g *Group[T]) IDs() []int { return g.roster.Load().ids() }

// View returns a View of the workers as senders see them now, with what waits for each, for a [balance.Rebalancer] or
// whoever else decides about workers. Nothing in it is sent. It is the caller's.
func (g *Group[T]) View() *balance.View {
	ro := g.roster.Load()
	v := ro.view()
	for id, w := range ro.workers {
		if w != nil {
			v.Depth[id], v.Cap[id] = w.waiting.Load(), uint64(g.cfg.Depth)
		}
	}
	v.Now = int64(time.Since(start))
	return v
}

// Exec returns the Exec of worker i, or nil if there is no such worker now.
func (g *Group[T]) Exec(i int) *exec.Exec {
	if w := g.roster.Load().worker(i); w != nil {
		return w.x
	}
	return nil
}

// members returns the workers of now, those that are about to come, and those that go.
func (g *Group[T]) members() []*worker[T] {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.live)
}

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
	workers := g.members()
	for i, w := range workers {
		if err := w.x.Start(); err != nil {
			g.Stop()
			for _, w := range workers[:i] {
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

// Wait returns when every worker has ended, with the errors that ended them. The errors of those that were removed, or
// replaced, are not among them.
func (g *Group[T]) Wait() error {
	for {
		workers := g.members()
		var errs []error
		for _, w := range workers {
			errs = append(errs, w.x.Wait())
		}
		if slices.Equal(workers, g.members()) {
			return errors.Join(errs...)
		}
	}
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
	for _, w := range g.close() {
		w.fwd.Close()
		w.x.Stop()
	}
}

// close refuses NEW work, and changes, from now on. It returns the workers that there are.
func (g *Group[T]) close() []*worker[T] {
	g.mu.Lock()
	g.closed.Store(true)
	workers := slices.Clone(g.live)
	g.mu.Unlock()
	g.endAll()
	for _, w := range workers {
		w.fresh.Close()
	}
	return workers
}
