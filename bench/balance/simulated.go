package main

import (
	"context"
	"fmt"
	"io"

	"github.com/pushcore/pushcore/balance/balancesim"
)

// writeRanking writes the table zipf.
func writeRanking(ctx context.Context, w io.Writer, o options) error {
	fmt.Fprintf(w, "Simulated: exponential service, Poisson arrivals at one producer that sees the workers "+
		"as they are, %d runs of %d items, seed %d. "+
		"Times in mean service times, with a 95 %% interval; best p99 first.\n", o.runs, o.items, o.seed)
	for _, keys := range o.traffic("uniform", "zipf", "hot") {
		if err := ctx.Err(); err != nil {
			return err
		}
		t, err := balancesim.Rank(o.simulation(), []balancesim.Keys{keys}, o.contenders(0))
		if err != nil {
			return err
		}
		fmt.Fprintln(w)
		if err := t.WriteMarkdown(w); err != nil {
			return err
		}
	}
	return nil
}

// simulation is what the command line says of it.
func (o options) simulation() balancesim.Config {
	return balancesim.Config{Workers: o.workers, Load: o.load, Seed: o.seed, Items: o.items, Runs: o.runs}
}

// writeAnchors writes the table queueing.
func writeAnchors(ctx context.Context, w io.Writer, o options) error {
	items := 10 * o.items
	fmt.Fprintf(w, "Simulated: %d items each, seed %d, intervals of 99.9 %% by batch means. "+
		"What is a limit for many workers says how much more there may be.\n\n", items, o.seed)
	fmt.Fprint(w, "| case | measured | found | closed form | | agrees |\n|---|---|---|---|---|---|\n")
	for _, a := range balancesim.Anchors(o.seed, items) {
		if err := ctx.Err(); err != nil {
			return err
		}
		r, err := balancesim.Run(a.Config)
		if err != nil {
			return fmt.Errorf("%s: %w", a.Name, err)
		}
		found, agrees := a.Of(r), "yes"
		if !a.Agrees(found) {
			agrees = "NO"
		}
		more := ""
		if a.Slack > 0 {
			more = fmt.Sprintf(" to %.4f", a.Want+a.Slack)
		}
		fmt.Fprintf(w, "| %s | %s | %v | %.4f%s | %s | %s |\n", a.Name, a.Measures, found, a.Want, more, a.Formula, agrees)
	}
	return nil
}
