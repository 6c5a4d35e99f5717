package execs

import (
	"errors"
	"log/slog"

	"github.com/pushcore/pushcore/bench/internal/measure"

	"github.com/pushcore/pushcore/bench/internal/stat"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/place"
	"github.com/pushcore/pushcore/internal/mem"
)

// This file sends one request at a time from one core to another and waits for the answer. Like the round trip of a
// cache line, which it is compared with, a call's time is the median over groups of calls.

// laps times groups of round trips.
type laps struct {
	start  int64
	done   int
	groups []float64
}

// trips rounds n to whole groups, at least two.
func trips(n int) int { return max(n, 2*measure.TripGroup) / measure.TripGroup * measure.TripGroup }

func newLaps(n int) *laps {
	return &laps{start: mem.Ticks(), groups: make([]float64, 0, n/measure.TripGroup)}
}

// lap notes the end of one round trip.
func (l *laps) lap() {
	if l.done++; l.done%measure.TripGroup == 0 {
		now := mem.Ticks()
		l.groups = append(l.groups, float64(mem.TicksDuration(now-l.start))/measure.TripGroup)
		l.start = now
	}
}

func (l *laps) sample() measure.Sample { return measure.Of(stat.Median(l.groups), measure.NsPerOp) }

// callers runs an Exec on each cpu, both of which poll for ever. begin runs on the first one's loop, with the other;
// end ends the measurement, once.
func callers(s measure.Spot, begin func(l *exec.Local, to *exec.Exec, end func(error))) error {
	// The log would say each time that two loops which never park are many here.
	cfg := exec.Config{Spin: exec.SpinForever, Logger: slog.New(slog.DiscardHandler)}
	return start(s, cfg, func(to *exec.Exec) error {
		if s.WorkerCPU() != nil {
			cfg.CPUs = place.Of(s.CPUs[0])
		}
		from, err := exec.New(cfg)
		if err != nil {
			return err
		}
		if err := from.Start(); err != nil {
			return err
		}
		// A channel, because this thread would share a cpu with one of the loops if it polled.
		done := make(chan error, 1)
		if from.TrySend(exec.Func(func(l *exec.Local) { begin(l, to, func(err error) { done <- err }) })) {
			err = <-done
		} else {
			err = errRefused
		}
		from.Stop()
		return errors.Join(err, from.Wait())
	})
}

// call is a request that is sent from one Exec to the other and back.
type call struct {
	from, to *exec.Exec
	n, next  uint64
	answer   uint64 // whoever has the request has this, too
	laps     *laps
	end      func(error)
}

// request runs on the callee.
type request struct{ *call }

func (r request) Run(*exec.Local) {
	r.answer = ^r.next
	if !r.from.TrySend(r.call) {
		r.end(errRefused)
	}
}

// Run takes the answer and sends the next request.
func (c *call) Run(*exec.Local) {
	if err := sumError("the answer", c.answer, ^c.next); err != nil {
		c.end(err)
		return
	}
	c.laps.lap()
	c.next++
	c.ask()
}

func (c *call) ask() {
	if c.next == c.n {
		c.end(nil)
	} else if !c.to.TrySend(request{c}) {
		c.end(errRefused)
	}
}

// callTasks asks and answers with a task each.
func callTasks(s measure.Spot, n int) (measure.Sample, error) {
	c := &call{n: uint64(trips(n))}
	err := callers(s, func(l *exec.Local, to *exec.Exec, end func(error)) {
		c.from, c.to, c.end = l.Exec(), to, end
		c.laps = newLaps(int(c.n))
		c.ask()
	})
	if err != nil {
		return measure.Sample{}, err
	}
	return c.laps.sample(), nil
}

// callCoroutine calls a function on the other Exec and waits for what it returns.
func callCoroutine(s measure.Spot, n int) (measure.Sample, error) {
	n = trips(n)
	var l *laps
	calls := func(co *exec.Co, to *exec.Exec) error {
		l = newLaps(n)
		for i := range uint64(n) {
			v, err := exec.CallFrom(co, to, func(*exec.Local) (uint64, error) { return ^i, nil })
			if err != nil {
				return err
			}
			if err := sumError("the answer", v, ^i); err != nil {
				return err
			}
			l.lap()
		}
		return nil
	}
	err := callers(s, func(loop *exec.Local, to *exec.Exec, end func(error)) {
		_, err := exec.Go(loop, func(co *exec.Co) (struct{}, error) {
			end(calls(co, to))
			return struct{}{}, nil
		})
		if err != nil {
			end(err)
		}
	})
	if err != nil {
		return measure.Sample{}, err
	}
	return l.sample(), nil
}

// callChannel asks through one channel and answers through another.
func callChannel(s measure.Spot, n int) (measure.Sample, error) {
	n = trips(n)
	requests, answers := make(chan uint64, 1), make(chan uint64, 1)
	var l *laps
	_, err := s.Pair(func() {
		for v := range requests {
			answers <- ^v
		}
	}, func() error {
		defer close(requests)
		l = newLaps(n)
		for i := range uint64(n) {
			requests <- i
			if err := sumError("the answer", <-answers, ^i); err != nil {
				return err
			}
			l.lap()
		}
		return nil
	})
	if err != nil {
		return measure.Sample{}, err
	}
	return l.sample(), nil
}
