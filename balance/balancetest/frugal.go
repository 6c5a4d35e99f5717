package balancetest

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/pushcore/pushcore/balance"
)

// checkFrugal: Pick and PickBatch look at nothing that Reads does not name: what they would find there changes nothing.
func (s *suite) checkFrugal() error {
	const rule = "Pick and PickBatch look at no part of the View that Reads() does not name: its owner keeps only those up to date"
	if s.o.Random {
		return nil
	}
	blind := *s
	blind.policy = func(v *balance.View) (balance.Balancer, error) {
		b, err := s.policy(v)
		if err != nil || b == nil {
			return b, err
		}
		return scrambling{b, balance.ReadsOf(b), rand.New(rand.NewPCG(14, 14))}, nil
	}
	for _, n := range s.o.Workers {
		p, err := s.producer(n, lifeSeed)
		if err != nil {
			return err
		}
		if balance.ReadsOf(p.b) == balance.ReadsAll {
			return nil
		}
		alone, err := p.play(lifeSteps)
		if err != nil {
			return err
		}
		q, err := blind.producer(n, lifeSeed)
		if err != nil {
			return err
		}
		got, err := q.play(lifeSteps)
		if err != nil {
			return fmt.Errorf("%w\n\t(%s)", err, rule)
		}
		if err := compare(rule, alone, got, "a balancer shown nonsense in the parts of the View that it says it does not read"); err != nil {
			return fmt.Errorf("%d workers: %w", n, err)
		}
		if _, ok := p.b.(balance.BatchPicker); !ok {
			continue
		}
		for range 20 {
			keys, got, want := make([]uint64, 32), make([]int, 32), make([]int, 32)
			for k := range keys {
				keys[k] = p.key()
				q.key() // both courses of events stay in step
			}
			p.b.(balance.BatchPicker).PickBatch(keys, p.v, want)
			q.b.(scrambling).pickBatch(keys, q.v, got)
			if !slices.Equal(want, got) {
				return breach(rule, "%d workers: PickBatch picked %v, and %v with nonsense in the parts of the View that it says it does not read", n, want, got)
			}
			p.refresh()
			q.refresh()
		}
	}
	return nil
}

// scrambling shows its balancer nonsense where it says that it does not look.
type scrambling struct {
	balance.Balancer
	reads balance.Reads
	rng   *rand.Rand
}

func (s scrambling) Pick(key uint64, v *balance.View) int {
	return s.Balancer.Pick(key, s.scramble(v))
}

func (s scrambling) pickBatch(keys []uint64, v *balance.View, out []int) {
	s.Balancer.(balance.BatchPicker).PickBatch(keys, s.scramble(v), out)
}

// Sticky and Reads are the balancer's.
func (s scrambling) Sticky() bool         { return balance.IsSticky(s.Balancer) }
func (s scrambling) Reads() balance.Reads { return s.reads }

func (s scrambling) scramble(v *balance.View) *balance.View {
	v = clone(v)
	for i := range v.Depth {
		if s.reads&balance.ReadsTaken == 0 {
			v.Sent[i] = s.rng.Uint64() >> (1 + s.rng.IntN(63))
			v.Taken[i] = s.rng.Uint64N(v.Sent[i] + 1)
		}
		if s.reads&balance.ReadsDepth == 0 {
			v.Depth[i] = s.rng.Uint64N(2 * laneCap)
		}
	}
	if s.reads&balance.ReadsNow == 0 {
		v.Now = int64(s.rng.Uint64())
	}
	return v
}
