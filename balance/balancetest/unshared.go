package balancetest

import (
	"fmt"
	"slices"

	"github.com/pushcore/pushcore/balance"
)

const (
	ruleUnshared = "balancers of one policy share no state that changes: what one producer does is nothing to another (Options.Random for balancers that draw seeds of their own)"

	lifeSteps = 400 // events in the life of a producer
	lifeSeed  = 7
)

// life is what a producer of n workers gets when it is alone: the reference for all comparisons.
func (s *suite) life(n int) ([]int, error) {
	p, err := s.producer(n, lifeSeed)
	if err != nil {
		return nil, err
	}
	return p.play(lifeSteps)
}

// checkUnshared: a producer gets the same picks alone, after others, and interleaved with others.
func (s *suite) checkUnshared() error {
	if s.o.Random {
		return nil
	}
	for _, n := range s.o.Workers {
		alone, err := s.life(n)
		if err != nil {
			return err
		}
		again, err := s.life(n)
		if err != nil {
			return err
		}
		if err := compare(ruleUnshared, alone, again, "a second balancer, used after the first"); err != nil {
			return fmt.Errorf("%d workers: %w", n, err)
		}

		a, err := s.producer(n, lifeSeed)
		if err != nil {
			return err
		}
		b, err := s.producer(n, lifeSeed+1)
		if err != nil {
			return err
		}
		var beside []int
		for range lifeSteps {
			i, err := a.step()
			if err != nil {
				return err
			}
			beside = append(beside, i)
			for range b.rng.IntN(3) {
				if _, err := b.step(); err != nil {
					return err
				}
			}
		}
		if err := compare(ruleUnshared, alone, beside, "a balancer used in turns with another"); err != nil {
			return fmt.Errorf("%d workers: %w", n, err)
		}
	}
	return nil
}

// checkConcurrent: producers that run at the same time do not disturb each other; -race makes this check sharp.
func (s *suite) checkConcurrent() error {
	const producers = 2
	for _, n := range s.o.Workers {
		var alone []int
		if !s.o.Random {
			var err error
			if alone, err = s.life(n); err != nil {
				return err
			}
		}
		results := make(chan error, producers)
		for range producers {
			go func() {
				results <- calm(func() error {
					for range 4 {
						got, err := s.life(n)
						if err != nil {
							return err
						}
						if s.o.Random {
							continue
						}
						if err := compare(ruleUnshared, alone, got, "a balancer used while another one was"); err != nil {
							return err
						}
					}
					return nil
				})
			}()
		}
		var first error
		for range producers {
			if err := <-results; err != nil && first == nil {
				first = fmt.Errorf("%d workers, %d producers at a time: %w", n, producers, err)
			}
		}
		if first != nil {
			return first
		}
	}
	return nil
}

// compare reports the first step at which got differs from want.
func compare(rule string, want, got []int, who string) error {
	for k := range min(len(want), len(got)) {
		if want[k] != got[k] {
			return breach(rule, "%s got %s at step %d, where one on its own gets %s", who, showPick(got[k]), k, showPick(want[k]))
		}
	}
	if !slices.Equal(want, got) {
		return breach(rule, "%s took %d steps, where one on its own takes %d", who, len(got), len(want))
	}
	return nil
}

var _ balance.Balancer = (*borrowing)(nil)

// borrowing hands its balancer a copy of the view for each call, and spoils the copy when the call returns.
type borrowing struct{ balance.Balancer }

func (b borrowing) Pick(key uint64, v *balance.View) int {
	c := clone(v)
	defer spoil(c)
	return b.Balancer.Pick(key, c)
}

func (b borrowing) Update(v *balance.View) error {
	c := clone(v)
	defer spoil(c)
	return b.Balancer.Update(c)
}

// Sticky says what the balancer says, so that its Fulls are judged as without the loan.
func (b borrowing) Sticky() bool { return balance.IsSticky(b.Balancer) }

// spoil makes a view that nobody should look at any more say the opposite of what it said.
func spoil(v *balance.View) {
	for i := range v.Depth {
		v.Sent[i], v.Taken[i] = ^v.Sent[i], ^v.Taken[i]
		v.Depth[i] = laneCap - min(v.Depth[i], laneCap)
		v.Cap[i] = 1
		v.Weight[i] = 1000 - min(v.Weight[i], 999)
		v.SetOpen(i, !v.IsOpen(i))
	}
	v.Now = -v.Now
}

// checkViewNotKept: a balancer that keeps the View, or slices of it, reads stale or foreign memory later on.
func (s *suite) checkViewNotKept() error {
	const rule = "a balancer does not keep the View, or slices of it, beyond the call"
	if s.o.Random {
		return nil
	}
	lend := *s
	lend.policy = func(v *balance.View) (balance.Balancer, error) {
		c := clone(v)
		defer spoil(c)
		b, err := s.policy(c)
		if err != nil || b == nil {
			return b, err
		}
		return borrowing{b}, nil
	}
	for _, n := range s.o.Workers {
		alone, err := s.life(n)
		if err != nil {
			return err
		}
		lent, err := lend.life(n)
		if err != nil {
			return fmt.Errorf("%w\n\t(each call was given a View of its own, spoilt when the call returned; %s)", err, rule)
		}
		if err := compare(rule, alone, lent, "a balancer given a View for one call at a time"); err != nil {
			return fmt.Errorf("%d workers: %w", n, err)
		}
	}
	return nil
}
