package floor

import (
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/pushcore/pushcore/bench/internal/ages"
	"github.com/pushcore/pushcore/bench/internal/courier"
	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/internal/mem"
)

// asleep is how long a thread that is about to sleep is given until it does: it must leave its cpu idle.
const asleep = 50 * time.Microsecond

// futexWake wakes a sleeper n times. Both sides' times are taken by their own cpus.
func futexWake(s measure.Spot, n int) (measure.Sample, error) {
	if !measure.FutexHere {
		return measure.Sample{}, fmt.Errorf("%w: no futexes on %s", measure.ErrSkip, runtime.GOOS)
	}
	const idle, woken = 0, 1
	box := new(struct { // on the heap: stacks move
		_     mem.Pad
		word  atomic.Uint32
		_     mem.Pad
		ready mem.Index // wakes that the sleeper is ready for
		ran   int64     // when the last one was felt
		_     mem.Pad
	})
	ran, calls := ages.NewTimes(), ages.NewTimes()
	stop := courier.Receiver(s, func() {
		for i := range uint64(n) {
			box.ready.StoreRelease(i + 1)
			for box.word.Load() == idle {
				measure.FutexWait(&box.word, idle)
			}
			box.ran = mem.Ticks()
			box.word.Store(idle)
		}
		box.ready.StoreRelease(uint64(n) + 1)
	}, func() {})
	await := func(turn int) {
		for wait := (measure.Poll{}); box.ready.Load() < uint64(turn); {
			wait.Took(0, 1)
		}
	}
	_, err := s.On(0, func() error {
		for i := range n {
			await(i + 1)
			for start := time.Now(); time.Since(start) < asleep; {
				mem.Pause()
			}
			before := mem.Ticks()
			box.word.Store(woken)
			measure.FutexWake(&box.word)
			after := mem.Ticks()
			await(i + 2)
			ran.Ticks(box.ran - s.Skew() - before)
			calls.Ticks(after - before)
		}
		return nil
	})
	if err = errors.Join(err, stop(), ran.Err()); err != nil {
		return measure.Sample{}, err
	}
	call := measure.Metric{Value: calls.Quantile(50), Unit: "call-" + ages.P50}
	return measure.Sample{Metrics: append(ran.Metrics(), call)}, nil
}
