package execs

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pushcore/pushcore/bench/internal/measure"

	"github.com/pushcore/pushcore/internal/mem"
)

// This file holds the async rows as goroutines. Each iteration begins and ends in one goroutine, which waits on a
// channel or a WaitGroup.

// repeat runs one iteration again and again on the first cpu, and returns the time of an operation. one returns how
// many it did. The first iteration is not timed: it makes the stacks, for everyone.
func repeat(s measure.Spot, n, most int, one func(size int) (ops int, err error)) (measure.Sample, error) {
	times, size := iterations(n, most)
	var sm measure.Sample
	_, err := s.On(0, func() error {
		if _, err := one(size); err != nil {
			return err
		}
		start, total := time.Now(), 0
		for range times {
			ops, err := one(size)
			if err != nil {
				return err
			}
			total += ops
		}
		sm = measure.PerOp(time.Since(start), total)
		return nil
	})
	return sm, err
}

// sumError checks a sum.
func sumError(what string, got, want uint64) error {
	if got != want {
		return fmt.Errorf("data error: %s: %d instead of %d", what, got, want)
	}
	return nil
}

// yieldManyGo lets 200 goroutines yield to each other; each sends how often it did.
func yieldManyGo(s measure.Spot, n int) (measure.Sample, error) {
	return repeat(s, n, yieldTasks*yieldEach, func(size int) (int, error) {
		yields := max(1, size/yieldTasks)
		done := make(chan int, yieldTasks)
		for range yieldTasks {
			go func() {
				did := 0
				for range yields {
					runtime.Gosched()
					did++
				}
				done <- did
			}()
		}
		total := 0
		for range yieldTasks {
			total += <-done
		}
		return total, sumError("yields", uint64(total), uint64(yieldTasks*yields))
	})
}

// pingPongGo: one goroutine starts size goroutines; each starts a peer and sends it a number, which comes back
// incremented.
func pingPongGo(s measure.Spot, n int) (measure.Sample, error) {
	return repeat(s, n, pings, func(size int) (int, error) {
		var g goSum
		done := make(chan struct{})
		go func() {
			for i := range uint64(size) {
				go func() {
					there, back := make(chan uint64, 1), make(chan uint64, 1)
					go func() { back <- <-there + 1 }()
					there <- i
					if g.last(<-back, size) {
						close(done)
					}
				}()
			}
		}()
		<-done
		return size, g.err(size, uint64(size)*uint64(size+1)/2)
	})
}

// last adds v and reports whether n values were added now.
func (g *goSum) last(v uint64, n int) bool { return g.word.Add(1<<goSumBits|v)>>goSumBits == uint64(n) }

// chainedGo is a chain of goroutines, each of which starts the next.
func chainedGo(s measure.Spot, n int) (measure.Sample, error) {
	return repeat(s, n, chainLinks, func(size int) (int, error) {
		c := &goChain{n: size, done: make(chan struct{})}
		go c.link(0)
		<-c.done
		return size, c.Err(size)
	})
}

// spawnGo starts goroutines and waits for all.
func spawnGo(s measure.Spot, n int) (measure.Sample, error) {
	return repeat(s, n, spawnBatch, func(size int) (int, error) {
		var wg sync.WaitGroup
		var sum atomic.Uint64
		wg.Add(size)
		for i := range uint64(size) {
			go func() {
				sum.Add(i)
				wg.Done()
			}()
		}
		wg.Wait()
		return size, sumError("the sum of the goroutines", sum.Load(), triangle(size))
	})
}

// triangle is the sum of the numbers below n.
func triangle(n int) uint64 { return uint64(n) * uint64(n-1) / 2 }

// spawnLocalGo: a goroutine starts many; the last one to run says so.
func spawnLocalGo(s measure.Spot, n int) (measure.Sample, error) {
	return repeat(s, n, spawnMany, func(size int) (int, error) {
		var g goSum
		done := make(chan struct{}, 1)
		go func() {
			for i := range uint64(size) {
				go func() {
					if g.last(i, size) {
						done <- struct{}{}
					}
				}()
			}
		}()
		<-done
		return size, g.err(size, triangle(size))
	})
}

// spawnRemoteGo starts many goroutines beside the load that busy starts, and waits for the results of all.
func spawnRemoteGo(most int, busy func(on *atomic.Bool, wg *sync.WaitGroup)) run {
	return func(s measure.Spot, n int) (measure.Sample, error) {
		return spawnBeside(s, n, most, busy, together, func(f func()) error {
			go f()
			return nil
		})
	}
}

// landing makes the closures that leave their results, and returns how to wait for all of them.
type landing func(results []uint64) (task func(i uint64) func(), wait func())

// together is for closures that run at once: a WaitGroup counts them.
func together(results []uint64) (task func(i uint64) func(), wait func()) {
	wg := new(sync.WaitGroup)
	wg.Add(len(results))
	return func(i uint64) func() {
		return func() {
			results[i] = ^i
			wg.Done()
		}
	}, wg.Wait
}

// oneByOne is for the closures of one worker, which counts them by itself, as an Exec does.
func oneByOne(results []uint64) (task func(i uint64) func(), wait func()) {
	left, done := len(results), make(chan struct{})
	return func(i uint64) func() {
		return func() {
			results[i] = ^i
			if left--; left == 0 {
				close(done)
			}
		}
	}, func() { <-done }
}

// spawnBeside sends many closures beside the load that busy starts, and waits for the results of all.
func spawnBeside(s measure.Spot, n, most int, busy func(on *atomic.Bool, wg *sync.WaitGroup), land landing,
	send func(func()) error,
) (measure.Sample, error) {
	var on atomic.Bool
	var load sync.WaitGroup
	on.Store(true)
	busy(&on, &load)
	results := make([]uint64, most)
	sm, err := repeat(s, n, most, func(size int) (int, error) {
		clear(results)
		task, wait := land(results[:size])
		for i := range uint64(size) {
			if err := send(task(i)); err != nil {
				return 0, err
			}
		}
		wait()
		return size, checkResults(results[:size])
	})
	on.Store(false)
	load.Wait()
	return sm, err
}

// checkResults looks at what every task left in its place.
func checkResults(results []uint64) error {
	for i, v := range results {
		if v != ^uint64(i) {
			return fmt.Errorf("data error: task %d left %d instead of %d", i, v, ^uint64(i))
		}
	}
	return nil
}

// stallTime is how long a task of the load keeps its processor.
const stallTime = 10 * time.Microsecond

func stall() {
	for start := time.Now(); time.Since(start) < stallTime; {
		mem.Pause()
	}
}

func idlingGo(*atomic.Bool, *sync.WaitGroup) {}

// busyYieldingGo: two goroutines yield and stall, as two tasks do on the one worker of an Exec. Where they do it is for
// Go's scheduler to say.
func busyYieldingGo(on *atomic.Bool, wg *sync.WaitGroup) {
	for range 2 {
		wg.Go(func() {
			for on.Load() {
				runtime.Gosched()
				stall()
			}
		})
	}
}

// busySpawningGo: a chain of goroutines, each of which stalls and starts the next.
func busySpawningGo(on *atomic.Bool, wg *sync.WaitGroup) {
	var link func()
	link = func() {
		defer wg.Done()
		if on.Load() {
			stall()
			wg.Add(1)
			go link()
		}
	}
	wg.Add(1)
	go link()
}
