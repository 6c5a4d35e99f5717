package measure

import (
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pushcore/pushcore/exec/place"
)

// Spot is where one measurement runs.
type Spot struct {
	CPUs   [2]int // the producer's and the consumer's
	Pinned bool
	skew   int64 // what the second cpu's cycle counter is ahead of the first's, if certainly any
}

// Pair runs both sides of a measurement at once, waits for both, and returns the time from their common start to the
// end of consume. Each gets a goroutine of its own; pinned ones end locked, so that their threads end with them.
func (s Spot) Pair(produce func(), consume func() error) (time.Duration, error) {
	return s.Crowd(1, func(int) { produce() }, consume)
}

// Crowd is Pair with several producers, which get their indices: the consumer is pinned to the second cpu, the
// producers to the first, the second, the first again, and so on; see Room.
func (s Spot) Crowd(producers int, produce func(i int), consume func() error) (time.Duration, error) {
	var (
		ready   atomic.Int32
		start   time.Time // when the last one was ready
		elapsed time.Duration
		errs    = make([]error, producers+1)
		wg      sync.WaitGroup
	)
	defer s.Room(producers + 1)()
	side := func(i, cpu int, body func()) {
		wg.Go(func() {
			errs[i] = s.Enter(cpu)
			if int(ready.Add(1)) == producers+1 {
				start = time.Now()
				ready.Add(1)
			}
			for wait := s.Poll(producers + 1); int(ready.Load()) < producers+2; {
				wait.Took(0, 1)
			}
			body()
		})
	}
	for i := range producers {
		side(i, i%len(s.CPUs), func() { produce(i) })
	}
	side(producers, 1, func() {
		err := consume()
		elapsed = time.Since(start)
		errs[producers] = errors.Join(errs[producers], err)
	})
	wg.Wait()
	return elapsed, errors.Join(errs...)
}

// Room sees to it that pinned threads which share a cpu get it from the kernel in turn, as those of other languages do:
// each has a P of its own until restore. One that waits in the kernel for its turn keeps what GOMAXPROCS counts.
func (s Spot) Room(threads int) (restore func()) {
	before := runtime.GOMAXPROCS(0)
	if !s.Pinned || threads <= before {
		return func() {}
	}
	runtime.GOMAXPROCS(threads)
	return func() { runtime.GOMAXPROCS(before) }
}

// On runs body alone on the spot's cpu i and returns how long it took.
func (s Spot) On(i int, body func() error) (elapsed time.Duration, err error) {
	var wg sync.WaitGroup
	wg.Go(func() {
		if err = s.Enter(i); err != nil {
			return
		}
		start := time.Now()
		err = body()
		elapsed = time.Since(start)
	})
	wg.Wait()
	return elapsed, err
}

// Solo runs body alone on the second cpu.
func (s Spot) Solo(body func() error) (time.Duration, error) { return s.On(1, body) }

// Enter pins the calling goroutine to the spot's cpu i, where threads can be pinned.
func (s Spot) Enter(i int) error {
	if !s.Pinned {
		return nil
	}
	runtime.LockOSThread()
	if _, err := place.Pin(place.Of(s.CPUs[i])); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	return nil
}

// WorkerCPU is the set of the second cpu, or none where threads cannot be pinned.
func (s Spot) WorkerCPU() place.Set {
	if _, err := place.Current(); errors.Is(err, errors.ErrUnsupported) {
		return nil
	}
	return place.Of(s.CPUs[1])
}

// Skew is what the second cpu's cycle counter is ahead of the first's, if certainly any.
func (s Spot) Skew() int64 { return s.skew }

// Procs returns f with GOMAXPROCS as it is and with 1: some of the scheduler's work disappears then.
func Procs(name string, f func(s Spot, n int) (Sample, error)) []Impl {
	alone := func(s Spot, n int) (Sample, error) {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
		return f(s, n)
	}
	return []Impl{{Name: name, Run: f}, {Name: name, Variant: "procs1", Run: alone}}
}
