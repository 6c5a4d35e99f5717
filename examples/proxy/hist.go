package main

import (
	"math/bits"
	"time"
)

// histogram counts durations with an error of at most one in sixteen.
type histogram struct {
	n      uint64
	counts [64 * 16]uint64
}

// slotOf returns where d is counted: by its highest bit and the four that follow.
func slotOf(d time.Duration) int {
	v := uint64(max(d, 0))
	if v < 16 {
		return int(v)
	}
	e := bits.Len64(v) - 5
	return (e+1)<<4 | int(v>>e)&15
}

// upTo returns the greatest duration that is counted at i.
func upTo(i int) time.Duration {
	if i < 16 {
		return time.Duration(i)
	}
	e := i>>4 - 1
	return time.Duration((uint64(i&15|16)+1)<<e - 1)
}

func (h *histogram) add(d time.Duration) {
	h.counts[slotOf(d)]++
	h.n++
}

// quantile returns the duration that q of all do not exceed; 0 if there are none.
func (h *histogram) quantile(q float64) time.Duration {
	if h.n == 0 {
		return 0
	}
	rank := min(uint64(q*float64(h.n)), h.n-1)
	for i, n := range h.counts {
		if rank < n {
			return upTo(i)
		}
		rank -= n
	}
	return 0
}

// since returns what was counted after old.
func (h *histogram) since(old *histogram) histogram {
	d := *h
	d.n -= old.n
	for i := range d.counts {
		d.counts[i] -= old.counts[i]
	}
	return d
}
