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
	out   []outlet[T] // by worker

	dirty    []int       // workers with something staged, in order of first use
	back     []routed[T] // staged items that came back when the workers changed: they go before any other
	returned []T         // staged items that came back because their worker, or the group, has ended: the next Flush reports them
	accepted uint64      // plain copy of shown
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
	if err := g.mayProduce(); err != nil {
		g.mu.Unlock()
		return nil, err
	}
	n := g.cfg.MaxWorkers
	p := &Producer[T]{g: g, out: make([]outlet[T], n), dirty: make([]int, 0, n), bad: make([]bool, n)}
	g.producers[p] = struct{}{}
	g.mu.Unlock()
	var err error
	if p.route, err = newRouter(g, g.cfg.Depth, func(i int) (int, bool) { return p.out[i].owing() }); err == nil {
		err = p.openAll()
	}
	if err != nil {
		_, _ = p.Close()
		return nil, err
	}
	return p, nil
}

// mayProduce is called with mu held.
func (g *Group[T]) mayProduce() error {
	if g.closed.Load() {
		return ErrClosed
	}
	if len(g.producers) >= g.cfg.MaxProducers {
		return fmt.Errorf("group: %s: all %d Producers are taken (Config.MaxProducers): %w", g.cfg.Name, g.cfg.MaxProducers, ErrTooMany)
	}
	return nil
}

// openAll opens a lane to every worker. While the workers change, that is left to the first sends.
func (p *Producer[T]) openAll() error {
	ro := p.route.roster
	if ro.phase != flowing {
		p.route.current = nil
		return nil
	}
	for id, w := range ro.workers {
		if w == nil {
			continue
		}
		if err := p.reopen(id); err != nil && !errors.Is(err, ErrFull) {
			return err
		}
	}
	return nil
}

func (p *Producer[T]) reopen(id int) error {
	return p.out[id].reopen(p.g, p.route.roster, id, newInlet[T], nil)
}

// Send sends v to the worker that the balancer picks. If the error is not nil, v
// was not sent: ErrFull (with Block, ctx's error), ErrClosed, or what is wrong with
// the pick. ErrFull is also the answer where an Ordered group changes its workers: see Group.Add.
func (p *Producer[T]) Send(v T) error { return p.SendKey(p.route.key(v), v) }

// SendKey is Send with a key of the caller's.
func (p *Producer[T]) SendKey(key uint64, v T) error {
	i, err := p.pick(key)
	switch {
	case err != nil:
		return err
	case i != balance.Full && p.push(i, v):
		return nil
	}
	return p.again(sending[T]{routed: routed[T]{key, -1, v}, to: i})
}

// SendTo sends v to worker i, past the balancer. The worker may be paused.
func (p *Producer[T]) SendTo(i int, v T) error {
	if p.g.roster.Load() == p.route.current && uint(i) < uint(len(p.out)) && p.push(i, v) {
		return nil
	}
	if err := p.g.roster.Load().checkWorker(p.g.cfg.Name, i); err != nil {
		return err
	}
	return p.again(sending[T]{routed: routed[T]{p.route.key(v), i, v}, to: i})
}

