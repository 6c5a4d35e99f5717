package group

import (
	"errors"
	"fmt"
	"slices"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/internal/backoff"
	"github.com/pushcore/pushcore/internal/mem"
)

// Producer sends NEW work into a group from outside. It has a lane to every
// worker and a Balancer of its own, and belongs to one goroutine at a time.
//
// Send and SendBatch are visible to the workers when they return. What is staged
// waits for Flush, for the next Send to the same worker, or for Close.
type Producer[T any] struct {
	g     *Group[T]
	route *router[T]
	lanes []*exec.Lane[T]

	staged   []int  // items staged in each lane
	dirty    []int  // lanes with something staged, in order of first use
	returned []T    // staged items whose lane was closed: the next Flush reports them
	accepted uint64 // plain copy of shown
	shown    mem.Index
	closed   bool

	keys  [chunk]uint64
	picks [chunk]int
	bad   []bool // SendBatch: lanes that have refused in this call
}

// chunk is how many items of a batch are routed at once.
const chunk = 64

// Producer opens a Producer, before or after Start. The error wraps ErrTooMany
// when MaxProducers are open (or closed and not yet drained), ErrClosed when the group is closed.
func (g *Group[T]) Producer() (*Producer[T], error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed.Load() {
		return nil, ErrClosed
	}
	if len(g.producers) >= g.cfg.MaxProducers {
		return nil, fmt.Errorf("group: %s: all %d Producers are taken (Config.MaxProducers): %w", g.cfg.Name, g.cfg.MaxProducers, ErrTooMany)
	}
	n := len(g.workers)
	p := &Producer[T]{g: g, staged: make([]int, n), dirty: make([]int, 0, n), bad: make([]bool, n)}
	var err error
	if p.lanes, err = openLanes(g, func(w *worker[T]) *exec.Inbox[T] { return w.fresh }); err != nil {
		return nil, err
	}
	if p.route, err = newRouter(g, g.cfg.Depth, func(i int) int { return p.lanes[i].Len() + p.staged[i] }); err != nil {
		closeLanes(p.lanes)
		return nil, err
	}
	g.producers[p] = struct{}{}
	return p, nil
}

// openLanes opens a lane into one inbox of every worker, or none.
func openLanes[T any](g *Group[T], inbox func(*worker[T]) *exec.Inbox[T]) ([]*exec.Lane[T], error) {
	var lanes []*exec.Lane[T]
	for _, w := range g.workers {
		lane, err := inbox(w).Lane()
		if err != nil {
			closeLanes(lanes)
			switch {
			case errors.Is(err, exec.ErrTooMany):
				err = fmt.Errorf("%w: %w", ErrTooMany, err)
			case errors.Is(err, exec.ErrClosed):
				err = ErrClosed
			}
			return nil, err
		}
		lanes = append(lanes, lane)
	}
	return lanes, nil
}

func closeLanes[T any](lanes []*exec.Lane[T]) {
	for _, lane := range lanes {
		lane.Close()
	}
}

// Send sends v to the worker that the balancer picks. If the error is not nil, v
// was not sent: ErrFull (with Block, ctx's error), ErrClosed, or what is wrong with
// the pick.
func (p *Producer[T]) Send(v T) error { return p.SendKey(p.route.key(v), v) }

// SendKey is Send with a key of the caller's.
func (p *Producer[T]) SendKey(key uint64, v T) error {
	i, err := p.pick(key)
	if err != nil {
		return err
	}
	return p.push(i, v)
}

// SendTo sends v to worker i, past the balancer.
func (p *Producer[T]) SendTo(i int, v T) error {
	if err := p.g.checkWorker(i); err != nil {
		return err
	}
	return p.push(i, v)
}

func (g *Group[T]) checkWorker(i int) error {
	if uint(i) >= uint(len(g.workers)) {
		return fmt.Errorf("group: %s: worker %d: there are workers 0 to %d: %w", g.cfg.Name, i, len(g.workers)-1, ErrWorker)
	}
	return nil
}

// Stage writes v for the worker that the balancer picks without sending it. Its
// errors are those of Send. Where there is no room it sends what is staged, so that
// the workers can make some.
func (p *Producer[T]) Stage(v T) error { return p.StageKey(p.route.key(v), v) }

