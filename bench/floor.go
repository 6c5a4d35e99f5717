package main

import (
	"errors"

	"github.com/pushcore/pushcore/bench/internal/stat"
	"github.com/pushcore/pushcore/internal/mem"
)

// This file holds what the hardware and the kernel take, whoever programs them.

// calibration names the loop by which figures in nanoseconds are scaled.
const calibration = "calibration"

// calibrationNs is what one step of the loop takes on the machine that the table's figures are meant for, undisturbed.
const calibrationNs = 11.4

func calibrationImpl() impl { return ours(calibration, calibrate) }

// calibrate runs a chain of dependent shifts and exclusive ors: it measures the core's clock and nothing else.
func calibrate(s spot, n int) (sample, error) {
	d, err := s.solo(func() error {
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
	return perOp(d, n), err
}

func floorRows() []row {
	return []row{
		{name: "Floor/calibration", impls: []impl{calibrationImpl()}},
		{name: "Floor/line", impls: []impl{ours("roundtrip", lineRoundTrip)}},
	}
}

// tripGroup is how many round trips are timed together: one takes little longer than reading the clock.
const tripGroup = 64

// lineRoundTrip sends one cache line back and forth n times and returns the median time of a round trip.
func lineRoundTrip(s spot, n int) (sample, error) {
	n = max(n, 2*tripGroup) / tripGroup * tripGroup
	var line struct {
		_ mem.Pad
		v mem.Index
		_ mem.Pad
	}
	groups := make([]float64, 0, n/tripGroup)
	_, err := s.pair(func() {
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
			if (i+1)%tripGroup == 0 {
				now := mem.Ticks()
				groups = append(groups, float64(mem.TicksDuration(now-start))/tripGroup)
				start = now
			}
		}
		return nil
	})
	if err != nil {
		return sample{}, err
	}
	return sample{value: stat.Median(groups)}, nil
}

// clockSkew returns how many ticks the cycle counter of the second cpu is ahead of the first's, or 0 if what was
// found can be explained by one way taking longer than the other: a network of clocks is set by the same reasoning.
func clockSkew(s spot) (skew int64, err error) {
	const rounds = 2000
	var line struct {
		_     mem.Pad
		turn  mem.Index // odd: the second cpu's
		there int64     // its clock
		_     mem.Pad
	}
	best := int64(1) << 62
	_, err = s.pair(func() {
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
