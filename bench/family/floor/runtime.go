package floor

import (
	"errors"
	"runtime"
	"time"

	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/internal/mem"
)

// handover sends through a channel without a buffer: each value meets its receiver.
func handover(s measure.Spot, n int) (measure.Sample, error) {
	ch := make(chan uint64)
	d, err := s.Pair(func() {
		for i := range uint64(n) {
			ch <- i
		}
	}, func() error {
		var c measure.Check
		for range n {
			c.Add(<-ch)
		}
		return c.Err(n)
	})
	return measure.PerOp(d, n), err
}

func gosched(s measure.Spot, n int) (measure.Sample, error) {
	d, err := s.Solo(func() error {
		for range n {
			runtime.Gosched()
		}
		return nil
	})
	return measure.PerOp(d, n), err
}

func timeNow(s measure.Spot, n int) (measure.Sample, error) {
	d, err := s.Solo(func() error {
		first := time.Now()
		last := first
		for range n {
			last = time.Now()
		}
		if last.Before(first) {
			return errors.New("data error: the clock went back")
		}
		return nil
	})
	return measure.PerOp(d, n), err
}

func ticks(s measure.Spot, n int) (measure.Sample, error) {
	d, err := s.Solo(func() error {
		first := mem.Ticks()
		last := first
		for range n {
			last = mem.Ticks()
		}
		if last < first {
			return errors.New("data error: the cycle counter went back")
		}
		return nil
	})
	return measure.PerOp(d, n), err
}
