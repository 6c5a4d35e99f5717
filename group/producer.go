package group

import (
	"errors"
	"fmt"
	"slices"

	"github.com/pushcore/pushcore/balance"
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
		p.route.watch(func(i int) uint64 { return p.out[i].taken() })
		g.mu.Lock()
		p.route.enlist()
		g.mu.Unlock()
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
		if err := p.reopen(id); errors.Is(err, ErrTooMany) {
			return err
		}
	}
	return nil // a worker that has ended, or just goes, is for the sends to find out
}

func (p *Producer[T]) reopen(id int) error {
	return p.out[id].reopen(p.g, p.route.roster, id, p.route.view.Sent[id], newInlet[T], nil)
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
	return p.again(sending[T]{routed: routed[T]{p.route.keyOfOurs(v), i, v}, to: i})
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

// StageTo is Stage for worker i, past the balancer. If the worker is removed before Flush, the balancer picks another
// one.
func (p *Producer[T]) StageTo(i int, v T) error {
	if p.g.roster.Load() == p.route.current && uint(i) < uint(len(p.out)) && p.stage(i, 0, true, v) {
		return nil
	}
	if err := p.g.roster.Load().checkWorker(p.g.cfg.Name, i); err != nil {
		return err
	}
	return p.again(sending[T]{routed: routed[T]{p.route.keyOfOurs(v), i, v}, to: i, stage: true})
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
	if p.route != nil {
		p.route.end()
	}
	p.g.mu.Lock()
	defer p.g.mu.Unlock()
	delete(p.g.producers, p)
	if p.route != nil {
		p.route.delist()
	}
	p.g.accepted.Add(p.accepted)
	return rest, err
}
