package balancesim

import (
	"fmt"

	"github.com/pushcore/pushcore/balance"
)

// An Anchor is a case whose answer the theory of queues knows.
type Anchor struct {
	Name   string
	Config Config
	// Measures says what is measured, and Of finds it in a Result.
	Measures string
	Of       func(Result) Interval
	// Want is what theory says, by the function or the formula that Formula names.
	Want    float64
	Formula string
	// Slack is how far above Want the truth may be, where Want is the limit for many workers and there are not so many.
	Slack float64
}

// Agrees reports whether the theory's answer lies in the interval that was found, or within Slack of it.
func (a Anchor) Agrees(found Interval) bool {
	return found.Mean+found.Half >= a.Want && found.Mean-found.Half <= a.Want+a.Slack
}

// anchorConfidence is that of the intervals. There are some thirty: all of them should agree for all but three seeds in
// a hundred.
const anchorConfidence = 0.999

func sojourn(r Result) Interval { return r.Sojourn }
func wait(r Result) Interval    { return r.Wait }
func refused(r Result) Interval { return r.Refused }

// Anchors returns the cases that this package is tested with. Items is how many items each has, for instance
// 1,000,000: intervals shrink as its square root grows.
func Anchors(seed uint64, items int) []Anchor {
	draws := drawSeed(seed)
	var all []Anchor
	add := func(a Anchor) {
		a.Config.Seed, a.Config.Confidence = seed, anchorConfidence
		if a.Config.Items = items; a.Config.Batches == 0 {
			a.Config.Batches = 20
		}
		if a.Of == nil {
			a.Measures, a.Of = "sojourn", sojourn
		}
		all = append(all, a)
	}
	for _, load := range []float64{0.5, 0.7, 0.8, 0.9, 0.95} {
		// The law holds for any number of workers. Near full load each remembers for long, about 1/(1-sqrt(load))^2:
		// fewer of them run for longer with as many items.
		n := 100
		if load > 0.8 {
			n = 20
		}
		add(Anchor{
			Name:    fmt.Sprintf("M/M/1: Random, %d workers, load %g", n, load),
			Config:  Config{Policy: balance.Random(draws), Workers: n, Load: load, Batches: 10},
			Want:    Supermarket(1, load),
			Formula: "1/(1-load)",
		})
	}
	for d := 2; d <= 3; d++ {
		for _, load := range []float64{0.5, 0.7, 0.8, 0.9, 0.95} {
			const n = 500
			add(Anchor{
				Name:    fmt.Sprintf("supermarket: PowerOf(%d), %d workers, load %g", d, n, load),
				Config:  Config{Policy: balance.PowerOf(d, draws), Workers: n, Load: load},
				Want:    Supermarket(d, load),
				Formula: fmt.Sprintf("Supermarket(%d)", d),
				Slack:   load / (n * (1 - load)),
			})
		}
	}
	for _, load := range []float64{0.5, 0.8} {
		want := ShortestOfTwo(load)
		for _, p := range []Contender{{"PowerOfTwo", balance.PowerOfTwo(draws)}, {"LeastLoaded", balance.LeastLoaded()}} {
			add(Anchor{
				Name:    fmt.Sprintf("shortest queue: %s, 2 workers, load %g", p.Name, load),
				Config:  Config{Policy: p.Policy, Workers: 2, Load: load},
				Want:    want,
				Formula: "ShortestOfTwo",
			})
		}
	}
	for _, c := range []int{1, 2, 4, 8, 16} {
		add(Anchor{
			Name:    fmt.Sprintf("M/M/%d: JBSQ(1), load 0.9", c),
			Config:  Config{Policy: balance.JBSQ(1), Workers: c, Load: 0.9},
			Want:    MMc(c, 0.9),
			Formula: "MMc (Erlang C)",
		})
	}
	for _, load := range []float64{0.5, 0.8} {
		add(Anchor{
			Name:     fmt.Sprintf("M/D/1: Random, 4 workers, load %g", load),
			Config:   Config{Policy: balance.Random(draws), Workers: 4, Load: load, Service: Deterministic(1)},
			Measures: "wait", Of: wait,
			Want:    load / (2 * (1 - load)),
			Formula: "load/(2(1-load))",
		})
	}
	add(Anchor{
		Name:    "M/G/1: Random, 4 workers, bimodal service, load 0.7",
		Config:  Config{Policy: balance.Random(draws), Workers: 4, Load: 0.7, Service: Bimodal(0.5, 5.5, 0.1)},
		Want:    MG1(0.7, (0.9*0.25+0.1*5.5*5.5)-1),
		Formula: "MG1 (Pollaczek, Khinchine)",
	})
	for _, n := range []int{2, 8} {
		add(Anchor{
			Name:    fmt.Sprintf("E_%d/M/1: RoundRobin, %d workers, load 0.8", n, n),
			Config:  Config{Policy: balance.RoundRobin(), Workers: n, Load: 0.8},
			Want:    RoundRobin(n, 0.8),
			Formula: "RoundRobin",
		})
	}
	add(Anchor{
		Name:    "M/M/1: Random, workers of speeds 1 and 3, 0.6 items each",
		Config:  Config{Policy: balance.Random(draws), Workers: 2, Speed: []float64{1, 3}, Load: 0.3},
		Want:    (1/(1-0.6) + 1/(3-0.6)) / 2,
		Formula: "the mean of 1/(speed-rate)",
	})
	add(Anchor{
		Name:     "M/M/4/4: JBSQ(1), nothing held, load 0.9",
		Config:   Config{Policy: balance.JBSQ(1), Workers: 4, Load: 0.9, Hold: -1},
		Measures: "share refused", Of: refused,
		Want:    ErlangB(4, 3.6),
		Formula: "ErlangB",
	})
	return all
}
