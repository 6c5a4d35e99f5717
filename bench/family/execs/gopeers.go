package execs

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/pushcore/pushcore/bench/internal/measure"
)

// This file holds what a Go program would run its work on instead of an Exec.

// goSum sees goroutines to completion: one atomic add per goroutine counts it and adds its value up.
type goSum struct{ word atomic.Uint64 }

// The count is in the upper bits of the word, the sum in the lower ones.
const goSumBits = 42

// goSumMost is the largest n whose sum fits.
const goSumMost = 1 << 20

func (g *goSum) add(v uint64) { g.word.Add(1<<goSumBits | v) }

// await waits for n goroutines without taking their processor.
func (g *goSum) await(n int) {
	for g.word.Load()>>goSumBits < uint64(n) {
		runtime.Gosched()
	}
}

func (g *goSum) err(n int, want uint64) error {
	if got := g.word.Load() & (1<<goSumBits - 1); got != want {
		return fmt.Errorf("data error: the values of %d goroutines add up to %d instead of %d", n, got, want)
	}
	return nil
}

// GoPrepared starts a goroutine for each call of a method that is there already.
func GoPrepared(s measure.Spot, n int) (measure.Sample, error) {
	n = min(n, goSumMost)
	var g goSum
	f := func() { g.add(1) }
	d, err := s.On(0, func() error {
		for range n {
			go f()
		}
		g.await(n)
		return g.err(n, uint64(n))
	})
	return measure.PerOp(d, n), err
}

// goClosure starts a goroutine for each of n closures.
func goClosure(s measure.Spot, n int) (measure.Sample, error) {
	n = min(n, goSumMost)
	var g goSum
	d, err := s.On(0, func() error {
		for i := range uint64(n) {
			go func() { g.add(i) }()
		}
		g.await(n)
		return g.err(n, uint64(n)*uint64(n-1)/2)
	})
	return measure.PerOp(d, n), err
}

// channelClosure is a worker goroutine that runs what comes through a channel.
func channelClosure(s measure.Spot, n int) (measure.Sample, error) {
	ch := make(chan func(), measure.Capacity)
	var c measure.Check
	d, err := s.Pair(func() {
		for i := range uint64(n) {
			ch <- func() { c.Add(i) }
		}
		close(ch)
	}, func() error {
		for f := range ch {
			f()
		}
		return c.Err(n)
	})
	return measure.PerOp(d, n), err
}

// goschedMany lets 50 goroutines yield to each other.
func goschedMany(s measure.Spot, n int) (measure.Sample, error) {
	each := max(1, n/repostTasks)
	var ready, ran sync.WaitGroup
	var total atomic.Int64
	begin := make(chan struct{})
	for range repostTasks {
		ready.Add(1)
		ran.Go(func() {
			ready.Done()
			<-begin
			left := each
			for ; left > 0; left-- {
				runtime.Gosched()
			}
			total.Add(int64(each - left))
		})
	}
	ready.Wait()
	d, err := s.On(0, func() error {
		close(begin)
		ran.Wait()
		if total.Load() != int64(each*repostTasks) {
			return fmt.Errorf("data error: %d turns instead of %d", total.Load(), each*repostTasks)
		}
		return nil
	})
	return measure.PerOp(d, each*repostTasks), err
}

// goChain is goroutines of which each starts the next.
type goChain struct {
	measure.Check
	n    int
	done chan struct{}
}

func (c *goChain) link(i uint64) {
	c.Add(i)
	if i++; i == uint64(c.n) {
		close(c.done)
		return
	}
	go c.link(i)
}

func chainGo(s measure.Spot, n int) (measure.Sample, error) {
	c := &goChain{n: n, done: make(chan struct{})}
	d, err := s.On(0, func() error {
		go c.link(0)
		<-c.done
		return c.Err(n)
	})
	return measure.PerOp(d, n), err
}
