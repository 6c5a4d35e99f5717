package group

import (
	"errors"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/internal/backoff"
)

// What a Producer does when an item was not accepted at once: because there is no room, because the workers have
// changed, or because nothing is accepted any more.

// sending is an item on its way out.
type sending[T any] struct {
	routed[T]
	to    int // the worker that was picked, or balance.Full
	stage bool
}

// again tries until s is accepted, or the policy says to give up.
func (p *Producer[T]) again(s sending[T]) error {
	var b backoff.Backoff
	for {
		err := p.try(&s)
		switch {
		case err == nil:
			return nil
		case p.changed() && !p.closed && !p.g.closed.Load():
			continue
		case err != ErrFull: // try returns the bare value
			return err
		}
		if p.g.cfg.OnFull.kind == block && exec.OnLoop() {
			return exec.ErrOnLoop
		}
		p.flush() // or the workers could not make room; a balancer that looks at depths counts what is staged, too
		if p.g.cfg.OnFull.kind != block {
			p.g.refused.Add(1)
			return ErrFull
		}
		if err := b.Wait(p.g.cfg.OnFull.ctx); err != nil {
			return err
		}
	}
}

// try looks at the roster and places s.
func (p *Producer[T]) try(s *sending[T]) error {
	if p.closed || p.g.closed.Load() {
		return ErrClosed
	}
	if p.g.roster.Load() != p.route.current {
		if err := p.sync(); err != nil {
			return err
		}
		s.to = s.routed.to
	}
	return p.place(s)
}

// place picks, unless that was done, and sends.
func (p *Producer[T]) place(s *sending[T]) (err error) {
	pinned := s.routed.to >= 0
	if pinned {
		err = p.route.roster.checkWorker(p.g.cfg.Name, s.to)
	} else if s.to == balance.Full {
		s.to, err = p.route.pick(s.key)
	}
	switch {
	case err != nil:
		return err
	case s.to == balance.Full:
		return ErrFull
	case p.put(s, pinned):
		return nil
	}
	switch err := p.reopen(s.to); {
	case err == nil && p.put(s, pinned):
		return nil
	case errors.Is(err, ErrClosed):
		return ErrClosed
	}
	return ErrFull
}

func (p *Producer[T]) put(s *sending[T], pinned bool) bool {
	if s.stage {
		return p.stage(s.to, s.key, pinned, s.v)
	}
	return p.push(s.to, s.v)
}

// changed reports whether the workers have changed since the Producer looked.
func (p *Producer[T]) changed() bool { return p.g.roster.Load() != p.route.roster }

// sync adopts the roster of now. It returns ErrFull as long as nothing may be sent: a change is being made, or what
// came back has not found room again. (ErrClosed: nor will it.)
func (p *Producer[T]) sync() error {
	ro := p.g.roster.Load()
	p.route.adopt(ro)
	var back []routed[T]
	for i := range p.out {
		o := &p.out[i]
		if o.lane == nil {
			continue
		}
		if o.to != ro.workers[i] {
			o.lane.Close() // whoever makes the change may not have come to it yet
		}
		if o.staged > 0 && (o.lane.Closed() || ro.phase != flowing) {
			if n := o.staged; o.flush() {
				p.count(n)
			} else {
				back = append(back, o.recall(p.route, i)...)
			}
		}
		if o.lane.Closed() || ro.phase != flowing {
			o.open = nil
		}
	}
	p.comesBack(back)
	err := p.resend(ro)
	if err != nil {
		p.route.current = nil
	}
	return err
}

// comesBack puts what was staged before the rest of what has come back, which is newer: until all of that has found
// room, nothing else is staged.
func (p *Producer[T]) comesBack(back []routed[T]) {
	if len(back) > 0 {
		p.back = append(back, p.back...)
	}
}

// resend stages once more what has come back, in order.
func (p *Producer[T]) resend(ro *roster[T]) error {
	switch {
	case p.g.closed.Load():
		return ErrClosed
	case ro.phase != flowing:
		return ErrFull
	}
	for len(p.back) > 0 {
		s := sending[T]{routed: p.back[0], to: p.back[0].to, stage: true}
		if s.to >= 0 && ro.worker(s.to) == nil {
			s.to, s.routed.to = balance.Full, balance.Full // its worker has gone: any other
		}
		if err := p.place(&s); err != nil {
			return err
		}
		p.back = p.back[1:]
	}
	p.back = nil
	return nil
}
