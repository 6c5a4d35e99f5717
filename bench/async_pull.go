package main

import (
	"iter"
)

// This file holds what a coroutine takes in Go at least: iter.Pull on a locked thread, and no scheduler.

// pullImpls returns one coroutine that is resumed again and again, and as many in turn as the row has.
func pullImpls(name string) []impl {
	return []impl{
		{name: name, variant: "hot", run: pullMany(1), pinned: true},
		{name: name, variant: "turns", run: pullMany(yieldTasks), pinned: true},
	}
}

// pullMany resumes coroutines in turn; an operation is one yield, there and back.
func pullMany(coroutines int) func(s spot, n int) (sample, error) {
	return func(s spot, n int) (sample, error) {
		each := max(1, n/coroutines)
		d, err := s.solo(func() error {
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
		return perOp(d, each*coroutines), err
	}
}
