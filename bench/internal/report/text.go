package report

import (
	"fmt"
	"io"

	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/bench/internal/stat"
)

// WriteText prints each row for people: medians, then each want with what it has come to.
func (r *Report) WriteText(w io.Writer) error {
	p := printer{w: w}
	for _, f := range r.Machine.List() {
		p.printf("%s: %s\n", f.Name, f.Value)
	}
	verdicts := map[string]int{}
	for _, row := range r.Rows {
		p.printf("\nRow %s", row.Name)
		if row.Does != "" {
			p.printf(": %s", row.Does)
		}
		p.printf("\n")
		for _, im := range row.Impls {
			p.printf("    %-28s %s\n", im.Label(), im.figures())
		}
		for _, want := range row.Wants {
			verdicts[want.Verdict]++
			p.printf("  %s\n", want.sentence())
		}
	}
	p.printf("\nTargets: %d met, %d SHORT, %d not judged, %d not measured here\n", verdicts[string(measure.Met)],
		verdicts[string(measure.Short)], verdicts[string(measure.Noisy)]+verdicts[string(measure.Few)], verdicts[string(measure.Skipped)])
	if len(r.Modes) == 2 {
		p.printf("The machine had two modes: a cache line's round trip took %s ns (%d samples) or %s ns (%d samples). Each is judged by itself.\n",
			stat.Figure(r.Modes[0].TripNs), r.Modes[0].Samples, stat.Figure(r.Modes[1].TripNs), r.Modes[1].Samples)
	}
	if r.Load.Noisy() {
		p.printf("Note: in these %.0f s others had %.0f s of this machine's processors: expect noise\n",
			r.Load.Seconds, r.Load.StealSeconds+r.Load.OthersSeconds)
	}
	return p.err
}

// figures returns the medians of all metrics.
func (i Impl) figures() string {
	if len(i.Metrics) == 0 {
		if i.Skipped == "" {
			return "not measured: the run had ended"
		}
		return i.Skipped
	}
	text := ""
	for _, m := range i.Metrics {
		text += fmt.Sprintf("%10s %-10s", stat.Figure(stat.Median(m.Values)), m.Unit)
	}
	return text
}

// sentence says in one line what was wanted, and what it has come to.
func (w Want) sentence() string {
	if len(w.Values) == 0 {
		return fmt.Sprintf("%s: wanted %s: %s", w.Against, w.Wanted, w.Verdict)
	}
	text := fmt.Sprintf("%s: %s%s (quartiles %s to %s), wanted %s: %s", w.Against, stat.Figure(w.Quartiles[1]), w.Unit,
		stat.Figure(w.Quartiles[0]), stat.Figure(w.Quartiles[2]), w.Wanted, w.Verdict)
	for i, m := range w.Modes {
		sep := ", "
		if i == 0 {
			sep = " ("
		}
		text += fmt.Sprintf("%s%s %s%s: %s", sep, m.Name, stat.Figure(m.Quartiles[1]), w.Unit, m.Verdict)
	}
	if len(w.Modes) > 0 {
		text += ")"
	}
	return text
}

// printer keeps the first error.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) printf(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format, args...)
	}
}
