package group

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/internal/backoff"
)

// SendBatch sends vs, each item to the worker that the balancer picks for it, with as few publications as that allows.
// What was not accepted is moved to the front of vs, in order, and returned with the reason: ErrFull, ErrClosed, or
// with Block ctx's error. If Config.Key panics for an item, that one and what follows it are part of rest, too, and the
// error says which it is. Once a worker has refused an item, its later items in the call are refused, too, so sending
// rest again keeps every worker's order.
func (p *Producer[T]) SendBatch(vs []T) (rest []T, err error) {
	rest, err = p.sendBatch(vs)
	for err != nil && p.changed() && !p.closed && !p.g.closed.Load() {
		rest, err = p.sendBatch(rest)
	}
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
			b.Ease()
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
		n, panicked := p.ask(part)
		part = part[:n]
		if e := p.sendChunk(part, refused > 0); e != nil {
			err = e
			for i, to := range p.picks[:len(part)] {
				if to < 0 {
					vs[refused] = part[i]
					refused++
				}
			}
		}
		if panicked != nil {
			return append(vs[:refused], vs[begin+n:]...), fmt.Errorf("group: %s: Config.Key panicked for item %d of the rest: %v", p.g.cfg.Name, refused, panicked)
		}
	}
	return vs[:refused], err
}

// ask sets the keys of at most chunk items. If Key panics it returns for how many it did not, and the value.
func (p *Producer[T]) ask(part []T) (n int, panicked any) {
	key := p.g.cfg.Key
	if key == nil {
		return len(part), nil
	}
	defer func() { panicked = recover() }()
	for ; n < len(part); n++ {
		p.keys[n] = key(&part[n])
	}
	return n, nil
}

// sendChunk sends at most chunk items, whose keys were asked for. The picks of those that were refused are negative
// afterwards; it returns the reason of the last. What follows a refused item does not go by another roster, nor
// anywhere if the balancer may send its key elsewhere as soon as what was sent before is taken: it might overtake the
// one that was refused.
func (p *Producer[T]) sendChunk(part []T, refused bool) (err error) {
	r, picks := p.route, p.picks[:len(part)]
	if p.g.roster.Load() != r.current {
		if err = p.refusal(nil); !refused {
			err = p.sync()
		}
		if err != nil {
			for i := range picks {
				picks[i] = balance.Full
			}
			return err
		}
	}
	if r.batch != nil {
		r.grow(len(part))
		r.batch.PickBatch(p.keys[:len(part)], r.view, picks)
	}
	for i := 0; i < len(part); {
		if p.g.moving && (refused || err != nil) {
			err = p.refusal(err)
			picks[i] = balance.Full
			i++
			continue
		}
		if r.batch == nil {
			picks[i], _ = r.pick(p.keys[i]) // what is wrong with it shows below
		}
		to := picks[i]
		if to == balance.Full && r.batch != nil {
			to, _ = r.pick(p.keys[i]) // once more, with a fresh view
			picks[i] = to
		}
		if !r.view.IsOpen(to) {
			err = cmp.Or(r.checkPick(to), p.refusal(nil))
			picks[i] = balance.Full
			i++
			continue
		}
		n := 1
		for r.batch != nil && i+n < len(part) && picks[i+n] == to {
			n++
		}
		if k, e := p.sendRun(to, part[i:i+n]); k < n {
			p.bad[to], err = true, p.refusal(e)
			for ; k < n; k++ {
				picks[i+k] = ^to
			}
		}
		i += n
	}
	for _, to := range p.dirty {
		o := &p.out[to]
		switch n := o.staged; {
		case n == 0:
		case o.flush():
			p.count(n)
		default:
			p.takeBack(to, picks)
			err = p.refusal(nil)
			if !p.changed() {
				err = ErrClosed
			}
		}
	}
	p.dirty = p.dirty[:0]
	return err
}

// sendRun sends or stages items for one worker and returns how many it took, and why not all, if it is not that there
// is no room. A single item is staged, because others may follow; more are pushed at once.
func (p *Producer[T]) sendRun(to int, vs []T) (n int, err error) {
	if p.bad[to] {
		return 0, nil
	}
	o := &p.out[to]
	if o.open == nil {
		if err = p.reopen(to); err != nil {
			return 0, err
		}
	}
	if len(vs) > 1 {
		if n = o.open.PushBatch(vs); n > 0 {
			p.count(n + o.staged)
			o.visible()
		}
		p.route.sent(to, n)
		return n, nil
	}
	if !p.stageIn(o, to, 0, false, vs[0]) {
		return 0, nil
	}
	return 1, nil
}

// refusal says why something was not taken, where err is what was found out.
func (p *Producer[T]) refusal(err error) error {
	if p.closed || p.g.closed.Load() || errors.Is(err, ErrClosed) {
		return ErrClosed
	}
	return ErrFull
}

// takeBack undoes what was staged for worker i, whose lane was closed. What comes
// back is the newest: the last of this chunk's items become refused, and what is
// older than the chunk is sent again, or waits for Flush.
func (p *Producer[T]) takeBack(i int, picks []int) {
	back := p.out[i].recall(p.route, i)
	old := len(back)
	for k := len(picks) - 1; k >= 0 && old > 0; k-- {
		if picks[k] == i {
			picks[k] = ^i
			old--
		}
	}
	p.takenBack(back[:old])
	p.bad[i] = true
}
