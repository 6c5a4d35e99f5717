package execs

import (
	"iter"

	"github.com/pushcore/pushcore/bench/internal/measure"
)

// This file holds what a coroutine takes in Go at least: iter.Pull on a locked thread, and no scheduler.

// pullImpls returns one coroutine that is resumed again and again, and as many in turn as the row has. They are no
// peers: a coroutine of an Exec is one of these and more.
func pullImpls(name string) []measure.Impl {
	hot, turns := measure.Floor(name, pullMany(1)), measure.Floor(name, pullMany(yieldTasks))
	hot.Variant, turns.Variant = "hot", "turns"
	return []measure.Impl{hot, turns}
}

// pullMany resumes coroutines in turn; an operation is one yield, there and back.
func pullMany(coroutines int) func(s measure.Spot, n int) (measure.Sample, error) {
	return func(s measure.Spot, n int) (measure.Sample, error) {
		each := max(1, n/coroutines)
		d, err := s.Solo(func() error {
			var total uint64
			next := make([]func() (uint64, bool), coroutines)
			for i := range next {
				var stop func()
				next[i], stop = iter.Pull(func(yield func(uint64) bool) {
					for did := uint64(1); yield(did); did++ {
					}
				})
				defer stop()
			}
			for range each {
				for _, f := range next {
					did, _ := f()
					total += did
				}
			}
			return sumError("the sum of the yields", total, uint64(coroutines)*triangle(each+1))
		})
		return measure.PerOp(d, each*coroutines), err
	}
}
