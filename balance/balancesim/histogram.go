package balancesim

import "math"

// histogram counts times in buckets whose bounds are 1/128 of a power of two apart, so that a percentile is exact to
// within 0.4 %. A time out of range counts as the least or the greatest.
type histogram struct {
	counts [(maxExp - minExp) * perOctave]uint32
	n      int
}

const (
	perOctave        = 128
	minExp, maxExp   = -24, 40 // 60 ns to 35 years, if a unit is a second
	mantissaBits     = 52
	octaveBits       = 7 // perOctave is 1 << octaveBits
	exponentBias     = 1023
	firstBucket      = (minExp + exponentBias) * perOctave
	histogramBuckets = (maxExp - minExp) * perOctave
)

func (h *histogram) add(v float64) {
	// The leading bits of a positive float64 are its logarithm, linear within an octave.
	b := int(math.Float64bits(v)>>(mantissaBits-octaveBits)) - firstBucket
	h.counts[max(0, min(b, histogramBuckets-1))]++
	h.n++
}

func (h *histogram) merge(other *histogram) {
	for i, n := range other.counts {
		h.counts[i] += n
	}
	h.n += other.n
}

// quantile returns the middle of the bucket that has the item of rank q, 0 if there are none.
func (h *histogram) quantile(q float64) float64 {
	if h.n == 0 {
		return 0
	}
	rank, sum := int(math.Ceil(q*float64(h.n))), 0
	for i, n := range h.counts {
		if sum += int(n); sum >= max(rank, 1) {
			return (bound(i) + bound(i+1)) / 2
		}
	}
	return bound(histogramBuckets)
}

// bound is the lower bound of a bucket.
func bound(i int) float64 {
	return math.Float64frombits(uint64(i+firstBucket) << (mantissaBits - octaveBits))
}
