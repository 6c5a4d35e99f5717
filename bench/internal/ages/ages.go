// Package ages holds how long things take from when they were due until they are done: the histogram that every family
// notes times in, and the schedule by which things are due.
package ages

import (
	"fmt"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/internal/mem"
)

// The units of what is found.
const (
	P50      = "p50-ns"
	P99      = "p99-ns"
	P999     = "p99.9-ns"
	Max      = "max-ns"
	Rate     = "due/s"
	Achieved = "achieved-%" // of Rate
)

// A percentile is a figure only if some ten times lie beyond it. Of fewer there is the greatest time in its place.
const (
	Least    = 1024 // for P99
	leastTop = 10_240
)

// longest is the greatest time that is told from greater ones. The least is 1 ns: cycle counters of two cpus may differ
// by less than can be found out, and what was quicker than that seems to have taken less than no time.
const longest = int64(10 * time.Second)

// wayward is what no difference of counters explains.
const wayward = -10 * time.Microsecond

// Times is a histogram of times. One goroutine at a time may use it.
type Times struct {
	h     *hdrhistogram.Histogram
	early int // wayward ones
}

// NewTimes is empty.
func NewTimes() *Times { return &Times{h: hdrhistogram.New(1, longest, 3)} }

// Ticks notes a difference of two values of the cycle counter.
func (t *Times) Ticks(d int64) { t.Add(mem.TicksDuration(d)) }

// Add notes a time.
func (t *Times) Add(d time.Duration) {
	if d < wayward {
		t.early++
	}
	_ = t.h.RecordValue(min(max(1, int64(d)), longest)) // in range: it cannot fail
}

// Count is how many were noted.
func (t *Times) Count() int { return int(t.h.TotalCount()) }

// Quantile returns the time that so many percent do not exceed, in ns.
func (t *Times) Quantile(percent float64) float64 { return float64(t.h.ValueAtQuantile(percent)) }

// Max returns the greatest time, in ns.
func (t *Times) Max() float64 { return float64(t.h.Max()) }

// Err says that times were noted which cannot be.
func (t *Times) Err() error {
	if t.early > 0 {
		return fmt.Errorf("data error: %d of %d things were done more than %v before they began: the cycle counters of the "+
			"cpus differ", t.early, t.Count(), -wayward)
	}
	return nil
}

// Metrics returns P50, and P99 or, of too few, Max.
func (t *Times) Metrics() []measure.Metric {
	p50 := measure.Metric{Value: t.Quantile(50), Unit: P50}
	if t.Count() < Least {
		return []measure.Metric{p50, {Value: t.Max(), Unit: Max}}
	}
	return []measure.Metric{p50, {Value: t.Quantile(99), Unit: P99}}
}

// Tail returns P99.9, unless there are too few.
func (t *Times) Tail() []measure.Metric {
	if t.Count() < leastTop {
		return nil
	}
	return []measure.Metric{{Value: t.Quantile(99.9), Unit: P999}}
}
