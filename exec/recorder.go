package exec

import (
	"math/bits"
	"time"

	"github.com/pushcore/pushcore/internal/mem"
)

// recorder is a Histogram that a loop keeps and shows to others. All but shown is the loop's own.
type recorder struct {
	h     Histogram
	dirty [(HistogramBuckets + 63) / 64]uint64 // buckets that have changed since they were shown

	shown [HistogramBuckets + 2]mem.Index // the buckets, the sum, the maximum: a part of the board
}

// note counts d, which stands for n durations: a few nanoseconds.
func (r *recorder) note(d time.Duration, n uint64) {
	if n == 0 {
		return
	}
	i := uint(r.h.observe(d, n))
	r.dirty[i/64] |= 1 << (i % 64)
}

// between counts n durations that nobody has measured, as lying evenly between two that were.
func (r *recorder) between(a, b time.Duration, n uint64) {
	const parts = 32
	for i := range min(n, parts) {
		d := a + time.Duration(float64(b-a)*(float64(i)+0.5)/float64(min(n, parts)))
		r.note(d, (n*(i+1))/min(n, parts)-(n*i)/min(n, parts))
	}
}

// show is a part of publish.
func (r *recorder) show() {
	changed := uint64(0)
	for w, dirty := range r.dirty {
		changed |= dirty
		for r.dirty[w] = 0; dirty != 0; dirty &= dirty - 1 {
			i := w*64 + bits.TrailingZeros64(dirty)
			r.shown[i].StoreRelease(r.h.Counts[i])
		}
	}
	if changed != 0 {
		r.shown[HistogramBuckets].StoreRelease(uint64(r.h.Sum))
		r.shown[HistogramBuckets+1].StoreRelease(uint64(r.h.Max))
	}
}

// read is a part of board.look.
func (r *recorder) read() (h Histogram) {
	for i := range h.Counts {
		h.Counts[i] = r.shown[i].Load()
	}
	h.Sum, h.Max = time.Duration(r.shown[HistogramBuckets].Load()), time.Duration(r.shown[HistogramBuckets+1].Load())
	return h
}
