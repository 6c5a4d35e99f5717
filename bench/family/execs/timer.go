package execs

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/pushcore/pushcore/bench/internal/measure"

	"github.com/pushcore/pushcore/exec"
)

// This file arms timers and stops them again, as every request with a deadline does.

// manyArmed is how many other timers are armed in a row that is about it. A test's small n has fewer.
func manyArmed(n int) int { return min(1_000_000, 64*n) }

// soon is when the i-th timer that is armed and stopped would fire, later the i-th of those that stay.
func soon(i int) time.Duration { return time.Second + time.Duration(i%1024)*time.Millisecond }
func later(i int) time.Duration {
	return time.Minute + time.Duration(i*7919%manyArmed(1<<20))*time.Millisecond
}

func timers(s measure.Spot, n int) (measure.Sample, error) { return armAndStop(s, n, 0) }
func timersAmongMany(s measure.Spot, n int) (measure.Sample, error) {
	return armAndStop(s, n, manyArmed(n))
}
func timersGo(s measure.Spot, n int) (measure.Sample, error) { return armAndStopGo(s, n, 0) }
func timersGoAmongMany(s measure.Spot, n int) (measure.Sample, error) {
	return armAndStopGo(s, n, manyArmed(n))
}

// armAndStop arms a timer and stops it, again and again, in one task on the loop.
func armAndStop(s measure.Spot, n, armed int) (measure.Sample, error) {
	var (
		elapsed time.Duration
		failed  error
		fired   int
		done    atomic.Bool
	)
	never := exec.Func(func(*exec.Local) { fired++ })
	work := func(l *exec.Local) error {
		for i := range armed {
			if _, ok := l.After(later(i), never); !ok {
				return fmt.Errorf("timer %d of %d was refused", i, armed)
			}
		}
		start := time.Now()
		for i := range n {
			t, ok := l.After(soon(i), never)
			if !ok || !t.Stop() {
				return fmt.Errorf("data error: timer %d was not armed or not stopped", i)
			}
		}
		elapsed = time.Since(start)
		return nil
	}
	err := start(s, exec.Config{MaxTimers: armed + 1}, func(x *exec.Exec) error {
		if !x.TrySend(exec.Func(func(l *exec.Local) {
			failed = work(l)
			done.Store(true)
		})) {
			return errRefused
		}
		for wait := (measure.Poll{}); !done.Load(); {
			wait.Took(0, 1)
		}
		return failed
	})
	if fired > 0 { // nothing runs there any more
		err = errors.Join(err, fmt.Errorf("data error: %d timers fired that were stopped or not due", fired))
	}
	return measure.PerOp(elapsed, n), err
}

// armAndStopGo does the same with time.AfterFunc.
func armAndStopGo(s measure.Spot, n, armed int) (measure.Sample, error) {
	var (
		elapsed time.Duration
		fired   atomic.Int64
	)
	never := func() { fired.Add(1) }
	_, err := s.On(0, func() error {
		others := make([]*time.Timer, armed)
		for i := range others {
			others[i] = time.AfterFunc(later(i), never)
		}
		start := time.Now()
		for i := range n {
			if !time.AfterFunc(soon(i), never).Stop() {
				return fmt.Errorf("data error: timer %d was not stopped", i)
			}
		}
		elapsed = time.Since(start)
		for i, t := range others {
			if !t.Stop() {
				return fmt.Errorf("data error: timer %d of those that stay was not armed", i)
			}
		}
		return nil
	})
	if fired.Load() > 0 {
		err = errors.Join(err, fmt.Errorf("data error: %d timers fired that were stopped or not due", fired.Load()))
	}
	return measure.PerOp(elapsed, n), err
}
