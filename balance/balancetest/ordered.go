package balancetest

import (
	"fmt"

	"github.com/pushcore/pushcore/balance"
)

// trail is where the items of a key went: worker is that of the last pick, mark is Taken of that worker when it has
// done with all of them.
type trail struct {
	worker int
	mark   uint64
}

// follow picks for a key and says what is wrong if the key has left a worker that has items of it.
func (p *producer) follow(rule string, trails map[uint64]trail, key uint64) error {
	i := p.b.Pick(key, p.v)
	if err := p.check(i); err != nil {
		return fmt.Errorf("Pick(%#x): %w", key, err)
	}
	if i == balance.Full {
		return nil
	}
	was, known := trails[key]
	if known && was.worker != i && p.v.Taken[was.worker] < was.mark {
		return breach(rule, "key %#x went to worker %d, then to worker %d, of %s, while items of it were waiting for worker %d; Depth was then %v",
			key, was.worker, i, show(p.v), was.worker, p.v.Depth)
	}
	if count(p.v, i) {
		was.mark = p.v.Sent[i]
	} else if was.worker != i {
		was.mark = 0
	}
	trails[key] = trail{i, was.mark}
	return nil
}

// checkOrdered: where Ordered says true, a key stays with its worker while it has items there, whatever happens short
// of a membership change.
func (s *suite) checkOrdered() error {
	const rule = "Ordered() == true promises that between Updates that change something a key gets one and the same worker, or Full, whatever depths and clock show, but for when all that was sent of it has been taken"
	for _, n := range s.o.Workers {
		p, err := s.producer(n, 5)
		if err != nil {
			return err
		}
		if !p.b.Ordered() {
			continue
		}
		for range 3 { // memberships
			trails := map[uint64]trail{}
			for round := range 12 {
				for range 150 {
					if err := p.follow(rule, trails, p.key()); err != nil {
						return err
					}
				}
				switch round % 3 {
				case 0:
					p.refresh()
				case 1:
					takeAll(p.v)
				default: // nothing changed: it must not matter
					p.mislead()
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

// checkSticky: where Sticky says true, that holds across changes of membership, and a key whose worker was closed is
// not lost for ever.
func (s *suite) checkSticky() error {
	const rule = "Sticky() == true promises that a key with items at a worker gets that worker, or Full, also across Updates that change who is open"
	for _, n := range s.o.Workers {
		p, err := s.producer(n, 12)
		if err != nil {
			return err
		}
		if !balance.IsSticky(p.b) {
			continue
		}
		if !p.b.Ordered() {
			return breach("Sticky() == true includes Ordered() == true", "the balancer says that it is Sticky, but not Ordered")
		}
		trails := map[uint64]trail{}
		for round := range 40 {
			for range 150 {
				if err := p.follow(rule, trails, p.key()); err != nil {
					return err
				}
			}
			switch round % 4 {
			case 0, 1:
				if err := p.open(p.rng.IntN(n), func(int) bool { return p.rng.IntN(3) > 0 }); err != nil {
					return err
				}
			case 2:
				p.refresh()
				if round%8 == 2 {
					p.mislead()
				}
			default:
				takeAll(p.v) // check finds a Full from an idle view
			}
		}
	}
	return nil
}

// checkSteady: Ordered, Sticky and Reads give the same answer each time; a group asks once.
func (s *suite) checkSteady() error {
	const rule = "Ordered(), Sticky() and Reads() never change their answers, and all balancers of a policy give the same"
	var want []answer
	for _, n := range s.o.Workers {
		p, err := s.producer(n, 6)
		if err != nil {
			return err
		}
		if want == nil {
			want = answers(p.b)
		}
		ask := func(when string) error {
			for k, got := range answers(p.b) {
				if got != want[k] {
					return breach(rule, "%s was %v, and is %v %s", got.name, want[k].says, got.says, when)
				}
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

// answer is what a method of a balancer that makes a promise says.
type answer struct {
	name string
	says any
}

func answers(b balance.Balancer) []answer {
	return []answer{{"Ordered()", b.Ordered()}, {"Sticky()", balance.IsSticky(b)}, {"Reads()", balance.ReadsOf(b)}}
}
