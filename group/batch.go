package group

import (
	"cmp"
	"errors"
	"slices"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/internal/backoff"
)

// SendBatch sends vs, each item to the worker that the balancer picks for it, with
// as few publications as that allows. What was not accepted is moved to the front of
// vs, in order, and returned with the reason: ErrFull, ErrClosed, or with Block ctx's
// error. Once a worker has refused an item, its later items in the call are refused,
// too, so sending rest again keeps every worker's order.
func (p *Producer[T]) SendBatch(vs []T) (rest []T, err error) {
	rest, err = p.sendBatch(vs)
	if err == nil {
		return rest, nil
	}
	if p.g.cfg.OnFull.kind != block {
		p.g.refused.Add(uint64(len(rest)))
		return rest, err
	}
	var b backoff.Backoff
	for errors.Is(err, ErrFull) {
		if exec.OnLoop() {
			return rest, exec.ErrOnLoop
		}
		if err := b.Wait(p.g.cfg.OnFull.ctx); err != nil {
			return rest, err
		}
		before := len(rest)
		if rest, err = p.sendBatch(rest); len(rest) < before {
			b.Reset()
		}
	}
	return rest, err
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
	r, picks := p.route, p.picks[:len(part)]
	if key := p.g.cfg.Key; key != nil {
		for i := range part {
			p.keys[i] = key(&part[i])
		}
	}
	if r.batch != nil {
		r.grow(len(part))
		r.batch.PickBatch(p.keys[:len(part)], r.view, picks)
	}
	for i := 0; i < len(part); {
		if r.batch == nil {
			picks[i], _ = r.pick(p.keys[i]) // what is wrong with it shows below
		}
		to := picks[i]
		if to == balance.Full && r.batch != nil {
			to, _ = r.pick(p.keys[i]) // once more, with a fresh view
			picks[i] = to
		}
		if uint(to) >= uint(len(p.lanes)) {
			err = cmp.Or(r.checkPick(to), p.refusal(0))
			picks[i] = balance.Full
			i++
			continue
		}
		n := 1
		for r.batch != nil && i+n < len(part) && picks[i+n] == to {
			n++
		}
		if k := p.sendRun(to, part[i:i+n]); k < n {
			p.bad[to], err = true, p.refusal(to)
			for ; k < n; k++ {
				picks[i+k] = ^to
			}
		}
		i += n
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

// sendRun sends or stages items for one worker and returns how many it took. A
// single item is staged, because others may follow; more are pushed at once.
func (p *Producer[T]) sendRun(to int, vs []T) (n int) {
	lane := p.lanes[to]
	switch {
	case p.bad[to]:
		return 0
	case len(vs) > 1:
		if n = lane.PushBatch(vs); n > 0 {
			p.count(n + p.staged[to])
			p.staged[to] = 0
		}
	case lane.Stage(vs[0]):
		if p.staged[to]++; p.staged[to] == 1 && !slices.Contains(p.dirty, to) {
			p.dirty = append(p.dirty, to)
		}
		n = 1
	}
	p.route.sent(to, n)
	return n
}

// refusal says why worker i takes nothing.
func (p *Producer[T]) refusal(i int) error {
	if p.closed || p.lanes[i].Closed() {
		return ErrClosed
	}
	return ErrFull
}

// takeBack undoes what was staged for worker i, whose lane was closed. What comes
// back is the newest: the last of this chunk's items become refused, and what is
// older than the chunk waits for Flush.
func (p *Producer[T]) takeBack(i int, picks []int) {
	back := p.lanes[i].Recall()
	old := len(back)
	for k := len(picks) - 1; k >= 0 && old > 0; k-- {
		if picks[k] == i {
			picks[k] = ^i
			old--
		}
	}
	p.returned = append(p.returned, back[:old]...)
	p.bad[i] = true
}
