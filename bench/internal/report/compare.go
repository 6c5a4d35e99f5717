package report

import (
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/bench/internal/stat"
	"golang.org/x/perf/benchmath"
)

// Changes is what differs between two reports.
type Changes struct {
	Old, Now string // when each was begun
	Machine  []string
	Rows     []Change
	Gone     []string // rows that only the old one has
	New      []string // rows that only the new one has
}

// Change is one figure in both reports.
type Change struct {
	Row, What string
	Unit      string
	Old, Now  float64 // medians
	Ratio     float64 // Now / Old
	P         float64 // the probability that two runs of one program differ at least as much
	Rounds    [2]int
	Verdict   string
	// Relative says that the figure relates ours to a peer of the same round. A figure in itself changes with the
	// machine, too, and is judged with that in mind.
	Relative bool
	Worse    bool
}

// Compare compares a report with a former one, row by row: what relates ours to a peer, and the figures of ours
// themselves. Of the former rows those count whose names are selected. The confidence is that of the Mann-Whitney test,
// as benchstat's is.
func Compare(old, now *Report, selected func(name string) bool) *Changes {
	c := &Changes{Old: old.Began.Format("2006-01-02 15:04"), Now: now.Began.Format("2006-01-02 15:04")}
	facts := now.Machine.List()
	for i, f := range old.Machine.List() {
		if f.Value != "" && f.Value != facts[i].Value && f.Name != "line-roundtrip-ns" {
			c.Machine = append(c.Machine, fmt.Sprintf("%s: %s, now %s", f.Name, f.Value, facts[i].Value))
		}
	}
	before := map[string]Row{}
	for _, r := range old.Rows {
		if !r.untouched() {
			before[r.Name] = r
		}
	}
	for _, r := range now.Rows {
		if r.untouched() {
			continue
		}
		was, ok := before[r.Name]
		if !ok {
			c.New = append(c.New, r.Name)
			continue
		}
		delete(before, r.Name)
		c.Rows = append(c.Rows, changesOf(was, r)...)
	}
	for _, r := range old.Rows {
		if _, ok := before[r.Name]; ok && selected(r.Name) {
			c.Gone = append(c.Gone, r.Name)
		}
	}
	return c
}

func changesOf(was, is Row) (all []Change) {
	for _, w := range is.Wants {
		for _, v := range was.Wants {
			if v.Ours != w.Ours || v.Peer != w.Peer || v.Metric != w.Metric || v.Unit != w.Unit || v.AtLeast != w.AtLeast {
				continue
			}
			if w.Peer != "" && len(v.Values) > 0 && len(w.Values) > 0 {
				all = append(all, change(is.Name, w.Against, w.Unit, v.Values, w.Values, w.AtLeast, true))
			}
			break
		}
	}
	for _, im := range is.Impls {
		for _, old := range was.Impls {
			if old.Label() != im.Label() || !im.Own {
				continue
			}
			for i, m := range im.Metrics {
				if i < len(old.Metrics) && old.Metrics[i].Unit == m.Unit {
					ch := change(is.Name, im.Label(), " "+m.Unit, old.Metrics[i].Values, m.Values, measure.More(m.Unit), false)
					all = append(all, ch)
				}
			}
		}
	}
	return all
}

// change judges one figure. more says that more is better.
func change(row, what, unit string, old, now []float64, more, relative bool) Change {
	c := Change{
		Row: row, What: what, Unit: unit, Old: stat.Median(old), Now: stat.Median(now),
		Rounds: [2]int{len(old), len(now)}, Relative: relative,
	}
	c.Ratio = c.Now / c.Old
	th := &benchmath.DefaultThresholds
	cmp := benchmath.AssumeNothing.Compare(benchmath.NewSample(old, th), benchmath.NewSample(now, th))
	c.P = cmp.P
	switch better := (c.Now > c.Old) == more; {
	case min(len(old), len(now)) < stat.LeastRounds:
		c.Verdict = string(measure.Few)
	case math.IsNaN(c.P) || c.P > cmp.Alpha || c.Now == c.Old:
		c.Verdict = "no change seen"
	case better:
		c.Verdict = "better"
	default:
		c.Verdict, c.Worse = "WORSE", true
	}
	return c
}

// Figures says what was and what is.
func (c Change) Figures() string {
	return fmt.Sprintf("%s -> %s%s", stat.Figure(c.Old), stat.Figure(c.Now), c.Unit)
}

// WriteText prints the changes for people.
func (c *Changes) WriteText(w io.Writer) error {
	p := printer{w: w}
	p.printf("\nCompared with the run of %s\n", c.Old)
	for _, m := range c.Machine {
		p.printf("  another machine or setting: %s\n", m)
	}
	row, worse := "", 0
	for _, ch := range c.Rows {
		if ch.Row != row {
			row = ch.Row
			p.printf("%s\n", row)
		}
		kind := "  "
		if !ch.Relative {
			kind = "    " // raw figures: the machine's mood is in them
		}
		p.printf("%s%-44s %24s  %.2fx  p=%.3f n=%d+%d  %s\n",
			kind, ch.What, ch.Figures(), ch.Ratio, ch.P, ch.Rounds[0], ch.Rounds[1], ch.Verdict)
		if ch.Worse && ch.Relative {
			worse++
		}
	}
	for _, line := range c.Others() {
		p.printf("%s\n", line)
	}
	p.printf("Worse: %s to peers. Figures in nanoseconds change with the machine; relations hardly do.\n",
		stat.Count(worse, "relation"))
	return p.err
}

// Others says how many rows could not be compared, in a line for each reason.
func (c *Changes) Others() (lines []string) {
	if n := len(c.Gone); n > 0 {
		lines = append(lines, "Only in the former run: "+stat.Count(n, "row")+some(c.Gone))
	}
	if n := len(c.New); n > 0 {
		lines = append(lines, "Only in this run: "+stat.Count(n, "row")+some(c.New))
	}
	return lines
}

// some returns the names in brackets if they are few: a part of the rows was asked for if they are many.
func some(names []string) string {
	const few = 3
	if len(names) > few {
		return ""
	}
	return " (" + strings.Join(names, ", ") + ")"
}
