package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/pushcore/pushcore/balance/balancesim"
	"github.com/pushcore/pushcore/bench/internal/stat"
)

// pair is a policy, measured and simulated with the same items, once in each round.
type pair struct {
	name      string
	live      []measured
	simulated []balancesim.Result
}

// figures are what of a measurement is compared with the simulation.
var figures = []struct {
	name      string
	live      func(measured) float64
	simulated func(balancesim.Result) float64
}{
	{"max/mean load", func(m measured) float64 { return m.Imbalance },
		func(r balancesim.Result) float64 { return r.Imbalance }},
	{"mean", func(m measured) float64 { return m.Mean }, func(r balancesim.Result) float64 { return r.Sojourn.Mean }},
	{"p50", func(m measured) float64 { return m.P50 }, func(r balancesim.Result) float64 { return r.P50 }},
	{"p99", func(m measured) float64 { return m.P99 }, func(r balancesim.Result) float64 { return r.P99 }},
}

// median of what f says of each.
func median[T any](of []T, f func(T) float64) float64 {
	vs := make([]float64, len(of))
	for i, v := range of {
		vs[i] = f(v)
	}
	return stat.Median(vs)
}

func (p pair) liveP99() float64 {
	return median(p.live, func(m measured) float64 { return m.P99 })
}

func (p pair) simulatedP99() float64 {
	return median(p.simulated, func(r balancesim.Result) float64 { return r.P99 })
}

// writeLive writes the table live.
func writeLive(ctx context.Context, w io.Writer, o options) error {
	fmt.Fprintf(w, "Live: %d workers at load %g, mean service time %v; medians of %d rounds "+
		"in which items come for %v, seed %d. Simulated with the same items. "+
		"Times in mean service times; best simulated p99 first.\n", o.workers, o.load, o.unit, o.rounds, o.each, o.seed)
	for _, keys := range o.traffic("zipf") {
		all, err := compare(ctx, o, keys)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "\n%s:\n\n", keys.Name)
		writePairs(w, all)
	}
	return nil
}

func writePairs(w io.Writer, all []pair) {
	fmt.Fprint(w, "| policy |")
	for _, f := range figures {
		fmt.Fprintf(w, " %s, simulated | live |", f.name)
	}
	fmt.Fprintf(w, " rank of p99, simulated | live | order of keys, live |\n|---|%s---|---|---|\n",
		strings.Repeat("---|---|", len(figures)))
	late := 0.0
	for i, p := range all {
		fmt.Fprintf(w, "| %s |", p.name)
		for _, f := range figures {
			fmt.Fprintf(w, " %.2f | %.2f |", median(p.simulated, f.simulated), median(p.live, f.live))
		}
		broken := 0
		for _, m := range p.live {
			broken += m.Reordered
			late = max(late, m.Late)
		}
		order := "kept"
		if broken > 0 {
			order = fmt.Sprintf("broken (%d items)", broken)
		}
		fmt.Fprintf(w, " %d | %d | %s |\n", i+1, liveRank(all, p), order)
	}
	clear, same := agreement(all)
	fmt.Fprintf(w, "\nOf %d pairs of policies whose simulated p99 differ by a quarter or more, %d have the same "+
		"order live. In the worst round the producer was late by %.2f (its p99).\n",
		clear, same, late)
	if late > muchTooLate {
		fmt.Fprint(w, "That is so late that this table says more of what else the machine did than of the policies.\n")
	}
}

// muchTooLate, in mean service times, is when items no longer come when they were to come.
const muchTooLate = 1

// compare measures each policy and simulates it with the items that it was measured with. Each round has other items,
// and all policies.
func compare(ctx context.Context, o options, keys balancesim.Keys) ([]pair, error) {
	all := make([]pair, len(o.contenders(o.unit)))
	for round := range o.rounds {
		seed := o.seed + uint64(round)
		items := draw(seed, o.workers, o.load, o.unit, o.each, keys)
		if len(items) < 10 {
			return nil, fmt.Errorf("only %d items would come in %v: let them come for longer (-each) or take less time (-unit)",
				len(items), o.each)
		}
		for i, c := range o.contenders(o.unit) {
			r := &liveRun{policy: c.Policy, workers: o.workers, unit: o.unit, items: items, keys: keys.N}
			m, err := r.run(ctx)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", c.Name, err)
			}
			s, err := balancesim.Run(replay(c, o, seed, items, keys))
			if err != nil {
				return nil, fmt.Errorf("%s: %w", c.Name, err)
			}
			all[i].name = c.Name
			all[i].live = append(all[i].live, m)
			all[i].simulated = append(all[i].simulated, s)
		}
	}
	slices.SortStableFunc(all, func(a, b pair) int { return cmp.Compare(a.simulatedP99(), b.simulatedP99()) })
	return all, nil
}

// replay is a simulation in which the same items come at the same times with the same keys.
func replay(c balancesim.Contender, o options, seed uint64, items []arrival, keys balancesim.Keys) balancesim.Config {
	gaps, works, ranks := 0, 0, 0
	next := func(at *int) (before time.Duration, a arrival) {
		if *at > 0 {
			before = items[*at-1].due
		}
		*at++
		return before, items[*at-1]
	}
	return balancesim.Config{
		Policy:  c.Policy,
		Workers: o.workers,
		Seed:    seed,
		Items:   len(items),
		WarmUp:  -1,
		Batches: 10,
		Unit:    o.unit,
		Gaps: balancesim.Dist{Name: "replay", Mean: 1 / (o.load * float64(o.workers)), Draw: func(*rand.Rand) float64 {
			before, a := next(&gaps)
			return float64(a.due-before) / float64(o.unit)
		}},
		Service: balancesim.Dist{Name: "replay", Mean: 1, Draw: func(*rand.Rand) float64 {
			_, a := next(&works)
			return float64(a.work) / float64(o.unit)
		}},
		Keys: balancesim.Keys{
			Name: keys.Name,
			N:    keys.N,
			Draw: func(*rand.Rand) int {
				_, a := next(&ranks)
				return a.rank
			},
			Key: func(rank int) uint64 { return keyOf(seed, rank) },
		},
	}
}

func liveRank(all []pair, p pair) int {
	rank := 1
	for _, other := range all {
		if other.liveP99() < p.liveP99() {
			rank++
		}
	}
	return rank
}

// agreement counts the pairs that the simulation tells apart clearly, and those of them that the measurement puts in
// the same order.
func agreement(all []pair) (clear, same int) {
	for i, a := range all {
		for _, b := range all[i+1:] {
			if b.simulatedP99() < 1.25*a.simulatedP99() {
				continue
			}
			clear++
			if b.liveP99() > a.liveP99() {
				same++
			}
		}
	}
	return clear, same
}
