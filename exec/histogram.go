package exec

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/bits"
	"slices"
	"time"
)

// HistogramBuckets is the length of [Histogram].Counts.
const HistogramBuckets = 122

// Histogram counts durations in log-linear buckets: four to each doubling, from 64 ns to 69 s, so that a bucket is
// between a quarter and a seventh as wide as what it counts. The first has all that is shorter, the last all that is
// longer. The zero Histogram is empty. It is a value: two of different times may be subtracted.
//
// (The buckets are those of HdrHistogram with two significant bits.)
type Histogram struct {
	Counts [HistogramBuckets]uint64
	Sum    time.Duration // of all that were counted
	Max    time.Duration // the longest
}

const (
	subBits    = 2 // buckets to a doubling, as a power of two
	lowestBits = 6 // the first bucket ends at 1 << lowestBits ns
)

// bucketOf returns the bucket of d.
func bucketOf(d time.Duration) int {
	if d < 1<<lowestBits {
		return 0
	}
	e := bits.Len64(uint64(d)) - 1
	i := 1 + (e-lowestBits)<<subBits + int(d>>(e-subBits))&(1<<subBits-1)
	return min(i, HistogramBuckets-1)
}

// BucketEnd returns the duration at which bucket i ends: it counts what is shorter, and not in a bucket before it. The
// last bucket has no end; what is returned for it is the longest duration there is.
func BucketEnd(i int) time.Duration {
	if i >= HistogramBuckets-1 {
		return Never
	}
	return bucketBegin(i + 1)
}

func bucketBegin(i int) time.Duration {
	if i == 0 {
		return 0
	}
	e := lowestBits + (i-1)>>subBits
	return time.Duration(1<<subBits+(i-1)&(1<<subBits-1)) << (e - subBits)
}

// Count returns how many durations were counted.
func (h Histogram) Count() (n uint64) {
	for _, c := range h.Counts {
		n += c
	}
	return n
}

// Mean returns the mean, 0 if nothing was counted.
func (h Histogram) Mean() time.Duration {
	n := h.Count()
	if n == 0 {
		return 0
	}
	return time.Duration(uint64(h.Sum) / n)
}

// Quantile returns a duration that the share q, from 0 to 1, of what was counted does not exceed, by linear
// interpolation within a bucket; 0 if nothing was counted. It is never more than Max.
func (h Histogram) Quantile(q float64) time.Duration {
	n := h.Count()
	if n == 0 {
		return 0
	}
	rank := max(min(q, 1), 0) * float64(n)
	before := 0.0
	for i, c := range h.Counts {
		if c == 0 {
			continue
		}
		if here := float64(c); before+here >= rank {
			begin := bucketBegin(i)
			end := max(min(BucketEnd(i), h.Max), begin)
			return min(begin+time.Duration(float64(end-begin)*(rank-before)/here), h.Max)
		}
		before += float64(c)
	}
	return h.Max
}

// Add adds what other has counted.
func (h *Histogram) Add(other *Histogram) {
	for i, c := range other.Counts {
		h.Counts[i] += c
	}
	h.Sum += other.Sum
	h.Max = max(h.Max, other.Max)
}

// Since returns what was counted after earlier, an older state of the same histogram. Its Max is the end of the last
// bucket that has something, or that of h if that is less.
func (h Histogram) Since(earlier *Histogram) (d Histogram) {
	for i, c := range h.Counts {
		if d.Counts[i] = c - min(c, earlier.Counts[i]); d.Counts[i] > 0 {
			d.Max = min(BucketEnd(i), h.Max)
		}
	}
	d.Sum = max(h.Sum-earlier.Sum, 0)
	return d
}

// observe counts d, which stands for n durations, and returns its bucket.
func (h *Histogram) observe(d time.Duration, n uint64) (bucket int) {
	d = max(d, 0)
	bucket = bucketOf(d)
	h.Counts[bucket] += n
	h.Sum += d * time.Duration(n)
	h.Max = max(h.Max, d)
	return bucket
}

// compact is a Histogram as JSON: quantiles for those who want a figure, and the buckets that have something.
type compact struct {
	Count               uint64
	Sum, Max            time.Duration // in nanoseconds, as all others
	P50, P90, P99, P999 time.Duration
	Buckets             [][2]uint64 // end of the bucket in nanoseconds, and its count
}

// MarshalJSON writes counts, quantiles, and the buckets that are not empty, with their ends, in nanoseconds.
func (h Histogram) MarshalJSON() ([]byte, error) {
	c := compact{
		Count: h.Count(), Sum: h.Sum, Max: h.Max,
		P50: h.Quantile(.5), P90: h.Quantile(.9), P99: h.Quantile(.99), P999: h.Quantile(.999),
		Buckets: [][2]uint64{},
	}
	for i, n := range h.Counts {
		if n > 0 {
			c.Buckets = append(c.Buckets, [2]uint64{uint64(BucketEnd(i)), n})
		}
	}
	return json.Marshal(c)
}

// UnmarshalJSON reads what MarshalJSON has written.
func (h *Histogram) UnmarshalJSON(text []byte) error {
	var c compact
	if err := json.Unmarshal(text, &c); err != nil {
		return err
	}
	*h = Histogram{Sum: c.Sum, Max: c.Max}
	for _, b := range c.Buckets {
		i, ok := slices.BinarySearchFunc(bucketEnds[:], time.Duration(b[0]), cmp.Compare[time.Duration])
		if !ok {
			return fmt.Errorf("exec: a histogram has a bucket that ends at %d ns: there is none", b[0])
		}
		h.Counts[i] = b[1]
	}
	return nil
}

var bucketEnds = func() (ends [HistogramBuckets]time.Duration) {
	for i := range ends {
		ends[i] = BucketEnd(i)
	}
	return ends
}()
