package pools

import (
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pushcore/pushcore/bench/internal/measure"
)

// Together runs body in a goroutine per producer, from a common start; the last of them awaits the end. It returns the
// time from start to end.
func Together(s measure.Spot, threads bool, producers int, body func(producer int) error, await func()) (
	elapsed time.Duration, err error,
) {
	var (
		wg          sync.WaitGroup
		ready, left atomic.Int32
		begun       atomic.Int64 // when the first began, since before
		before      = time.Now()
		errs        = make([]error, producers)
	)
	left.Store(int32(producers))
	for i := range producers {
		wg.Go(func() {
			errs[i] = s.Enter(i % len(s.CPUs))
			ready.Add(1)
			for wait := measure.Shared(threads); int(ready.Load()) < producers; {
				wait.Took(0, 1)
			}
			begun.CompareAndSwap(0, int64(time.Since(before)))
			errs[i] = errors.Join(errs[i], body(i))
			if left.Add(-1) == 0 && errors.Join(errs...) == nil {
				await()
				elapsed = time.Since(before) - time.Duration(begun.Load())
			}
		})
	}
	wg.Wait()
	return elapsed, errors.Join(errs...)
}
