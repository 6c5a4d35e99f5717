package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/pushcore/pushcore/bench/internal/stat"
)

// markdown prints what text prints as tables for the documents: what was compared, what was measured, and how the
// servers were run.
func markdown(w io.Writer, all []measured) {
	fmt.Fprint(w, "| row | compared | ratio (quartiles) | wanted | |\n|---|---|---|---|---|\n")
	for _, m := range all {
		for _, r := range m.results {
			fmt.Fprintf(w, "| `%s` | %s | %s | %s | %s |\n", m.name, r.against(), strings.Replace(r.figures(), "quartiles ", "", 1), r.wanted(), r.verdict)
		}
	}
	fmt.Fprint(w, "\n| row | server | CPU, or memory | rate | server busy | p50 us | p99 us |\n|---|---|---|---|---|---|---|\n")
	for _, m := range all {
		name := "`" + m.name + "`"
		for _, one := range m.series {
			fmt.Fprintf(w, "| %s | %s | %s |\n", name, one.label(), one.cells())
			name = ""
		}
	}
	fmt.Fprint(w, "\nHow the servers were run:\n\n")
	for _, m := range all {
		fmt.Fprintf(w, "- `%s`: %s\n", m.name, m.does)
		for _, one := range m.series {
			if len(one.samples) > 0 {
				fmt.Fprintf(w, "    - %s: `%s`\n", one.label(), one.describe())
			}
		}
	}
}

// cells returns the medians of a series in the columns of the second table.
func (m *series) cells() string {
	if len(m.samples) == 0 {
		return fmt.Sprintf("%v | | | |", m.skipped)
	}
	cells := make([]string, 5)
	for i, x := range m.samples[0].metrics {
		v := stat.Figure(stat.Median(m.values(x.unit)))
		switch {
		case i == 0:
			cells[0] = v + " " + x.unit
		case strings.HasSuffix(x.unit, "/s"):
			cells[1] = v + " " + x.unit
		case x.unit == "server-%core":
			cells[2] = v + " %"
		case x.unit == "p50-us":
			cells[3] = v
		case x.unit == "p99-us":
			cells[4] = v
		}
	}
	return strings.Join(cells, " | ")
}
