//go:build linux

package main

import (
	"slices"
	"time"
)

// meter is what one connection has done.
type meter struct {
	items, bytes, lost uint64
	took               []uint32 // in units of 100 ns
}

// keep is how many times a meter keeps, the first ones.
const keep = 1 << 20

func (m *meter) add(d time.Duration, size int) {
	m.items++
	m.bytes += uint64(size)
	if len(m.took) < keep {
		m.took = append(m.took, uint32(min(d/100, 1<<32-1)))
	}
}

func sum(meters []meter, took time.Duration) (r report) {
	var all []uint32
	for _, m := range meters {
		r.Items += m.items
		r.Bytes += m.bytes
		r.Lost += m.lost
		all = append(all, m.took...)
	}
	r.Seconds = took.Seconds()
	slices.Sort(all)
	if n := len(all); n > 0 {
		r.P50, r.P99 = float64(all[n/2])/10, float64(all[n*99/100])/10
	}
	return r
}
