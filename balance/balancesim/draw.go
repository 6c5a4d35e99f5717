package balancesim

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// A Dist is a distribution of times, in units (see [Config]).
type Dist struct {
	Name string
	Mean float64
	// Draw returns a time that is not negative. To replay a trace, let it return one entry after the other.
	Draw func(r *rand.Rand) float64
}

// Exponential returns the exponential distribution: as gaps a Poisson process, as service times those of the M/M/
// queues.
func Exponential(mean float64) Dist {
	return Dist{
		Name: fmt.Sprintf("exponential(%g)", mean),
		Mean: mean,
		Draw: func(r *rand.Rand) float64 { return mean * r.ExpFloat64() },
	}
}

// Deterministic returns the distribution that has one value.
func Deterministic(v float64) Dist {
	return Dist{
		Name: fmt.Sprintf("deterministic(%g)", v),
		Mean: v,
		Draw: func(*rand.Rand) float64 { return v },
	}
}

// Bimodal returns a distribution of two values: long with probability share, and short.
func Bimodal(short, long, share float64) Dist {
	return Dist{
		Name: fmt.Sprintf("bimodal(%g, %g at %g)", short, long, share),
		Mean: short + share*(long-short),
		Draw: func(r *rand.Rand) float64 {
			if r.Float64() < share {
				return long
			}
			return short
		},
	}
}

func (d Dist) check(what string, zero bool) error {
	switch {
	case d.Draw == nil:
		return fmt.Errorf("balancesim: Config.%s %q has no Draw", what, d.Name)
	case !(d.Mean > 0) && (!zero || d.Mean != 0), math.IsInf(d.Mean, 1):
		return fmt.Errorf("balancesim: Config.%s %q has the mean %g: it must be above 0 and finite", what, d.Name, d.Mean)
	}
	return nil
}

// Keys says which keys the items have. The zero value: none, every item has key 0.
type Keys struct {
	Name string
	// N is how many keys there are.
	N int
	// Draw returns the rank of a key, from 0 to N-1.
	Draw func(r *rand.Rand) int
	// Key returns what a policy is given for a rank. Default: 64 bits made of the rank and the seed, so that another
	// seed puts the popular keys elsewhere.
	Key func(rank int) uint64
}

// maxKeys bounds the memory of a distribution and of the check for order.
const maxKeys = 1 << 24

// UniformKeys returns n keys that are all equally frequent.
func UniformKeys(n int) Keys {
	return Keys{
		Name: fmt.Sprintf("%d uniform keys", n),
		N:    n,
		Draw: func(r *rand.Rand) int { return r.IntN(n) },
	}
}

// ZipfKeys returns n keys of which the one of rank k, from 0 on, is as frequent as 1/(k+1)^s: a law that word counts,
// web pages and caches are found to follow with s near 1.
func ZipfKeys(s float64, n int) Keys {
	n = max(0, min(n, maxKeys+1)) // more is refused by Run
	weights := make([]float64, n)
	for k := range weights {
		weights[k] = math.Pow(float64(k+1), -s)
	}
	return Keys{
		Name: fmt.Sprintf("Zipf(%g) over %d keys", s, n),
		N:    n,
		Draw: newAlias(weights).draw,
	}
}

// HotKey returns n keys of which one has that share of the traffic, and the others equal shares of the rest.
func HotKey(share float64, n int) Keys {
	return Keys{
		Name: fmt.Sprintf("one of %d keys with %g %% of the traffic", n, 100*share),
		N:    n,
		Draw: func(r *rand.Rand) int {
			if n < 2 || r.Float64() < share {
				return 0
			}
			return 1 + r.IntN(n-1)
		},
	}
}

func (k Keys) check() error {
	switch {
	case k.N < 0 || k.N > maxKeys:
		return fmt.Errorf("balancesim: Config.Keys %q are %d: there must be from 1 to %d, or 0 for none", k.Name, k.N, maxKeys)
	case k.N > 0 && k.Draw == nil:
		return fmt.Errorf("balancesim: Config.Keys %q have no Draw", k.Name)
	}
	return nil
}

// alias draws from any discrete distribution with one random number and two loads: each of n equal columns holds its
// own outcome below a threshold, and one other above it (Walker, ACM TOMS 3(3), 1977; built in linear time as by Vose,
// IEEE TSE 17(9), 1991).
type alias struct {
	below []float64
	other []int32
}

func newAlias(weights []float64) alias {
	n, sum := len(weights), 0.0
	for _, w := range weights {
		sum += w
	}
	a := alias{below: make([]float64, n), other: make([]int32, n)}
	var small, large []int32 // columns that are not full, and those that have some to give
	for i, w := range weights {
		a.below[i], a.other[i] = w*float64(n)/sum, int32(i)
		if a.below[i] < 1 {
			small = append(small, int32(i))
		} else {
			large = append(large, int32(i))
		}
	}
	for len(small) > 0 && len(large) > 0 {
		s, l := small[len(small)-1], large[len(large)-1]
		small = small[:len(small)-1]
		a.other[s] = l
		if a.below[l] -= 1 - a.below[s]; a.below[l] < 1 {
			large = large[:len(large)-1]
			small = append(small, l)
		}
	}
	for _, i := range append(small, large...) { // full, but for rounding
		a.below[i] = 1
	}
	return a
}

func (a alias) draw(r *rand.Rand) int {
	u := r.Float64() * float64(len(a.below))
	i := int(u)
	if u-float64(i) < a.below[i] {
		return i
	}
	return int(a.other[i])
}
