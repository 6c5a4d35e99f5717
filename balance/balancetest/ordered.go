package balancetest

import (
	"fmt"

	"github.com/pushcore/pushcore/balance"
)

// checkOrdered: where Ordered says true, a key has one worker, whatever happens short of a membership change.
func (s *suite) checkOrdered() error {
	const rule = "Ordered() == true promises that between Updates that change something a key gets one and the same worker, or Full, whatever depths and clock show"
	for _, n := range s.o.Workers {
		p, err := s.producer(n, 5)
		if err != nil {
			return err
		}
		if !p.b.Ordered() {
			continue
		}
		for range 3 { // memberships
			home := map[uint64]int{}
			for round := range 12 {
				for range 150 {
					key := p.key()
					i, err := p.pick(key)
					if err != nil {
						return err
					}
					was, known := home[key]
					switch {
					case i == balance.Full:
					case !known:
						home[key] = i
					case was != i:
						return breach(rule, "key %#x went to worker %d, then to worker %d, of %s; Depth was then %v",
							key, was, i, show(p.v), p.v.Depth)
					}
				}
				switch round % 3 {
				case 0:
					p.refresh()
				case 1:
					takeAll(p.v)
				default: // nothing changed: it must not matter
					if err := p.update(); err != nil {
						return err
					}
				}
			}
			if err := p.open(p.rng.IntN(n), func(int) bool { return p.rng.IntN(3) > 0 }); err != nil {
				return err
			}
			takeAll(p.v)
		}
	}
	return nil
}

// checkOrderedSteady: Ordered gives the same answer each time; a group asks once.
func (s *suite) checkOrderedSteady() error {
	const rule = "Ordered() never changes its answer, and all balancers of a policy give the same"
	var want, known bool
	for _, n := range s.o.Workers {
		p, err := s.producer(n, 6)
		if err != nil {
			return err
		}
		if !known {
			want, known = p.b.Ordered(), true
		}
		ask := func(when string) error {
			if got := p.b.Ordered(); got != want {
				return breach(rule, "Ordered() was %v, and is %v %s", want, got, when)
			}
			return nil
		}
		if err := ask(fmt.Sprintf("for a group of %d workers", n)); err != nil {
			return err
		}
		for range 100 {
			if _, err := p.step(); err != nil {
				return err
			}
			if err := ask("after picks and updates"); err != nil {
				return err
			}
		}
	}
	return nil
}
