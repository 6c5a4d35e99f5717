package balancetest

import (
	"fmt"

	"github.com/pushcore/pushcore/balance"
)

// checkPicks: in range, open, and not Full without reason, for all sizes and patterns of closed workers.
func (s *suite) checkPicks() error {
	for _, n := range s.o.Workers {
		p, err := s.producer(n, 1)
		if err != nil {
			return err
		}
		for _, open := range []func(i int) bool{
			func(int) bool { return true },
			func(i int) bool { return i == 0 },
			func(i int) bool { return i == n-1 },
			func(i int) bool { return i%2 == 0 },
			func(i int) bool { return i%2 == 1 || n == 1 },
			func(i int) bool { return i != n/2 || n == 1 },
			func(i int) bool { return i >= n/2 },
			func(int) bool { return true },
		} {
			if err := p.open(-1, open); err != nil {
				return err
			}
			if err := p.rounds(); err != nil {
				return err
			}
		}
		if _, err := p.play(400); err != nil {
			return err
		}
	}
	return nil
}

// rounds picks for every edge key and for many others: each from an idle view, as the depths grow, with all lanes full,
// and idle again.
func (p *producer) rounds() error {
	deep := func(d uint64) {
		for i := range p.v.Depth {
			setDepth(p.v, i, d)
		}
	}
	for _, key := range edgeKeys {
		takeAll(p.v)
		if _, err := p.pick(key); err != nil {
			return err
		}
	}
	for _, prepare := range []func(){
		func() { deep(0) }, func() {}, func() { deep(1) }, p.refresh, func() { deep(laneCap) }, func() { deep(0) },
	} {
		prepare()
		for range 2 + p.v.N()/8 {
			for _, key := range edgeKeys {
				if _, err := p.pick(key); err != nil {
					return err
				}
			}
			if _, err := p.pick(p.rng.Uint64()); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkMembership: the number of workers itself grows and shrinks in Update.
func (s *suite) checkMembership() error {
	sizes := s.o.Workers
	p, err := s.producer(sizes[0], 2)
	if err != nil {
		return err
	}
	for k := range 3 * len(sizes) {
		n := sizes[(k*5+1)%len(sizes)] // up and down
		old := p.v
		p.v = newView(n)
		copy(p.v.Sent, old.Sent)
		copy(p.v.Taken, old.Taken)
		copy(p.v.Depth, old.Depth)
		if err := p.update(); err != nil {
			return err
		}
		takeAll(p.v)
		if _, err := p.play(50); err != nil {
			return fmt.Errorf("after an Update from %d to %d workers: %w", old.N(), n, err)
		}
	}
	return nil
}

// checkNobody: no workers, or none open: an error or Full, and a later Update mends it.
func (s *suite) checkNobody() error {
	const rule = "with no open worker the Policy returns an error or a balancer that answers Full, and Pick returns Full"
	full := func(b balance.Balancer, v *balance.View) error {
		for _, key := range edgeKeys {
			if i := b.Pick(key, v); i != balance.Full {
				return breach(rule, "Pick(%#x) returned %s from %s", key, showPick(i), show(v))
			}
		}
		return nil
	}
	closed := func(n int) *balance.View {
		v := newView(n)
		for i := range n {
			v.SetOpen(i, false)
		}
		return v
	}
	views := []*balance.View{{}, newView(0)}
	for _, n := range s.o.Workers {
		views = append(views, closed(n))
	}
	for _, v := range views {
		b, err := s.policy(v)
		if err != nil {
			continue
		}
		if b == nil {
			return breach(rule, "the Policy returned neither a balancer nor an error for %s", show(v))
		}
		if err := full(b, v); err != nil {
			return err
		}
	}
	for _, n := range s.o.Workers {
		p, err := s.producer(n, 3)
		if err != nil {
			return err
		}
		// An error is welcome here, but not asked for.
		for _, v := range []*balance.View{closed(n), {}, closed(n)} {
			_ = p.b.Update(v)
			if err := full(p.b, v); err != nil {
				return fmt.Errorf("after an Update that closed everyone: %w", err)
			}
		}
		if err := p.update(); err != nil {
			return err
		}
		if _, err := p.play(50); err != nil {
			return fmt.Errorf("after workers were closed and opened again: %w", err)
		}
	}
	return nil
}

// checkSpread: an idle group does not get everything on one worker. This finds keyed policies that ignore the key, and
// depth-aware ones that break every tie the same way.
func (s *suite) checkSpread() error {
	if s.o.MayPack {
		return nil
	}
	for _, n := range s.o.Workers {
		if n < 2 {
			continue
		}
		p, err := s.producer(n, 4)
		if err != nil {
			return err
		}
		used := map[int]bool{}
		const items = 256
		for range items {
			i, err := p.pick(p.rng.Uint64())
			if err != nil {
				return err
			}
			if i != balance.Full {
				used[i] = true
			}
			takeAll(p.v)
		}
		if len(used) == 1 {
			return breach("different keys, or ties between idle workers, do not all go to one worker (Options.MayPack if that is meant)",
				"%d items with random keys all went to one worker of %s, all idle", items, show(p.v))
		}
	}
	return nil
}
