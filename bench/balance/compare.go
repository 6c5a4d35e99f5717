package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/pushcore/pushcore/balance/balancesim"
)

// pair is a policy, measured and simulated with the same items.
type pair struct {
	name      string
	live      measured
	simulated balancesim.Result
}

// writeLive writes the table live.
func writeLive(ctx context.Context, w io.Writer, o options) error {
	fmt.Fprintf(w, "Live: %d workers at load %g, mean service time %v, items come for %v, seed %d; simulated with the same items. Times in mean service times; best simulated p99 first.\n",
		o.workers, o.load, o.unit, o.each, o.seed)
	for _, keys := range o.traffic("zipf") {
		all, err := compare(ctx, o, keys)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "\n%s:\n\n", keys.Name)
		fmt.Fprint(w, "| policy | max/mean load, simulated | live | mean, simulated | live | p50, simulated | live | p99, simulated | live | rank of p99, simulated | live | order of keys, live |\n")
		fmt.Fprint(w, "|---|---|---|---|---|---|---|---|---|---|---|---|\n")
		for i, p := range all {
			order := "kept"
			if p.live.Reordered > 0 {
				order = fmt.Sprintf("broken (%d items)", p.live.Reordered)
			}
			fmt.Fprintf(w, "| %s | %.2f | %.2f | %.2f | %.2f | %.2f | %.2f | %.2f | %.2f | %d | %d | %s |\n", p.name,
				p.simulated.Imbalance, p.live.Imbalance, p.simulated.Sojourn.Mean, p.live.Mean,
				p.simulated.P50, p.live.P50, p.simulated.P99, p.live.P99, i+1, liveRank(all, p), order)
		}
		clear, same := agreement(all)
		late := 0.0
		for _, p := range all {
			late = max(late, p.live.Late)
		}
		fmt.Fprintf(w, "\nOf %d pairs of policies whose simulated p99 differ by a quarter or more, %d have the same order live. The producer was late by at most %.2f (the worst p99).\n", clear, same, late)
	}
	return nil
}

// compare measures each policy and simulates it with the items that it was measured with.
func compare(ctx context.Context, o options, keys balancesim.Keys) (all []pair, err error) {
	items := draw(o.seed, o.workers, o.load, o.unit, o.each, keys)
	if len(items) < 10 {
		return nil, fmt.Errorf("only %d items would come in %v: let them come for longer (-each) or take less time (-unit)", len(items), o.each)
	}
	for _, c := range o.contenders(o.unit) {
		r := &liveRun{policy: c.Policy, workers: o.workers, unit: o.unit, items: items, keys: keys.N}
		m, err := r.run(ctx)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.Name, err)
		}
		s, err := balancesim.Run(replay(c, o, items, keys))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.Name, err)
		}
		all = append(all, pair{c.Name, m, s})
	}
	slices.SortStableFunc(all, func(a, b pair) int { return cmp.Compare(a.simulated.P99, b.simulated.P99) })
	return all, nil
}

// replay is a simulation in which the same items come at the same times with the same keys.
func replay(c balancesim.Contender, o options, items []arrival, keys balancesim.Keys) balancesim.Config {
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
		Seed:    o.seed,
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
			Key: func(rank int) uint64 { return keyOf(o.seed, rank) },
		},
	}
}

func liveRank(all []pair, p pair) int {
	rank := 1
	for _, other := range all {
		if other.live.P99 < p.live.P99 {
			rank++
		}
	}
	return rank
}

// agreement counts the pairs that the simulation tells apart clearly, and those of them that the measurement puts in the same order.
func agreement(all []pair) (clear, same int) {
	for i, a := range all {
		for _, b := range all[i+1:] {
			if b.simulated.P99 < 1.25*a.simulated.P99 {
				continue
			}
			clear++
			if b.live.P99 > a.live.P99 {
				same++
			}
		}
	}
	return clear, same
}
