package balancetest

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/pushcore/pushcore/balance"
)

const groupSize = 3 // producers in the groups that the checks play

// crowd plays several producers of one group, with lanes that everybody can see.
type crowd struct {
	producers []*producer
	lanes     [][][]uint64 // by producer, by worker: the keys of the items that wait
	ordered   bool         // for the group as a whole
	rng       *rand.Rand
}

// crowd makes a group of n workers.
func (s *suite) crowd(n int, seed uint64) (*crowd, error) {
	lenient := *s
	lenient.policy = s.group()
	lenient.o.MayRefuse = true // what one producer sees as idle is not, if others' items wait there
	c := &crowd{rng: rand.New(rand.NewPCG(seed, uint64(n)))}
	for k := range groupSize {
		p, err := lenient.producer(n, seed+uint64(k))
		if err != nil {
			return nil, err
		}
		c.producers = append(c.producers, p)
		c.lanes = append(c.lanes, make([][]uint64, n))
	}
	c.ordered = c.producers[0].b.Ordered() && !s.o.OwnOrder
	return c, nil
}

// checkGroup: the balancers of one group pick well beside each other; if they are Ordered, for the group as a whole.
func (s *suite) checkGroup() error {
	if s.group == nil {
		return nil
	}
	for _, n := range s.o.Workers {
		c, err := s.crowd(n, 15)
		if err != nil {
			return err
		}
		for range 8 { // memberships
			for range 400 {
				if err := c.step(); err != nil {
					return fmt.Errorf("%d producers of %d workers: %w", groupSize, n, err)
				}
			}
			if err := c.change(); err != nil {
				return err
			}
		}
		if err := c.last(s.o.MayRefuse); err != nil {
			return err
		}
	}
	return nil
}

// step is one event of one producer: mostly an item.
func (c *crowd) step() error {
	k := c.rng.IntN(len(c.producers))
	p := c.producers[k]
	switch c.rng.IntN(8) {
	case 0:
		w := c.rng.IntN(p.v.N())
		c.take(k, w, c.rng.IntN(len(c.lanes[k][w])+1))
		return nil
	case 1:
		c.refresh(k)
		return nil
	}
	const rule = "balancers that share state and say Ordered keep the items of a key in flight at one worker at a time, whichever producers send them"
	key := c.rng.Uint64N(16)
	i := p.b.Pick(key, p.v)
	if err := p.check(i); err != nil || i == balance.Full {
		return err
	}
	for q := range c.lanes {
		for w, lane := range c.lanes[q] {
			if c.ordered && w != i && slices.Contains(lane, key) {
				return breach(rule, "producer %d got worker %d for key %#x, while an item of producer %d with that key waits for worker %d", k, i, key, q, w)
			}
		}
	}
	if c.rng.IntN(8) > 0 && count(p.v, i) { // or the lane refuses it
		c.lanes[k][i] = append(c.lanes[k][i], key)
	}
	return nil
}

// take lets worker w take items of producer k.
func (c *crowd) take(k, w, items int) { c.lanes[k][w] = c.lanes[k][w][items:] }

// refresh shows producer k what is true.
func (c *crowd) refresh(k int) {
	v := c.producers[k].v
	for w := range v.Depth {
		v.Taken[w] = v.Sent[w] - uint64(len(c.lanes[k][w]))
		v.Depth[w] = 0
		for q := range c.lanes {
			v.Depth[w] += uint64(len(c.lanes[q][w]))
		}
	}
}

// change opens and closes workers, for one producer after the other; for Sticky ones while items wait.
func (c *crowd) change() error {
	n := c.producers[0].v.N()
	if !balance.IsSticky(c.producers[0].b) {
		c.takeAll()
	}
	open, keep := c.rng.Uint64(), c.rng.IntN(n)
	for _, k := range c.rng.Perm(len(c.producers)) {
		if err := c.producers[k].open(keep, func(i int) bool { return open>>(i%64)&1 != 0 }); err != nil {
			return err
		}
		for range 20 {
			if err := c.step(); err != nil {
				return fmt.Errorf("while producers heard of a change one after the other: %w", err)
			}
		}
	}
	return nil
}

// takeAll lets the workers take everything, and shows it to everybody.
func (c *crowd) takeAll() {
	for k := range c.lanes {
		for w := range c.lanes[k] {
			c.take(k, w, len(c.lanes[k][w]))
		}
	}
	for k := range c.lanes {
		c.refresh(k)
	}
}

// last ends all producers but one: what they have left behind does not keep it from sending.
func (c *crowd) last(mayRefuse bool) error {
	c.takeAll()
	for _, p := range c.producers[1:] {
		if b, ok := p.b.(balance.Member); ok {
			b.Close(p.v)
		}
	}
	p := c.producers[0]
	for _, key := range edgeKeys {
		if i := p.b.Pick(key, p.v); i == balance.Full && !mayRefuse {
			return breach(ruleIdle, "got Full from %s, after all was taken and all other producers had ended", show(p.v))
		}
	}
	return nil
}

// checkGroupConcurrent: producers of one group at the same time; -race makes this check sharp.
func (s *suite) checkGroupConcurrent() error {
	if s.group == nil {
		return nil
	}
	for _, n := range s.o.Workers {
		c, err := s.crowd(n, 16)
		if err != nil {
			return err
		}
		results := make(chan error, groupSize)
		for _, p := range c.producers {
			go func() {
				results <- calm(func() error {
					if _, err := p.play(lifeSteps); err != nil {
						return err
					}
					if b, ok := p.b.(balance.Member); ok {
						b.Close(p.v)
					}
					return nil
				})
			}()
		}
		var first error
		for range groupSize {
			if err := <-results; err != nil && first == nil {
				first = fmt.Errorf("%d producers of %d workers at a time: %w", groupSize, n, err)
			}
		}
		if first != nil {
			return first
		}
	}
	return nil
}
