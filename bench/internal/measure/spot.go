package measure

import (
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pushcore/pushcore/exec/place"
	"github.com/pushcore/pushcore/internal/mem"
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
	var (
		ready   atomic.Int32
		elapsed time.Duration
		errs    [2]error
		wg      sync.WaitGroup
	)
	side := func(i int, body func()) {
		wg.Go(func() {
			errs[i] = s.Enter(i)
			ready.Add(1)
			for ready.Load() < 2 {
				mem.Pause()
			}
			body()
		})
	}
	side(0, produce)
	side(1, func() {
		start := time.Now()
		err := consume()
		elapsed = time.Since(start)
		errs[1] = errors.Join(errs[1], err)
	})
	wg.Wait()
	return elapsed, errors.Join(errs[:]...)
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

// Enter pins the calling goroutine to the spot's cpu i, where threads can be Pinned.
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
