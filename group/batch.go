package group

import (
	"errors"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/internal/backoff"
)

// SendBatch sends vs, each item to the worker that the balancer picks for it, with
// one publication per worker. What was not accepted is moved to the front of vs, in
// order, and returned with the reason: ErrFull, ErrClosed, or with Block ctx's
// error. Once a worker has refused an item, its later items in the call are refused,
// too, so sending rest again keeps every worker's order.
func (p *Producer[T]) SendBatch(vs []T) (rest []T, err error) {
	var b backoff.Backoff
	for {
		rest, err = p.sendBatch(vs)
		if !errors.Is(err, ErrFull) || p.g.cfg.OnFull.kind != block {
			return rest, err
		}
		if exec.OnLoop() {
			return rest, exec.ErrOnLoop
		}
		if len(rest) < len(vs) {
			b.Reset()
		}
		if err := b.Wait(p.g.cfg.OnFull.ctx); err != nil {
			return rest, err
		}
		vs = rest
	}
}

// sendBatch is SendBatch without waiting.
func (p *Producer[T]) sendBatch(vs []T) (rest []T, err error) {
	clear(p.bad)
	refused := 0
	for begin := 0; begin < len(vs); begin += chunk {
		part := vs[begin:min(begin+chunk, len(vs))]
		if e := p.sendChunk(part); e != nil {
			err = e
		}
		for i, to := range p.picks[:len(part)] {
			if to < 0 {
				vs[refused] = part[i]
				refused++
			}
		}
	}
	return vs[:refused], err
}

// sendChunk sends at most chunk items. The picks of those that were refused are
// negative afterwards; it returns the reason of the last.
func (p *Producer[T]) sendChunk(part []T) (err error) {
	picks := p.picks[:len(part)]
	routed := p.routeChunk(part)
	for i := range part {
		to := picks[i]
		if !routed {
			var e error
			if to, e = p.route.pick(p.keys[i]); e != nil {
				picks[i], err = balance.Full, e
				continue
			}
			picks[i] = to
		}
		switch {
		case to == balance.Full:
			err = p.refusal(0)
		case uint(to) >= uint(len(p.lanes)):
			picks[i], err = balance.Full, p.g.checkWorker(to)
		case p.bad[to] || !p.lanes[to].Stage(part[i]):
			p.bad[to] = true
			picks[i], err = ^to, p.refusal(to)
		default:
			if p.staged[to]++; p.staged[to] == 1 {
				p.dirty = append(p.dirty, to)
			}
			p.route.sent(to)
		}
	}
	for _, to := range p.dirty {
		if p.staged[to] > 0 && !p.flushLane(to) {
			p.takeBack(to, picks)
			err = ErrClosed
		}
		p.staged[to] = 0
	}
	p.dirty = p.dirty[:0]
	return err
}

// routeChunk picks for all items at once, if the balancer can.
func (p *Producer[T]) routeChunk(part []T) bool {
	r := p.route
	if p.g.cfg.Key != nil {
		for i, v := range part {
			p.keys[i] = r.key(v)
		}
	}
	batch, ok := r.bal.(balance.BatchPicker)
	if !ok {
		return false
	}
	if r.age += len(part); r.age > refreshEvery {
		r.refresh()
	}
	batch.PickBatch(p.keys[:len(part)], r.view, p.picks[:len(part)])
	return true
}

// refusal says why worker i takes nothing.
func (p *Producer[T]) refusal(i int) error {
	if p.closed || p.lanes[i].Closed() {
		return ErrClosed
	}
	return ErrFull
}

// takeBack undoes what was staged for worker i, whose lane was closed: this chunk's
// items become refused, older staged ones wait for Flush.
func (p *Producer[T]) takeBack(i int, picks []int) {
	back := p.lanes[i].Recall()
	old := len(back)
	for k := range picks {
		if picks[k] == i {
			picks[k] = ^i
			old--
		}
	}
	p.returned = append(p.returned, back[:old]...)
	p.bad[i] = true
}
