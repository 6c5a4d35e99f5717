package floor

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/pushcore/pushcore/bench/internal/ages"
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
	gaps        *ages.Times
}

func newTurns(limit time.Duration) *turns {
	return &turns{limit: limit, gaps: ages.NewTimes()}
}

// turn notes one, and reports whether there is to be another.
func (t *turns) turn() bool {
	now := mem.Ticks()
	if t.start == 0 {
		t.start, t.last = now, now
		return true
	}
	t.gaps.Ticks(now - t.last)
	t.last = now
	return mem.TicksDuration(now-t.start) < t.limit
}

// sample has the greatest gap first: that is what whoever waits for the loop may meet.
func (t *turns) sample() (measure.Sample, error) {
	if t.gaps.Count() == 0 {
		return measure.Sample{}, fmt.Errorf("%w: the loop had no two turns in %v", measure.ErrSkip, t.limit)
	}
	greatest := measure.Metric{Value: t.gaps.Max(), Unit: ages.Max}
	others := slices.DeleteFunc(append(t.gaps.Tail(), t.gaps.Metrics()...), func(m measure.Metric) bool {
		return m.Unit == ages.Max
	})
	return measure.Sample{
		Metrics: append([]measure.Metric{greatest}, others...),
		Items:   float64(t.gaps.Count()),
	}, t.gaps.Err()
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
