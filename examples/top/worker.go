package main

import (
	"fmt"
	"strings"

	"github.com/pushcore/pushcore/exec"
)

// worker is all of the worker with the cursor.
func (v *view) worker() []line {
	rows := v.rows()
	if len(rows) == 0 {
		return []line{text("  there is no such worker any more", plainText)}
	}
	i := v.chosen(rows)
	if rows[i].key != v.cursor {
		return []line{text("  "+v.cursor.name+" is no more", plainText)}
	}
	r := &rows[i]
	x := &r.now
	out := []line{v.workerTitle(r), {}}
	out = append(out, v.figures(
		figureOf("busy", percent(r.busy)), figureOf("work/s", count(r.work())), figureOf("batch", count(r.batch())),
		figureOf("turns/s", count(r.rate(func(s *exec.Snapshot) uint64 { return s.Turns }))),
		figureOf("coroutines", count(float64(x.Coroutines))), figureOf("blocking", count(float64(x.Blocking))),
		figureOf("timers/s", count(r.rate(func(s *exec.Snapshot) uint64 { return s.Timers }))),
		figureOf("parks/s", count(r.rate(func(s *exec.Snapshot) uint64 { return s.Parks }))),
		figureOf("wakes/s", count(r.rate(func(s *exec.Snapshot) uint64 { return s.WakesReceived }))),
		figureOf("rejects/s", count(r.rate(func(s *exec.Snapshot) uint64 { return s.Rejects }))),
		figureOf("expired/s", count(r.rate(func(s *exec.Snapshot) uint64 { return s.Expired }))),
		figureOf("failed", count(float64(x.Failed()))), figureOf("panics", count(float64(x.Panics))),
		figureOf("stalls", count(float64(x.Stalls))),
		figureOf("switches/s", count(r.rate(func(s *exec.Snapshot) uint64 { return s.Thread.Involuntary }))),
	)...)
	out = append(out, line{})
	turn, lag := x.TurnTime.Since(&r.before.TurnTime), x.TimerLag.Since(&r.before.TimerLag)
	if r.fresh {
		turn, lag = exec.Histogram{}, exec.Histogram{}
	}
	out = append(out, text("  "+padRight("times", 14)+timesHead, faint))
	out = append(out, times("queue delay", &r.delay), times("task or batch", &r.run), times("turn", &turn), times("timer lag", &lag))
	if len(x.Inboxes) > 0 {
		out = append(out, line{})
		out = append(out, inboxLines(r, v.width)...)
	}
	if len(x.Sources) > 0 {
		out = append(out, line{})
		out = append(out, sourceLines(r, v.width)...)
	}
	return append(out, stallLines(x, v)...)
}

// workerTitle says who it is and how it is.
func (v *view) workerTitle(r *row) line {
	x := &r.now
	state := string(x.State)
	switch {
	case x.State == exec.StateRunning && x.Asleep:
		state = "asleep"
	case x.Turn > 0:
		state = "in a turn for " + span(x.Turn)
	}
	if !r.open {
		state += ", not open"
	}
	where := ""
	if x.Thread.ID != 0 {
		where = fmt.Sprintf("thread %d on cpu %d", x.Thread.ID, x.Thread.CPU)
	}
	pinned := ""
	if len(x.CPUs) > 0 {
		pinned = "pinned to " + strings.Trim(strings.ReplaceAll(fmt.Sprint(x.CPUs), " ", ","), "[]")
	}
	return joined(v.width, 2, line{{"  ", plainText}, {r.label, strong}},
		text(state, plainText), text(where, plainText), text(pinned, faint),
		text(spark(r.trend.busy, r.trend.total, 20), graph))
}

// figureOf is a figure and what it is.
func figureOf(name, value string) line {
	tone := plainText
	if quiet(value) {
		tone = faint
	}
	return line{{padRight(name, 10), faint}, {padLeft(value, 6), tone}}
}

// figures sets figures in columns.
func (v *view) figures(all ...line) (out []line) {
	const width, gap = 16, 4
	per := max(1, (v.width-marks+gap)/(width+gap))
	for i := 0; i < len(all); i += per {
		l := line{{"  ", plainText}}
		for j, f := range all[i:min(i+per, len(all))] {
			if j > 0 {
				l = append(l, piece{strings.Repeat(" ", gap), plainText})
			}
			l = append(l, f...)
		}
		out = append(out, l)
	}
	return out
}

// Quantiles of what was counted between the two reports, and how it is spread: a cell for each fourfold, from 64 ns.
var timesHead = padLeft("samples", 9) + padLeft("p50", 8) + padLeft("p90", 8) + padLeft("p99", 8) +
	padLeft("max", 8) + "  64ns" + padLeft("69s", 12)

func times(name string, h *exec.Histogram) line {
	l := line{{"  " + padRight(name, 14), plainText}, {padLeft(count(float64(h.Count())), 9), plainText}}
	for _, s := range []string{quantile(h, .5), quantile(h, .9), quantile(h, .99), quantile(h, 1)} {
		tone := plainText
		if quiet(s) {
			tone = faint
		}
		l = append(l, piece{padLeft(s, 8), tone})
	}
	return append(l, piece{"  ", plainText}, piece{decades(h), graph})
}

// decades is the shape of a histogram, a cell for each fourfold.
func decades(h *exec.Histogram) string {
	const per = 8 // buckets: four to each doubling
	counts := make([]uint64, (exec.HistogramBuckets+per-1)/per)
	for i, c := range h.Counts {
		counts[i/per] += c
	}
	return shape(counts)
}
