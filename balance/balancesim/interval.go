package balancesim

import (
	"fmt"
	"math"
)

// An Interval is an estimate: with the probability Config.Confidence what is estimated lies within Half of Mean.
type Interval struct {
	Mean, Half float64
}

// Contains reports whether v lies in the interval.
func (i Interval) Contains(v float64) bool { return math.Abs(v-i.Mean) <= i.Half }

// String returns, for instance, "2.614 ± 0.012".
func (i Interval) String() string { return fmt.Sprintf("%.4g ± %.2g", i.Mean, i.Half) }

// estimate makes an interval of independent, equally weighted means (Student).
func estimate(means []float64, confidence float64) Interval {
	n := float64(len(means))
	sum, squares := 0.0, 0.0
	for _, m := range means {
		sum += m
	}
	mean := sum / max(n, 1)
	if len(means) < 2 {
		return Interval{mean, math.Inf(1)} // anything may be true
	}
	for _, m := range means {
		squares += (m - mean) * (m - mean)
	}
	return Interval{mean, studentQuantile((1+confidence)/2, n-1) * math.Sqrt(squares/(n-1)/n)}
}

// studentQuantile returns the value that a Student variable with df degrees of freedom stays below with probability p
// >= 0.5. It is called a few times per run, so it bisects an integral rather than expand a series.
func studentQuantile(p, df float64) float64 {
	lo, hi := 0.0, 1.0
	for studentCDF(hi, df) < p && hi < 1e9 {
		lo, hi = hi, 2*hi
	}
	for range 60 {
		mid := (lo + hi) / 2
		if studentCDF(mid, df) < p {
			lo = mid
		} else {
			hi = mid
		}
	}
	return hi
}

// studentCDF integrates by Simpson's rule over the angle atan(t/sqrt(df)), which has a finite range and no long tail.
func studentCDF(t, df float64) float64 {
	const steps = 256
	a, _ := math.Lgamma((df + 1) / 2)
	b, _ := math.Lgamma(df / 2)
	scale := math.Exp(a-b) / math.Sqrt(math.Pi)
	angle := math.Atan(t / math.Sqrt(df))
	h, sum := angle/steps, 0.0
	for i := range steps + 1 {
		weight := 2.0
		switch {
		case i == 0 || i == steps:
			weight = 1
		case i%2 == 1:
			weight = 4
		}
		sum += weight * math.Pow(math.Cos(float64(i)*h), df-1)
	}
	return 0.5 + scale*sum*h/3
}
