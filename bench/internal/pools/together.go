package pools

import (
	"sync/atomic"
	"time"

	"github.com/pushcore/pushcore/bench/internal/measure"
)

// Together runs body in a goroutine per producer, from a common start; the last of them awaits the end, unless one has
// failed. It returns the time from start to end.
func Together(s measure.Spot, threads bool, producers int, body func(producer int) error, await func()) (
	elapsed time.Duration, err error,
) {
	var (
		left   atomic.Int32
		failed atomic.Bool
		end    time.Time
	)
	left.Store(int32(producers))
	cpu := func(i int) int { return i % len(s.CPUs) }
	start, err := s.Team(producers, cpu, measure.Shared(threads), func(i int) error {
		err := body(i)
		if err != nil {
			failed.Store(true)
		}
		if left.Add(-1) == 0 && !failed.Load() {
			await()
			end = time.Now()
		}
		return err
	})
	if err != nil {
		return 0, err
	}
	return end.Sub(start), nil
}
