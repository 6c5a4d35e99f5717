package measure

import (
	"math"
	"slices"

	"github.com/pushcore/pushcore/bench/internal/stat"
)

// Mode is one of the states between which a machine changes while it is measured: virtual cpus that the hypervisor puts
// near each other for a while, and far apart for another. A cache line's round trip tells which.
type Mode struct {
	Name     string  // "near", "far"
	Trip     float64 // the median round trip, in ns
	Rounds   int     // samples that met it
	from, to float64 // the round trips that belong to it
}

// What two clusters of round trips must be like to be two modes: each has a share of the samples, and their centres are
// farther apart than either is wide.
const (
	leastShare = 0.1
	leastRatio = 1.5
	leastGap   = 3 // in the wider cluster's quartile distance
)

// Modes finds out whether the machine had one mode or two, by what was measured just before each sample. It returns
// none for one.
func Modes(all []Measured) []Mode {
	var trips []float64
	for _, m := range all {
		for _, one := range m.Series {
			for _, t := range one.Trips {
				if t > 0 {
					trips = append(trips, t)
				}
			}
		}
	}
	return modesOf(trips)
}

// modesOf divides trips where that leaves the least variance of the logarithms within the two parts.
func modesOf(trips []float64) []Mode {
	if len(trips) < 2*stat.LeastRounds {
		return nil
	}
	slices.Sort(trips)
	logs := make([]float64, len(trips))
	var sum, squares float64
	for i, t := range trips {
		logs[i] = math.Log(t)
		sum += logs[i]
		squares += logs[i] * logs[i]
	}
	n := float64(len(trips))
	at, least := 0, math.Inf(1)
	var left, leftSquares float64
	for i := 1; i < len(logs); i++ {
		left += logs[i-1]
		leftSquares += logs[i-1] * logs[i-1]
		k := float64(i)
		within := leftSquares - left*left/k + (squares - leftSquares) - (sum-left)*(sum-left)/(n-k)
		if within < least {
			at, least = i, within
		}
	}
	if share := min(float64(at), n-float64(at)) / n; share < leastShare {
		return nil
	}
	near, far := stat.Quartiles(logs[:at]), stat.Quartiles(logs[at:])
	gap, width := far[1]-near[1], max(near[2]-near[0], far[2]-far[0])
	if gap < math.Log(leastRatio) || gap < leastGap*width {
		return nil
	}
	cut := math.Sqrt(trips[at-1] * trips[at])
	return []Mode{
		{Name: "near", Trip: math.Exp(near[1]), Rounds: at, to: cut},
		{Name: "far", Trip: math.Exp(far[1]), Rounds: len(trips) - at, from: cut, to: math.Inf(1)},
	}
}

// modeOf returns the index of the mode that a round trip belongs to, or -1.
func modeOf(modes []Mode, trip float64) int {
	for i, m := range modes {
		if trip > 0 && trip >= m.from && trip < m.to {
			return i
		}
	}
	return -1
}
