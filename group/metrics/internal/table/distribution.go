package table

import (
	"time"

	"github.com/pushcore/pushcore/exec"
)

// Distribution is a histogram as both Prometheus and OpenTelemetry know it: Counts[i] is of what is at most Bounds[i],
// and more than the bound before it; the last count, which has no bound, is of all that is longer.
type Distribution struct {
	Bounds []float64 // shared; must not be changed
	Counts []uint64  // one more than Bounds
	Sum    float64
}

// Count is how many were counted.
func (d *Distribution) Count() (n uint64) {
	for _, c := range d.Counts {
		n += c
	}
	return n
}

// An exec.Histogram has four buckets to a doubling. One in eight of their ends is kept: from 64 ns to 69 s in powers of
// four. As durations are whole nanoseconds, what is shorter than an end is at most one nanosecond less, and that is
// the bound: the counts are exact.
const stride = 8

var (
	durationBounds = func() (bounds []float64) {
		for i := 0; i < exec.HistogramBuckets-1; i += stride {
			bounds = append(bounds, (exec.BucketEnd(i) - time.Nanosecond).Seconds())
		}
		return bounds
	}()
	sizeBounds = func() (bounds []float64) {
		for i := range exec.BatchSizeBuckets - 1 {
			bounds = append(bounds, float64(uint64(2)<<i-1))
		}
		return bounds
	}()
)

// durations is h with fewer buckets.
func durations(h *exec.Histogram) Distribution {
	d := Distribution{Bounds: durationBounds, Counts: make([]uint64, len(durationBounds)+1), Sum: h.Sum.Seconds()}
	for i, n := range h.Counts {
		d.Counts[(i+stride-1)/stride] += n
	}
	return d
}

// sizes is of batches by size. What it sums up are the items in them: those of a batch that panicked are in none.
func sizes(in *exec.InboxStats) Distribution {
	return Distribution{
		Bounds: sizeBounds,
		Counts: append([]uint64(nil), in.BatchSizes[:]...),
		Sum:    float64(in.Consumed - min(in.Failed, in.Consumed)),
	}
}
