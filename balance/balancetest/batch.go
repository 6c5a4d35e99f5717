package balancetest

import (
	"fmt"
	"slices"

	"github.com/pushcore/pushcore/balance"
)

// checkPickBatch: a batch is a loop of Pick, in its results and in what it leaves behind.
func (s *suite) checkPickBatch() error {
	const (
		rule  = "PickBatch picks what a loop of Pick would that counts each pick in Sent and Depth before the next (a depth-aware one counts its own picks)"
		guard = -99
	)
	for _, n := range s.o.Workers {
		one, err := s.producer(n, 8)
		if err != nil {
			return err
		}
		all, err := s.producer(n, 8)
		if err != nil {
			return err
		}
		batcher, ok := all.b.(balance.BatchPicker)
		if !ok {
			return nil
		}
		for _, p := range []*producer{one, all} {
			for i := range n {
				p.v.Cap[i] = 1 << 20 // room for all: the contract counts picks as if lanes had it
			}
			if err := p.update(); err != nil {
				return err
			}
		}
		for round, size := range []int{1, 0, 2, 3, 7, 8, 31, 32, 33, 64, 200, 1, 32, 32, 5} {
			keys, want := make([]uint64, size), make([]int, size)
			for k := range keys {
				keys[k] = one.key()
				all.key() // both courses of events stay in step
			}
			for k, key := range keys {
				if want[k], err = one.pick(key); err != nil {
					return err
				}
			}
			got := slices.Repeat([]int{guard}, size+3)
			before, asked := clone(all.v), slices.Clone(keys)
			batcher.PickBatch(keys, all.v, got)
			if field := changed(before, all.v); field != "" {
				return breach(ruleUntouched, "PickBatch changed %s", field)
			}
			if !slices.Equal(asked, keys) {
				return breach("PickBatch does not write to keys", "PickBatch changed its keys")
			}
			if tail := got[size:]; !slices.Equal(tail, []int{guard, guard, guard}) {
				return breach("PickBatch sets out[i] for i < len(keys), and no other", "PickBatch of %d keys wrote past out[%d]", size, size)
			}
			for k, i := range got[:size] {
				if err := all.check(i); err != nil {
					return fmt.Errorf("PickBatch, item %d of %d: %w", k, size, err)
				}
				if i != want[k] && !s.o.Random {
					return breach(rule, "PickBatch answered %s for item %d of %d, a loop of Pick %s, from %s",
						showPick(i), k, size, showPick(want[k]), show(before))
				}
				count(all.v, i)
			}
			for _, p := range []*producer{one, all} {
				switch round % 3 {
				case 0:
					p.refresh()
				case 1:
					err = p.open(p.rng.IntN(n), func(int) bool { return p.rng.IntN(3) > 0 })
				default:
					takeAll(p.v)
				}
				if err != nil {
					return err
				}
			}
		}
	}
	return nil
}
