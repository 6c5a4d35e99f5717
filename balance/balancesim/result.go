package balancesim

import "slices"

// Result is what a simulation has found. Times are in units, from the arrival at the producer on.
type Result struct {
	// Sojourn is the mean time until an item is done, Wait that until its service begins.
	Sojourn, Wait Interval
	// P50, P99 and P999 are percentiles of the sojourn time, to within 0.4 %.
	P50, P99, P999 float64

	// Refused is the share of the items that could not be sent when they came: because the policy said Full, because
	// the lane was full, or because other items were held already.
	Refused Interval
	// Dropped is how many items found the producer's queue full, and Unsent how many of those held were refused
	// though all workers were idle and nothing more came. Both include the warm-up.
	Dropped, Unsent int

	// Imbalance is the load of the worker that got most, divided by the mean of all: 1 is even. The mean over runs.
	Imbalance float64
	// Hottest is the load of the worker that got most: the work that it got per unit of time. At 1 and more it cannot
	// keep up, and the times above grow with the length of the run. The highest of all runs.
	Hottest float64
	// Given is how many items each worker got, in all runs.
	Given []int

	// Reordered is how many items began before an earlier one of the same key and producer was done: 0 with a policy
	// that is Ordered.
	Reordered int
	// MaxQueue is the greatest number of items that one worker had, and MaxHeld that which one producer held.
	MaxQueue, MaxHeld int
}

// Overloaded reports that a worker got more work than it can do: then the times say how long the run was, and no more.
func (r Result) Overloaded() bool { return r.Hottest >= 1 }

// Items returns how many items were measured: those of all runs that were sent.
func (r Result) Items() (n int) {
	for _, k := range r.Given {
		n += k
	}
	return n
}

func results(c Config, all []*tally) Result {
	r := Result{Given: make([]int, c.Workers)}
	var times histogram
	var sojourn, wait, refused []float64
	for _, t := range all {
		sums := t.batches
		if len(all) > 1 { // each run is one
			sums = []batch{total(t.batches)}
		}
		for _, b := range sums {
			if b.done > 0 {
				sojourn = append(sojourn, b.sojourn/b.done)
				wait = append(wait, b.wait/b.done)
			}
			if b.arrived > 0 {
				refused = append(refused, b.refused/b.arrived)
			}
		}
		times.merge(&t.times)
		sum := 0.0
		for i, w := range t.work {
			sum += w
			r.Given[i] += t.items[i]
		}
		most := slices.Max(t.work)
		if sum > 0 {
			r.Imbalance += most / sum * float64(c.Workers) / float64(len(all))
		}
		if t.last > t.first {
			r.Hottest = max(r.Hottest, most/(t.last-t.first))
		}
		r.MaxQueue, r.MaxHeld = max(r.MaxQueue, t.maxQueue), max(r.MaxHeld, t.maxHeld)
		r.Dropped += t.dropped
		r.Unsent += t.unsent
		r.Reordered += t.reordered
	}
	r.Sojourn = estimate(sojourn, c.Confidence)
	r.Wait = estimate(wait, c.Confidence)
	r.Refused = estimate(refused, c.Confidence)
	r.P50, r.P99, r.P999 = times.quantile(0.5), times.quantile(0.99), times.quantile(0.999)
	return r
}

func total(bs []batch) (sum batch) {
	for _, b := range bs {
		sum.arrived += b.arrived
		sum.done += b.done
		sum.refused += b.refused
		sum.sojourn += b.sojourn
		sum.wait += b.wait
	}
	return sum
}
