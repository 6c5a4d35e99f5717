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
	defer s.Room(producers + 1)()
	var end time.Time
	cpu := func(i int) int {
		if i == producers {
			return 1
		}
		return i % len(s.CPUs)
	}
	start, err := s.Team(producers+1, cpu, s.Poll(producers+1), func(i int) error {
		if i < producers {
			produce(i)
			return nil
		}
		err := consume()
		end = time.Now()
		return err
	})
	return end.Sub(start), err
}

// Team runs body for 0 to n-1 at once, in goroutines of their own, each on its cpu, and waits for all. It returns when
// they began: as the last of them was there, for which the others wait as wait says.
func (s Spot) Team(n int, cpu func(i int) int, wait Poll, body func(i int) error) (start time.Time, err error) {
	var (
		ready atomic.Int32
		errs  = make([]error, n)
		wg    sync.WaitGroup
	)
	for i := range n {
		wg.Go(func() {
			errs[i] = s.Enter(cpu(i))
			if int(ready.Add(1)) == n {
				start = time.Now()
				ready.Add(1)
			}
			for wait := wait; int(ready.Load()) <= n; {
				wait.Took(0, 1)
			}
			errs[i] = errors.Join(errs[i], body(i))
		})
	}
	wg.Wait()
	return start, errors.Join(errs...)
}

// Room sees to it that pinned threads which share a cpu get it from the kernel in turn, as those of other languages do:
// each has a P of its own until restore. One that waits in the kernel for its turn keeps what GOMAXPROCS counts.
func (s Spot) Room(threads int) (restore func()) { return Room(s.Pinned, threads) }

// Room raises GOMAXPROCS to n, if these are threads of their own, until restore is called.
func Room(threads bool, n int) (restore func()) {
	before := runtime.GOMAXPROCS(0)
	if !threads || n <= before {
		return func() {}
	}
	runtime.GOMAXPROCS(n)
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
	return []Impl{{Name: name, Run: f}, {Name: name, Variant: "procs=1", Run: alone}}
}
