package balancetest

import (
	"testing"

	"github.com/pushcore/pushcore/balance"
)

const ruleUntouched = "the View belongs to the producer: a balancer reads it and never writes to it"

// checkViewUntouched: neither making a balancer, nor Update, nor Pick writes to the View.
func (s *suite) checkViewUntouched() error {
	for _, n := range s.o.Workers {
		v := newView(n)
		before := clone(v)
		if _, err := s.balancer(v); err != nil {
			return err
		}
		if field := changed(before, v); field != "" {
			return breach(ruleUntouched, "the Policy changed %s of %s", field, show(before))
		}
		p, err := s.producer(n, 9)
		if err != nil {
			return err
		}
		watch := &watching{Balancer: p.b}
		p.b = watch
		if _, err := p.play(300); err != nil {
			return err
		}
		if watch.breach != nil {
			return watch.breach
		}
	}
	return nil
}

// watching notes the first call that changed the View.
type watching struct {
	balance.Balancer
	breach error
}

func (w *watching) Pick(key uint64, v *balance.View) int {
	before := clone(v)
	i := w.Balancer.Pick(key, v)
	w.note("Pick", before, v)
	return i
}

func (w *watching) Update(v *balance.View) error {
	before := clone(v)
	err := w.Balancer.Update(v)
	w.note("Update", before, v)
	return err
}

// Sticky says what the balancer says, so that its Fulls are judged as without the watch.
func (w *watching) Sticky() bool { return balance.IsSticky(w.Balancer) }

func (w *watching) note(call string, before, after *balance.View) {
	if field := changed(before, after); field != "" && w.breach == nil {
		w.breach = breach(ruleUntouched, "%s changed %s of %s", call, field, show(before))
	}
}

// checkAllocations: Pick and PickBatch allocate nothing, be the workers idle, full or partly closed. A run is many
// picks, so that an allocation once in a thousand picks shows; the average over runs hides what other goroutines
// allocate.
func (s *suite) checkAllocations() error {
	const (
		rule  = "Pick and PickBatch do not allocate"
		runs  = 4
		items = 1024
	)
	for _, n := range s.o.Workers {
		p, err := s.producer(n, 10)
		if err != nil {
			return err
		}
		keys, out := make([]uint64, items), make([]int, items)
		for k := range keys {
			keys[k] = p.key()
		}
		for _, scene := range []struct {
			name  string
			depth func(i int) uint64
			open  func(i int) bool
		}{
			{"idle", func(int) uint64 { return 0 }, func(int) bool { return true }},
			{"every other one full", func(i int) uint64 { return uint64(i%2) * laneCap }, func(int) bool { return true }},
			{"full", func(int) uint64 { return laneCap }, func(int) bool { return true }},
			{"one in three closed", func(int) uint64 { return 1 }, func(i int) bool { return i%3 != 1 }},
		} {
			for i := range n {
				setDepth(p.v, i, scene.depth(i))
			}
			if err := p.open(0, scene.open); err != nil {
				return err
			}
			b, v := p.b, p.v
			if got := testing.AllocsPerRun(runs, func() {
				for k, key := range keys {
					out[k] = b.Pick(key, v)
				}
			}); got > 0 {
				return breach(rule, "%d calls of Pick made %v allocations; workers: %d, %s", items, got, n, scene.name)
			}
			if batcher, ok := b.(balance.BatchPicker); ok {
				if got := testing.AllocsPerRun(runs, func() { batcher.PickBatch(keys, v, out) }); got > 0 {
					return breach(rule, "a PickBatch of %d items made %v allocations; workers: %d, %s", items, got, n, scene.name)
				}
			}
		}
	}
	return nil
}
