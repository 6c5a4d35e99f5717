package floor

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/bench/internal/neighbour"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/internal/mem"
)

// jitterTime is for how many milliseconds a loop is watched: what disturbs it comes a few hundred times in a second.
const jitterTime = 100

// What there is beside the loop.
const (
	alone         = "alone"
	besideSpinner = "spinner"
	besideGC      = "gc"
)

// turns notes the time between turns. It belongs to the loop.
type turns struct {
	start, last int64
	limit       time.Duration
	gaps        *hdrhistogram.Histogram
	err         error
}

func newTurns(limit time.Duration) *turns {
	return &turns{limit: limit, gaps: hdrhistogram.New(1, longest, 3)}
}

// turn notes one, and reports whether there is to be another.
func (t *turns) turn() bool {
	now := mem.Ticks()
	if t.start == 0 {
		t.start, t.last = now, now
		return true
	}
	if t.err == nil {
		t.err = record(t.gaps, now-t.last)
	}
	t.last = now
	return mem.TicksDuration(now-t.start) < t.limit
}

func (t *turns) sample() (measure.Sample, error) {
	if t.err == nil && t.gaps.TotalCount() == 0 {
		t.err = fmt.Errorf("%w: the loop had no two turns in %v", measure.ErrSkip, t.limit)
	}
	return measure.Sample{
		Metrics: []measure.Metric{
			{Value: float64(t.gaps.ValueAtQuantile(99.9)), Unit: "p99.9-ns"},
			{Value: float64(t.gaps.Max()), Unit: "max-ns"},
			{Value: float64(t.gaps.ValueAtQuantile(50)), Unit: "p50-ns"},
		},
		Items: float64(t.gaps.TotalCount()),
	}, t.err
}

// jitter returns a measurement of n milliseconds of a loop's turns beside something.
func jitter(loop func(measure.Spot, *turns) error, beside string) func(s measure.Spot, n int) (measure.Sample, error) {
	return func(s measure.Spot, n int) (measure.Sample, error) {
		var other *neighbour.Neighbour
		switch beside {
		case besideSpinner:
			other = neighbour.Spin(s, 0)
		case besideGC:
			other = neighbour.Churn()
		}
		t := newTurns(time.Duration(n) * time.Millisecond)
		err := loop(s, t)
		if other != nil {
			err = errors.Join(err, other.Stop())
		}
		if err != nil {
			return measure.Sample{}, err
		}
		return t.sample()
	}
}

// bareTurns reads the counter and does nothing else.
func bareTurns(s measure.Spot, t *turns) error {
	_, err := s.Solo(func() error {
		for t.turn() {
		}
		return nil
	})
	return err
}

// watched is a source that never has anything to do.
type watched struct {
	*turns
	done chan struct{} // nil when it was closed
}

// Poll notes the turn.
func (w *watched) Poll(*exec.Local, int) int {
	if w.done != nil && !w.turn() {
		close(w.done)
		w.done = nil
	}
	return 0
}

// Next wants nothing: the loop never parks.
func (w *watched) Next() (time.Duration, bool) { return 0, false }

// execTurns watches the loop of an Exec that polls and never finds anything.
func execTurns(s measure.Spot, t *turns) error {
	done := make(chan struct{})
	x, err := exec.New(exec.Config{
		CPUs:   s.WorkerCPU(),
		Spin:   exec.SpinForever,
		Logger: slog.New(slog.DiscardHandler), // it would say each time that polling loops are many here
		OnStart: func(l *exec.Local) error {
			l.AddSource(&watched{t, done})
			return nil
		},
	})
	if err != nil {
		return err
	}
	if err := x.Start(); err != nil {
		return err
	}
	<-done
	x.Stop()
	return x.Wait()
}
