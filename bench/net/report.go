package main

import (
	"fmt"
	"io"
	"os"

	"github.com/pushcore/pushcore/bench/internal/machine"
	"github.com/pushcore/pushcore/bench/internal/stat"
)

// text prints each row for people: medians, then each target with what it has come to.
func text(w io.Writer, all []measured) {
	verdicts := map[string]int{}
	for _, m := range all {
		fmt.Fprintf(w, "\nRow %s: %s\n", m.name, m.does)
		for _, one := range m.series {
			fmt.Fprintf(w, "    %-24s", one.label())
			if len(one.samples) == 0 {
				fmt.Fprintf(w, " %v\n", one.skipped)
				continue
			}
			for _, x := range one.samples[0].metrics {
				fmt.Fprintf(w, "  %s %s", stat.Figure(stat.Median(one.values(x.unit))), x.unit)
			}
			fmt.Fprintln(w)
		}
		for _, r := range m.results {
			verdicts[r.verdict]++
			fmt.Fprintf(w, "  %s: %s, wanted %s: %s\n", r.against(), r.figures(), r.wanted(), r.verdict)
		}
	}
	fmt.Fprintf(w, "\nTargets: %d met, %d SHORT, %d not judged, %d not measured here\n",
		verdicts[verdictMet], verdicts[verdictShort], verdicts[verdictNoisy]+verdicts[verdictFew], verdicts[verdictSkipped])
}

// figures returns the median and the quartiles.
func (r result) figures() string {
	if r.rounds == 0 {
		return "-"
	}
	return fmt.Sprintf("%s (quartiles %s to %s)", stat.Figure(r.quartiles[1]), stat.Figure(r.quartiles[0]), stat.Figure(r.quartiles[2]))
}

// usage is what the machine did until now.
type usage struct {
	machine.Usage
	own float64 // by this program and the children that it has waited for, in seconds
}

func watch() usage { return usage{machine.ReadUsage(), ownCPU()} }

// report says what the machine did beside this program: figures from a machine that others use are worth little.
func (before usage) report(w io.Writer) {
	after := watch()
	if before.Busy == 0 {
		return
	}
	others := max(0, after.Busy-before.Busy-(after.own-before.own))
	steal := after.Steal - before.Steal
	fmt.Fprintf(w, "steal-seconds: %.2f\nothers-cpu-seconds: %.2f\n", steal, others)
	if wall := after.At.Sub(before.At).Seconds(); others+steal > wall/20 {
		fmt.Fprintf(os.Stderr, "Note: in these %.0f s others had %.0f s of this machine's processors: expect noise\n", wall, others+steal)
	}
}