// StageKey is Stage with a key of the caller's.
func (p *Producer[T]) StageKey(key uint64, v T) error {
	i, err := p.pick(key)
	if err != nil {
		return err
	}
	return p.stage(i, v)
}

// StageTo is Stage for worker i, past the balancer.
func (p *Producer[T]) StageTo(i int, v T) error {
	if err := p.g.checkWorker(i); err != nil {
		return err
	}
	return p.stage(i, v)
}

// pick is router.pick, waiting under Block while the balancer refuses.
func (p *Producer[T]) pick(key uint64) (int, error) {
	i, err := p.route.pick(key)
	if i != balance.Full || err != nil {
		return i, err
	}
	if p.closed || p.lanes[0].Closed() {
		return i, ErrClosed
	}
	if p.g.cfg.OnFull.kind != block {
		p.flush() // a balancer that looks at depths counts what is staged, too
		p.g.refused.Add(1)
		return i, ErrFull
	}
	err = p.wait(func() bool {
		i, err = p.route.pick(key)
		return i != balance.Full
	}, p.lanes[0])
	return i, err
}

func (p *Producer[T]) push(i int, v T) error {
	lane := p.lanes[i]
	if !lane.Push(v) {
		if err := p.full(lane, func() bool { return lane.Push(v) }); err != nil {
			return err
		}
	}
	p.count(1 + p.staged[i])
	p.staged[i] = 0
	p.route.sent(i, 1)
	return nil
}

func (p *Producer[T]) stage(i int, v T) error {
	lane := p.lanes[i]
	if lane.Closed() || !lane.Stage(v) {
		if err := p.full(lane, func() bool { return lane.Stage(v) }); err != nil {
			return err
		}
	}
	if p.staged[i] == 0 && !slices.Contains(p.dirty, i) {
		p.dirty = append(p.dirty, i)
	}
	p.staged[i]++
	p.route.sent(i, 1)
	return nil
}

// full is called when lane has refused; try tries again.
func (p *Producer[T]) full(lane *exec.Lane[T], try func() bool) error {
	switch {
	case lane.Closed():
		return ErrClosed
	case p.g.cfg.OnFull.kind != block:
		p.flush() // or the workers could not make room
		p.g.refused.Add(1)
		return ErrFull
	}
	return p.wait(try, lane)
}

// wait tries until it succeeds, ctx ends or the lane is closed. Everything staged
// is sent first, so that the workers can make room.
func (p *Producer[T]) wait(try func() bool, lane *exec.Lane[T]) error {
	if exec.OnLoop() {
		return exec.ErrOnLoop
	}
	p.flush()
	var b backoff.Backoff
	for !try() {
		if lane.Closed() {
			return ErrClosed
		}
		if err := b.Wait(p.g.cfg.OnFull.ctx); err != nil {
			return err
		}
	}
	return nil
}

// Flush sends what was staged. If the group was closed first, it returns the items
// that were not sent, oldest first for each worker, and ErrClosed.
func (p *Producer[T]) Flush() (rest []T, err error) {
	p.flush()
	if len(p.returned) == 0 {
		return nil, nil
	}
	rest, p.returned = p.returned, nil
	return rest, ErrClosed
}

func (p *Producer[T]) flush() {
	for _, i := range p.dirty {
		if p.staged[i] > 0 && !p.flushLane(i) {
			p.returned = append(p.returned, p.lanes[i].Recall()...)
		}
		p.staged[i] = 0
	}
	p.dirty = p.dirty[:0]
}

// flushLane sends what is staged in lane i and reports whether it was accepted.
func (p *Producer[T]) flushLane(i int) bool {
	if !p.lanes[i].Flush() {
		return false
	}
	p.count(p.staged[i])
	return true
}

// count adds to what the workers were sent.
func (p *Producer[T]) count(n int) {
	p.accepted += uint64(n)
	p.shown.StoreRelease(p.accepted)
}

// Close sends what was staged and closes the Producer. The workers go on to handle
// what it has sent; its place is free when they have taken all of it. Like Flush it returns what
// could not be sent any more. Later sends return ErrClosed.
func (p *Producer[T]) Close() (rest []T, err error) {
	if p.closed {
		return nil, nil
	}
	p.closed = true
	rest, err = p.Flush()
	closeLanes(p.lanes)
	p.g.mu.Lock()
	defer p.g.mu.Unlock()
	delete(p.g.producers, p)
	p.g.accepted.Add(p.accepted)
	return rest, err
}
