// Package stat sums up measurements that were taken in rounds, and judges them: by their median, and by the interval in
// which that of all possible rounds lies.
package stat

import (
	"math"
	"slices"
	"strconv"
)

// Quartiles returns the lower quartile, the median and the upper quartile of vs, interpolated. There must be at least
// one value.
func Quartiles(vs []float64) (q [3]float64) {
	s := slices.Sorted(slices.Values(vs))
	for i := range q {
		at := float64(i+1) / 4 * float64(len(s)-1)
		lo := int(at)
		hi := min(lo+1, len(s)-1)
		q[i] = s[lo] + (s[hi]-s[lo])*(at-float64(lo))
	}
	return q
}

// Median returns the median of vs.
func Median(vs []float64) float64 { return Quartiles(vs)[1] }

// Figure prints v with two digits after the point, or fewer where three significant ones do without.
func Figure(v float64) string {
	digits := 2
	if a := math.Abs(v); a >= 100 {
		digits = 0
	} else if a >= 10 {
		digits = 1
	}
	return strconv.FormatFloat(v, 'f', digits, 64)
}

// Count prints n with what there are so many of: "1 row", "2 rows".
func Count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return strconv.Itoa(n) + " " + what
}
