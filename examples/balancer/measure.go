package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"time"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/examples/internal/observe"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
)

type options struct {
	workers int
	service time.Duration
	load    float64
	window  time.Duration
	seed    uint64

	observe observe.Config
	onStall func(exec.Stall)
	stage   stage
}

// stage is where the groups are shown, one after the other.
type stage struct {
	group atomic.Pointer[group.Group[item]]
}

// Snapshot is that of the group which is there now.
func (s *stage) Snapshot() group.Snapshot {
	if g := s.group.Load(); g != nil {
		return g.Snapshot()
	}
	return group.Snapshot{Name: "balancer"}
}

// item is what is sent: when it came, and how long a worker takes for it.
type item struct{ came, takes time.Duration }

// result is what one policy came to.
type result struct {
	took  []time.Duration // ascending: from arrival to completion
	items []int           // of each worker
	late  time.Duration   // of the last item: from arrival to being sent
}

// quantile returns the time within which that part of the items was done.
func (r result) quantile(q float64) time.Duration {
	if len(r.took) == 0 {
		return 0
	}
	return r.took[min(int(q*float64(len(r.took))), len(r.took)-1)]
}

// server is a worker: a queue, and one item at a time. Nothing but its own loop touches it.
type server struct {
	clock func() time.Duration
	busy  bool
	until time.Duration // when the item in hand is done
	took  []time.Duration
}

// Handle takes an item out of the batch when it is done, not when it is begun: until then it counts as waiting, and
// balancers see it.
func (s *server) Handle(l *exec.Local, batch []item) (n int) {
	for ; n < len(batch); n++ {
		now := s.clock()
		if !s.busy {
			s.busy, s.until = true, now+batch[n].takes
			l.After(batch[n].takes, awake)
		}
		if now < s.until {
			return n
		}
		s.busy = false
		s.took = append(s.took, now-batch[n].came)
	}
	return n
}

// awake is for a timer that has nothing to do but to end the loop's sleep: the turn then offers the item again.
var awake = exec.Func(func(*exec.Local) {})

// measure sends items at random times to a group with this policy until the window is over, and waits until all are
// done.
func (o *options) measure(ctx context.Context, p balance.Policy) (r result, err error) {
	start := time.Now()
	clock := func() time.Duration { return time.Since(start) }
	servers := make([]*server, o.workers)
	g, err := group.New(group.Config[item]{
		Name:    "balancer",
		Workers: o.workers,
		Balance: p,
		OnFull:  group.Block(ctx),
		Exec:    exec.Config{Spin: -1, OnStall: o.onStall}, // the workers only wait: they need no core
		Worker: func(_ *exec.Local, id int) (group.Handler[item], error) {
			servers[id] = &server{clock: clock}
			return servers[id], nil
		},
	})
	if err != nil {
		return r, err
	}
	o.stage.group.Store(g)
	if err := g.Start(); err != nil {
		return r, err
	}
	late, sent := o.send(ctx, g, clock)
	undone, err := g.Drain(ctx)
	if sent != nil {
		return r, sent
	}
	if err != nil {
		return r, fmt.Errorf("%d items were left undone: %w", len(undone), err)
	}
	r.late = late
	for _, s := range servers {
		r.took = append(r.took, s.took...)
		r.items = append(r.items, len(s.took))
	}
	slices.Sort(r.took)
	return r, nil
}

// send sends items that come at random, independently of each other: a Poisson process. An item's clock starts when it
// comes, however late we are in sending it, and how late the last one was is returned.
func (o *options) send(ctx context.Context, g *group.Group[item], clock func() time.Duration) (late time.Duration, err error) {
	p, err := g.Producer()
	if err != nil {
		return 0, err
	}
	rng := rand.New(rand.NewPCG(o.seed, 0))
	between := float64(o.service) / (float64(o.workers) * o.load)
	for at := clock(); at < o.window; at += time.Duration(rng.ExpFloat64() * between) {
		for wait := at - clock(); wait > 0; wait = at - clock() {
			select {
			case <-ctx.Done():
				return late, ctx.Err()
			case <-time.After(wait):
			}
		}
		if err := p.Send(item{came: at, takes: time.Duration(rng.ExpFloat64() * float64(o.service))}); err != nil {
			return late, err
		}
		late = clock() - at
	}
	_, err = p.Close()
	return late, err
}
