package groups

import (
	"fmt"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/bench/internal/pools"
	"github.com/pushcore/pushcore/internal/mem"
)

// schedule says when each message is due: at even distances from the start, whoever is late. A message that is sent
// late, because its sender was held up or found no room, has waited from when it was due; that is the correction for
// coordinated omission.
type schedule struct {
	start int64   // in ticks
	gap   float64 // in ticks
}

// ticksPer returns how many ticks a duration has.
func ticksPer(d time.Duration) float64 {
	const unit = 1 << 30
	return float64(d) * unit / float64(mem.TicksDuration(unit))
}

// due returns when message i is due.
func (c schedule) due(i uint64) int64 { return c.start + int64(float64(i)*c.gap) }

// run sends n messages, none before it is due, and all that are due at once. now reads the clock, and wait gives the
// cpu away while there is nothing to do.
func (c schedule) run(n int, now func() int64, wait func(), send func(i uint64) error) error {
	for i := range uint64(n) {
		for due := c.due(i); now() < due; {
			wait()
		}
		if err := send(i); err != nil {
			return err
		}
	}
	return nil
}

// sojourns are the times from due to done, a place for each message: whoever has done a message writes there, once.
type sojourns struct {
	schedule
	ages []int64 // in ticks; 0: not done
}

// newSojourns has places for n messages, in memory that has been touched.
func newSojourns(n int) *sojourns {
	s := &sojourns{ages: make([]int64, n)}
	for i := range s.ages {
		s.ages[i] = -1
	}
	clear(s.ages)
	return s
}

// done notes that message i is done now. What was done before stays marked.
func (s *sojourns) done(i uint64, now int64) {
	if s.ages[i] != 0 {
		s.ages[i] = doubled
		return
	}
	s.ages[i] = max(1, now-s.due(i))
}

const doubled = -1

// Units of what is found.
const (
	p50, p99, p999 = "p50-ns", "p99-ns", "p99.9-ns"
	achieved       = "achieved-%" // of the messages per second that were asked for
)

// longest is the greatest sojourn that the histogram tells from greater ones.
const longest = int64(10 * time.Second)

// sample sums up. took is the time from the start until the last was done, in ticks.
func (s *sojourns) sample(took int64) (measure.Sample, error) {
	h := hdrhistogram.New(1, longest, 3)
	for i, t := range s.ages {
		if t <= 0 {
			return measure.Sample{}, fmt.Errorf("data error: message %d of %d was lost, or done twice", i, len(s.ages))
		}
		if err := h.RecordValue(min(max(1, int64(mem.TicksDuration(t))), longest)); err != nil {
			return measure.Sample{}, err
		}
	}
	m := func(q float64, unit string) measure.Metric {
		return measure.Metric{Value: float64(h.ValueAtQuantile(q)), Unit: unit}
	}
	share := measure.Metric{Value: min(100, 100*s.gap*float64(len(s.ages))/float64(max(took, 1))), Unit: achieved}
	return measure.Sample{Metrics: []measure.Metric{m(50, p50), m(99, p99), m(99.9, p999), share}}, nil
}

// offer sends the messages when they are due and waits until the roll has all.
func (s *sojourns) offer(spot measure.Spot, threads bool, roll *pools.Roll, send func(i uint64) error) (
	took int64, err error,
) {
	_, err = spot.On(0, func() error {
		n := len(s.ages)
		s.start = mem.Ticks() + int64(s.gap)
		if err := s.run(n, mem.Ticks, func() { measure.GiveWay(threads) }, send); err != nil {
			return err
		}
		roll.Await(threads, n)
		took = mem.Ticks() - s.start
		return nil
	})
	return took, err
}
