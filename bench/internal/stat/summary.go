package stat

import (
	"math"
	"slices"
)

// confidence is the least probability with which an interval holds the median.
const confidence = 0.95

// LeastRounds are needed for an interval: of fewer values, the least and the greatest hold the median between them with
// a probability of less than that (5 values: 93.75 %).
const LeastRounds = 6

// What makes a median say too little to be given as a figure: its interval is wider than half of it, so that the same
// thing, measured again, might as well come out a quarter higher or lower; and the quartiles, too, are farther apart
// than a quarter of it. One accident does not move these, while it is all of an end of the interval of a few rounds.
const (
	wideInterval  = 0.5
	wideQuartiles = 0.25
)

// Summary sums up values, one per round.
type Summary struct {
	Rounds    int
	Quartiles [3]float64
	// Interval holds the median with a probability of at least 95 %, whatever the values' distribution. With fewer than
	// LeastRounds it is all that was seen.
	Interval [2]float64
}

// Summarize sums up vs. There must be at least one value.
func Summarize(vs []float64) Summary {
	s := slices.Sorted(slices.Values(vs))
	k := rank(len(s))
	return Summary{len(s), Quartiles(s), [2]float64{s[k-1], s[len(s)-k]}}
}

// rank returns the greatest k for which the k-th least and the k-th greatest of n values hold the median between them
// with enough confidence, or 1 if there is none. Fewer than k of n values are below the median as often as fewer than k
// of n coins show heads, which needs no assumption:
//
//	n      6 to 8   9 to 11   12 to 14   15, 16   17 to 19   20 to 22
//	k      1        2         3          4        5          6
//
// benchstat's interval for the median follows from the same reasoning, but reaches farther to one side for some n.
func rank(n int) int {
	tail := 0.0
	one := math.Pow(0.5, float64(n)) // the probability of k heads: beyond 1000 coins this would be 0
	for k := 0; ; k++ {
		tail += one
		if 2*tail > 1-confidence {
			return max(k, 1)
		}
		one *= float64(n-k) / float64(k+1)
	}
}

// Median returns the median.
func (s Summary) Median() float64 { return s.Quartiles[1] }

// Few says that there are too few rounds to judge.
func (s Summary) Few() bool { return s.Rounds < LeastRounds }

// Wide says that the rounds are too far apart for the median to be given as a figure. least is what the width is a
// share of where the median is smaller: one that may be near zero has a limit to be compared with, and others have 0.
func (s Summary) Wide(least float64) bool {
	beside := max(math.Abs(s.Median()), least)
	return s.Interval[1]-s.Interval[0] > wideInterval*beside && s.Quartiles[2]-s.Quartiles[0] > wideQuartiles*beside
}

// Verdict is what a target has come to.
type Verdict int

// The verdicts.
const (
	Met    Verdict = iota // the whole interval is on the right side of the limit, or at it
	Missed                // the whole interval is on the wrong side
	Open                  // the limit lies within the interval: more rounds make that narrower
	Few                   // there are too few rounds
)

// Judge compares the median with a limit: it must be at least that, or at most.
func (s Summary) Judge(limit float64, atLeast bool) Verdict {
	lo, hi := s.Interval[0], s.Interval[1]
	if atLeast {
		lo, hi, limit = -hi, -lo, -limit
	}
	switch {
	case s.Few():
		return Few
	case hi <= limit:
		return Met
	case lo > limit:
		return Missed
	}
	return Open
}
