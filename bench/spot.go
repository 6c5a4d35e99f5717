package main

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pushcore/pushcore/exec/place"
	"github.com/pushcore/pushcore/internal/mem"
)

// spot is where one measurement runs.
type spot struct {
	cpus   [2]int // the producer's and the consumer's
	pinned bool
	skew   int64 // what the second cpu's cycle counter is ahead of the first's, if certainly any
}

// pair runs both sides of a measurement at once, waits for both, and returns the time from their common start to the
// end of consume. Each gets a goroutine of its own; pinned ones end locked, so that their threads end with them.
func (s spot) pair(produce func(), consume func() error) (time.Duration, error) {
	var (
		ready   atomic.Int32
		elapsed time.Duration
		errs    [2]error
		wg      sync.WaitGroup
	)
	side := func(i int, body func()) {
		wg.Go(func() {
			errs[i] = s.enter(i)
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

// on runs body alone on the spot's cpu i and returns how long it took.
func (s spot) on(i int, body func() error) (elapsed time.Duration, err error) {
	var wg sync.WaitGroup
	wg.Go(func() {
		if err = s.enter(i); err != nil {
			return
		}
		start := time.Now()
		err = body()
		elapsed = time.Since(start)
	})
	wg.Wait()
	return elapsed, err
}

// solo runs body alone on the second cpu.
func (s spot) solo(body func() error) (time.Duration, error) { return s.on(1, body) }

// enter pins the calling goroutine to the spot's cpu i, where threads can be pinned.
func (s spot) enter(i int) error {
	if !s.pinned {
		return nil
	}
	runtime.LockOSThread()
	if _, err := place.Pin(place.Of(s.cpus[i])); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	return nil
}

// poll is how everyone here waits for the other side, peers included: some PAUSEs after a short take, more each time,
// none after a full one. Polling harder takes the line from the other side again and again, and both get slower.
type poll struct {
	pauses int
	empty  int
}

func (p *poll) took(n, full int) {
	if n >= full {
		p.pauses, p.empty = 0, 0
		return
	}
	p.short(n)
}

func (p *poll) short(n int) {
	p.pauses = min(2*p.pauses+1, 32)
	for range p.pauses {
		mem.Pause()
	}
	if n > 0 {
		p.empty = 0
	} else if p.empty++; p.empty > 1<<25 { // some 30 s of nothing
		panic("bench: an item was lost: the other side has been waiting for it for half a minute")
	}
}

// check is the consumer's look at every value: 0, 1, 2, and so on, each once.
type check struct{ next, sum, wrong uint64 }

func (c *check) add(v uint64) {
	if v != c.next {
		c.wrong++
	}
	c.next++
	c.sum += v
}

func (c *check) err(n int) error {
	want := uint64(n) * uint64(n-1) / 2
	if c.wrong != 0 || c.next != uint64(n) || c.sum != want {
		return fmt.Errorf("data error: %d of %d values out of order, sum %d instead of %d", c.wrong, n, c.sum, want)
	}
	return nil
}
