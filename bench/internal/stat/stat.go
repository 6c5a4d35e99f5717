// Package stat judges measurements that were taken in rounds: by the median of what relates two of one round, and its
// quartiles.
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

// Figure prints v with three significant digits, or more where there are more before the point.
func Figure(v float64) string {
	digits := 2
	if a := math.Abs(v); a >= 100 {
		digits = 0
	} else if a >= 10 {
		digits = 1
	}
	return strconv.FormatFloat(v, 'f', digits, 64)
}

// Verdict is what a target has come to.
type Verdict int

// The verdicts.
const (
	Met Verdict = iota
	Missed
	Noisy // the limit lies between the quartiles, and these are far apart
	Few   // too few rounds for quartiles
)

// FewRounds have no quartiles worth the name.
const FewRounds = 5

// tooWide is the spread (quartiles over median) beyond which a limit between the quartiles is neither met nor missed.
const tooWide = 0.15

// Judge compares vs, one value per round, with a limit: they must be at least that, or at most. A few rounds suffice
// where anyRounds is set.
func Judge(vs []float64, limit float64, atLeast, anyRounds bool) (q [3]float64, v Verdict) {
	if len(vs) == 0 {
		return q, Few
	}
	q = Quartiles(vs)
	met := func(r float64) bool { return (r >= limit) == atLeast || r == limit }
	// In units of the limit where the median may be near zero (a difference).
	spread := (q[2] - q[0]) / max(math.Abs(q[1]), limit)
	switch {
	case len(vs) < FewRounds && !anyRounds:
		return q, Few
	case met(q[0]) != met(q[2]) && spread > tooWide:
		return q, Noisy
	case met(q[1]):
		return q, Met
	}
	return q, Missed
}
