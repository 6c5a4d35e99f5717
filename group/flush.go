package group

import (
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/internal/backoff"
)

// Flush sends what was staged. If the group was closed first, it returns the items that were not sent, oldest first for
// each worker, and ErrClosed. If the workers change just now, or have changed and have no room for what came back, it
// returns these with ErrFull, or waits, as Send does.
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
		p.comesBack(back)
		p.route.current = nil
		return
	}
	for _, r := range back {
		p.returned = append(p.returned, r.v)
	}
}
