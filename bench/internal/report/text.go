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
	for _, row := range r.Rows {
		if row.untouched() {
			continue
		}
		p.printf("\nRow %s", row.Name)
		if row.Does != "" {
			p.printf(": %s", row.Does)
		}
		p.printf("%s", r.Capped(row))
		p.printf("\n")
		for _, im := range row.Impls {
			p.printf("    %-28s %s\n", im.Label(), im.figures())
		}
		for _, want := range row.Wants {
			p.printf("  %s\n", want.sentence())
		}
	}
	p.printf("\n")
	if cut := r.Cut(); cut != "" {
		p.printf("%s\n", cut)
	}
	if len(r.Modes) == 2 {
		p.printf("The machine had two modes: a cache line's round trip took %s ns (%d samples) or %s ns (%d samples). "+
			"Each is judged by itself.\n",
			stat.Figure(r.Modes[0].TripNs), r.Modes[0].Samples, stat.Figure(r.Modes[1].TripNs), r.Modes[1].Samples)
	}
	if len(r.Slower) > 0 { // here, where it is in sight when the run ends
		p.printf("\nSlower than a peer, worst first: how many times the peer's time ours is, or our rate the peer's\n")
	}
	for _, s := range r.Slower {
		p.printf("  %-34s %s against %s\n", s.Row, s.Ours, s.Text())
	}
	p.printf("\n%s\n%s\n", r.Load, r.Tally())
	if few := r.Few(); few != "" {
		p.printf("%s\n", few)
	}
	return p.err
}

// untouched says that the run had ended before the row was measured. What cannot be measured here is known earlier, and
// does not count; but a row of which nothing can be measured has been seen to.
func (r Row) untouched() bool {
	cut := false
	for _, im := range r.Impls {
		if len(im.Metrics) > 0 || im.Failed != "" {
			return false
		}
		cut = cut || im.Skipped == ""
	}
	return cut
}

// Cut says, in a sentence, how many rows are not shown because the run had ended before; it is "" where there are none.
func (r *Report) Cut() string {
	n := 0
	for _, row := range r.Rows {
		if row.untouched() {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return stat.Count(n, "row") + " not measured: the run had ended."
}

// figures returns the medians of all metrics.
func (i Impl) figures() string {
	if len(i.Metrics) == 0 {
		return i.Reason()
	}
	text := ""
	for _, m := range i.Metrics {
		text += fmt.Sprintf("%10s %-10s", m.Summary().Figure(), m.Unit)
	}
	return text
}

// Reason says why there are no figures.
func (i Impl) Reason() string {
	switch {
	case i.Failed != "":
		return "FAILED: " + i.Failed
	case i.Skipped != "":
		return i.Skipped
	}
	return "not measured: the run had ended"
}

// Figure is the median, or the words that stand in its place.
func (s Summary) Figure() string {
	if s.Wide {
		return "too noisy"
	}
	return stat.Figure(s.Quartiles[1])
}

// With returns the figure with its unit, and between what the median lies.
func (s Summary) With(unit string) string {
	if s.Wide {
		return s.Figure()
	}
	return fmt.Sprintf("%s%s (%s to %s)", s.Figure(), unit, stat.Figure(s.Interval[0]), stat.Figure(s.Interval[1]))
}

// Spread says what was seen, where there is no room for it or no sense in it.
func (s Summary) Spread() string {
	return fmt.Sprintf("%d rounds: median %s, quartiles %s to %s, 95 %% interval of the median %s to %s",
		s.Rounds, stat.Figure(s.Quartiles[1]), stat.Figure(s.Quartiles[0]), stat.Figure(s.Quartiles[2]),
		stat.Figure(s.Interval[0]), stat.Figure(s.Interval[1]))
}

// sentence says in one line what was wanted, and what it has come to.
func (w Want) sentence() string {
	if w.Summary == nil {
		return fmt.Sprintf("%s: wanted %s: %s", w.Against, w.Wanted, w.Verdict)
	}
	text := fmt.Sprintf("%s: %s, wanted %s: %s",
		w.Against, w.Summary.With(w.Unit), w.Wanted, verdict(w.Verdict, *w.Summary))
	for i, m := range w.Modes {
		sep := ", "
		if i == 0 {
			sep = " ("
		}
		text += fmt.Sprintf("%s%s %s: %s", sep, m.Name, m.Summary.With(w.Unit), verdict(m.Verdict, m.Summary))
	}
	if len(w.Modes) > 0 {
		text += ")"
	}
	return text
}

// verdict is a verdict in words, with its reason where that is the number of rounds.
func verdict(v string, s Summary) string {
	switch {
	case v != string(measure.Few):
		return v
	case s.Rounds == 1:
		return "1 round: " + v
	}
	return fmt.Sprintf("%d rounds: %s", s.Rounds, v)
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