// checkWorker returns an error if r has no worker i.
func (r *roster[T]) checkWorker(name string, i int) error {
	if r.worker(i) == nil {
		return fmt.Errorf("group: %s: worker %d: the workers are %v: %w", name, i, r.ids(), ErrWorker)
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
	switch {
	case err != nil:
		return err
	case i != balance.Full && p.stage(i, key, false, v):
		return nil
	}
	return p.again(sending[T]{routed: routed[T]{key, -1, v}, to: i, stage: true})
}

// StageTo is Stage for worker i, past the balancer. If the worker is removed before Flush, the balancer picks another one.
func (p *Producer[T]) StageTo(i int, v T) error {
	if p.g.roster.Load() == p.route.current && uint(i) < uint(len(p.out)) && p.stage(i, 0, true, v) {
		return nil
	}
	if err := p.g.roster.Load().checkWorker(p.g.cfg.Name, i); err != nil {
		return err
	}
	return p.again(sending[T]{routed: routed[T]{p.route.key(v), i, v}, to: i, stage: true})
}

// pick asks the balancer. It answers Full, too, where the sender has to look again.
func (p *Producer[T]) pick(key uint64) (int, error) {
	if p.g.roster.Load() != p.route.current && p.sync() != nil {
		return balance.Full, nil
	}
	return p.route.pick(key)
}

// push sends v to worker i and reports whether it was accepted.
func (p *Producer[T]) push(i int, v T) bool {
	o := &p.out[i]
	if o.open == nil || !o.open.Push(v) {
		return false
	}
	p.count(1 + o.staged)
	if o.staged > 0 {
		o.visible()
	}
	p.route.sent(i, 1)
	return true
}

// stage stages v for worker i and reports whether there was room.
func (p *Producer[T]) stage(i int, key uint64, pinned bool, v T) bool {
	o := &p.out[i]
	return o.open != nil && !o.open.Closed() && p.stageIn(o, i, key, pinned, v)
}

// stageIn is stage for a lane that is there.
func (p *Producer[T]) stageIn(o *outlet[T], i int, key uint64, pinned bool, v T) bool {
	if !o.open.Stage(v) {
		return false
	}
	o.staged++
	if pinned || p.g.keyless {
		o.remember(key, pinned)
	}
	if o.staged == 1 && !slices.Contains(p.dirty, i) {
		p.dirty = append(p.dirty, i)
	}
	p.route.sent(i, 1)
	return true
}

// Flush sends what was staged. If the group was closed first, it returns the items
// that were not sent, oldest first for each worker, and ErrClosed. If the workers change just now, or have changed and have no room for
// what came back, it returns these with ErrFull, or waits, as Send does.
func (p *Producer[T]) Flush() (rest []T, err error) {
	p.flush()
	if len(p.back) > 0 {
		err = p.flushBack()
	}
	if len(p.returned) == 0 {
		return nil, err
	}
	rest, p.returned = p.returned, nil
	if err == nil {
		err = ErrClosed
	}
	return rest, err
}

// flushBack sends what has come back, or moves it to what is returned.
func (p *Producer[T]) flushBack() (err error) {
	var b backoff.Backoff
	for len(p.back) > 0 {
		if err = p.sync(); err == nil {
			p.flush()
			continue
		}
		if p.changed() && !p.g.closed.Load() {
			continue // a worker that was just picked has gone
		}
		if err == ErrFull && p.g.cfg.OnFull.kind == block && !exec.OnLoop() {
			if err = b.Wait(p.g.cfg.OnFull.ctx); err == nil {
				continue
			}
		}
		for _, r := range p.back {
			p.returned = append(p.returned, r.v)
		}
		p.back = nil
		return err
	}
	return nil
}

// flush makes visible what is staged, but for what comes back.
func (p *Producer[T]) flush() {
	for _, i := range p.dirty {
		p.flushLane(i)
	}
	p.dirty = p.dirty[:0]
}

// flushLane sends what is staged for worker i, or takes it back.
func (p *Producer[T]) flushLane(i int) {
	o := &p.out[i]
	n := o.staged
	switch {
	case n == 0:
	case o.flush():
		p.count(n)
	default:
		p.takenBack(o.recall(p.route, i))
	}
}

// takenBack keeps what a closed lane has not accepted: if the workers have changed, to be sent again, else for Flush to
// return.
func (p *Producer[T]) takenBack(back []routed[T]) {
	if p.changed() {
		p.back = append(p.back, back...)
		p.route.current = nil
		return
	}
	for _, r := range back {
		p.returned = append(p.returned, r.v)
	}
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
	rest, err = p.Flush()
	p.closed = true
	for i := range p.out {
		if lane := p.out[i].lane; lane != nil {
			lane.Close()
		}
	}
	p.g.mu.Lock()
	defer p.g.mu.Unlock()
	delete(p.g.producers, p)
	p.g.accepted.Add(p.accepted)
	return rest, err
}
