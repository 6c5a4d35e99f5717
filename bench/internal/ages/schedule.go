package ages

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/bench/internal/stat"
	"github.com/pushcore/pushcore/internal/mem"
)

// Schedule says when each of some items is due: at even distances from the start, whoever is late. An item that is sent
// late, because its sender was held up or found no room, has waited from when it was due; that is the correction for
// coordinated omission.
//
// Items are numbered in the order in which they are due. Where there are several producers they are due in turn: item
// i*producers+p is producer p's i-th.
type Schedule struct {
	producers int
	gap       float64 // in ticks; 0: all are due at the start
	start     *atomic.Int64
	ended     atomic.Int64 // by the cycle counter
	forks     []*Schedule
	ages      []int64 // in ticks; 0: not done. Whoever has done an item writes to its place, once.
	warm      int     // as many of the first items do not count: threads and caches wake up
}

// The pace is the median of some bursts, each of several queues full.
const (
	bursts = 3
	burst  = 4 * measure.Capacity
)

// Amount is what a row of latency asks Load for: as many items as are due in span, which takes as long for everyone.
// Less is a number of items.
const (
	Amount = burst
	span   = 25 * time.Millisecond
	most   = 1 << 21 // items: each has a place
)

// Loads are the shares of the pace that every latency is measured at, in percent.
var Loads = []int{10, 80}

// Load measures at a share of the pace, in percent: the pace is that at which run gets through when everything is due
// at once. run sends what is due, notes each item that is done, and at last calls End; it is called some times.
func Load(n, producers, percent int, run func(*Schedule) error) (measure.Sample, error) {
	n = max(n, producers)
	paces := make([]float64, 1, bursts)
	if n >= Amount {
		paces = paces[:bursts]
	}
	for i := range paces {
		s := newSchedule(min(n, burst), producers, 0)
		if err := run(s); err != nil {
			return measure.Sample{}, err
		}
		paces[i] = float64(s.took()) / float64(len(s.ages))
	}
	gap := max(stat.Median(paces), 0.01) * 100 / float64(percent)
	if n >= Amount {
		n = min(max(Least, int(float64(span)*ticksPerNs()/gap)), most)
	}
	s := newSchedule(n+n/16, producers, gap)
	s.warm = n / 16
	if err := run(s); err != nil {
		return measure.Sample{}, err
	}
	return s.Sample()
}

// Every is a schedule of n items of one producer that are due at distances of so many ns.
func Every(gap float64, n int) *Schedule { return newSchedule(n, 1, gap*ticksPerNs()) }

func ticksPerNs() float64 {
	const unit = 1 << 30
	return unit / float64(mem.TicksDuration(unit))
}

// newSchedule rounds n up: each producer has as many.
func newSchedule(n, producers int, gap float64) *Schedule {
	n = (n + producers - 1) / producers * producers
	s := &Schedule{producers: producers, gap: gap, start: new(atomic.Int64), ages: make([]int64, n)}
	for i := range s.ages { // has the memory touched
		s.ages[i] = doubled
	}
	clear(s.ages)
	return s
}

// Len is how many items there are.
func (s *Schedule) Len() int { return len(s.ages) }

// Share is how many of them each producer has.
func (s *Schedule) Share() int { return len(s.ages) / s.producers }

// due returns when item i is due; somebody has begun.
func (s *Schedule) due(i int) int64 { return s.start.Load() + int64(float64(i)*s.gap) }

// Begin begins the schedule, unless another producer has.
func (s *Schedule) Begin() { s.start.CompareAndSwap(0, mem.Ticks()+int64(s.gap)) }

// Ready returns up to which of its items, to at most, producer p has some that are due now.
func (s *Schedule) Ready(p, to int) int {
	first, each := s.gap*float64(p), s.gap*float64(s.producers)
	// Who is late by batches needs no division. The clock is read in any case: a pace without that would be another.
	if now := float64(mem.Ticks() - s.start.Load()); now < first+each*float64(to-1) {
		to = int(max(0, (now-first)/each+1))
	}
	return to
}

// Send sends producer p's items, none before it is due, and at most batch of those that are due at once: a batch goes
// when it is full, or when nothing more is due. idle is called while nothing is; nil: the cpu is p's alone. The first
// producer to come here begins the schedule; all call it at about the same time.
func (s *Schedule) Send(p, batch int, idle func(), send func(from, to int) error) error {
	s.Begin()
	for from, all := 0, s.Share(); from < all; {
		to := s.Ready(p, min(from+batch, all))
		if to <= from {
			if idle != nil {
				idle()
			}
			continue
		}
		if err := send(from, to); err != nil {
			return err
		}
		from = to
	}
	return nil
}

// Done notes that producer p's i-th item is done at this time of the cycle counter. Several may call it for items of
// their own.
func (s *Schedule) Done(p, i int, now int64) {
	k := i*s.producers + p
	if k >= len(s.ages) {
		return // somebody else's check finds it
	}
	if s.ages[k] != 0 {
		s.ages[k] = doubled
		return
	}
	if s.ages[k] = now - s.due(k); s.ages[k] == 0 {
		s.ages[k] = 1
	}
}

// doubled marks what was done twice: no age is as far below nothing.
const doubled = -1 << 62

// End notes that all is done.
func (s *Schedule) End() { s.ended.Store(mem.Ticks()) }

// Fork returns the schedule for another consumer of the same items, which ends it, too. An item is as old as it gets
// with the last of them. It is called before anything is due.
func (s *Schedule) Fork() *Schedule {
	fork := newSchedule(len(s.ages), s.producers, s.gap)
	fork.start = s.start
	s.forks = append(s.forks, fork)
	return fork
}

func (s *Schedule) took() int64 {
	ended := s.ended.Load()
	for _, f := range s.forks {
		ended = max(ended, f.ended.Load())
	}
	return max(1, ended-s.start.Load())
}

// Times returns the ages of all items that count.
func (s *Schedule) Times() (*Times, error) {
	times := NewTimes()
	for i, t := range s.ages {
		wrong := t == 0 || t == doubled
		for _, f := range s.forks {
			wrong = wrong || f.ages[i] == 0 || f.ages[i] == doubled
			t = max(t, f.ages[i])
		}
		if wrong {
			return nil, fmt.Errorf("data error: item %d of %d was lost, or done twice", i, len(s.ages))
		}
		if i >= s.warm {
			times.Ticks(t)
		}
	}
	return times, times.Err()
}

// Sample sums up.
func (s *Schedule) Sample() (measure.Sample, error) {
	times, err := s.Times()
	if err != nil {
		return measure.Sample{}, err
	}
	due := s.gap * float64(len(s.ages))
	return measure.Sample{
		Metrics: append(append(times.Metrics(), times.Tail()...),
			measure.Metric{Value: 1e9 * ticksPerNs() / s.gap, Unit: Rate},
			measure.Metric{Value: min(100, 100*due/float64(s.took())), Unit: Achieved}),
		Items: float64(times.Count()),
	}, nil
}
