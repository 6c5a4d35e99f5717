package measure

import (
	"errors"

	"github.com/pushcore/pushcore/bench/internal/machine"
	"github.com/pushcore/pushcore/bench/internal/stat"
	"github.com/pushcore/pushcore/internal/mem"
)

// This file holds what every session asks the machine for: how fast its clock is, how far its two cpus are apart, and
// whether they agree on the time.

// calibration names the loop by which figures in nanoseconds are scaled.
const calibration = "calibration"

// calibrationNs is what one step of the loop takes on the machine that the table's figures are meant for, undisturbed.
const calibrationNs = 11.4

// Calibration is the loop as an implementation: rows with a target in nanoseconds have it.
func Calibration() Impl { return Floor(calibration, Calibrate) }

// Calibrate runs a chain of dependent shifts and exclusive ors: it measures the core's clock and nothing else.
func Calibrate(s Spot, n int) (Sample, error) {
	d, err := s.Solo(func() error {
		x := uint64(88172645463325252)
		for range n {
			for range 8 {
				x ^= x << 13
				x ^= x >> 7
				x ^= x << 17
			}
		}
		if x == 0 {
			return errors.New("data error: xorshift reached zero")
		}
		return nil
	})
	return PerOp(d, n), err
}

// TripGroup is how many round trips are timed together: one takes little longer than reading the clock.
const TripGroup = 64

// quickTrips are enough to tell one mode of the machine from the other: less than a millisecond.
const quickTrips = 32 * TripGroup

// LineRoundTrip sends one cache line back and forth n times and returns the median time of a round trip.
func LineRoundTrip(s Spot, n int) (Sample, error) {
	n = max(n, 2*TripGroup) / TripGroup * TripGroup
	var line struct {
		_ mem.Pad
		v mem.Index
		_ mem.Pad
	}
	groups := make([]float64, 0, n/TripGroup)
	_, err := s.Pair(func() {
		for i := range uint64(n) {
			for line.v.Load() != 2*i+1 {
			}
			line.v.StoreRelease(2*i + 2)
		}
	}, func() error {
		start := mem.Ticks()
		for i := range uint64(n) {
			line.v.StoreRelease(2*i + 1)
			for line.v.Load() != 2*i+2 {
			}
			if (i+1)%TripGroup == 0 {
				now := mem.Ticks()
				groups = append(groups, float64(mem.TicksDuration(now-start))/TripGroup)
				start = now
			}
		}
		return nil
	})
	if err != nil {
		return Sample{}, err
	}
	return Sample{Metrics: []Metric{{stat.Median(groups), NsPerOp}}, Items: float64(n)}, nil
}

// clockSkew returns how many ticks the cycle counter of the second cpu is ahead of the first's, or 0 if what was
// found can be explained by one way taking longer than the other: a network of clocks is set by the same reasoning.
func clockSkew(s Spot) (skew int64, err error) {
	const rounds = 2000
	var line struct {
		_     mem.Pad
		turn  mem.Index // odd: the second cpu's
		there int64     // its clock
		_     mem.Pad
	}
	best := int64(1) << 62
	_, err = s.Pair(func() {
		for i := range uint64(rounds) {
			sent := mem.Ticks()
			line.turn.StoreRelease(2*i + 1)
			for line.turn.Load() != 2*i+2 {
			}
			back := mem.Ticks()
			if trip := back - sent; trip < best {
				best, skew = trip, line.there-(sent+trip/2)
			}
		}
	}, func() error {
		for i := range uint64(rounds) {
			for line.turn.Load() != 2*i+1 {
			}
			line.there = mem.Ticks()
			line.turn.StoreRelease(2*i + 2)
		}
		return nil
	})
	if max(skew, -skew) <= best/2 {
		skew = 0
	}
	return skew, err
}

// Probe measures what cannot be read from the system.
func Probe(f *machine.Facts) error {
	both := Spot{CPUs: f.CPUs, Pinned: true}
	trip, err := LineRoundTrip(both, 1<<15)
	if err != nil {
		return err
	}
	f.LineTripNs = trip.Value()
	f.SkewTicks, err = clockSkew(both)
	return err
}
