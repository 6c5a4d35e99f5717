package main

import (
	"fmt"
	"strings"

	"github.com/pushcore/pushcore/exec"
)

// inboxLines are a worker's inboxes. Those of before are found by their place: inboxes are never taken away.
func inboxLines(r *row, width int) []line {
	name := nameWidth(width, 47+exec.BatchSizeBuckets)
	out := []line{text("  "+padRight("inbox", name)+padLeft("waiting", 11)+padLeft("max", 6)+padLeft("items/s", 8)+
		padLeft("p99", 6)+padLeft("run p99", 8)+padLeft("batch", 6)+"  1 … 32k", faint)}
	for i := range r.now.Inboxes {
		in, before := &r.now.Inboxes[i], exec.InboxStats{}
		if i < len(r.before.Inboxes) && r.before.Inboxes[i].Name == in.Name {
			before = r.before.Inboxes[i]
		}
		items, batches := grown(in.Consumed, before.Consumed), grown(in.Batches, before.Batches)
		delay, run := in.Delay.Since(&before.Delay), in.RunTime.Since(&before.RunTime)
		sizes := make([]uint64, len(in.BatchSizes))
		for j := range sizes {
			sizes[j] = grown(in.BatchSizes[j], before.BatchSizes[j])
		}
		mean := 0.0
		if batches > 0 {
			mean = float64(items) / float64(batches)
		}
		share := 0.0
		if in.Cap > 0 {
			share = float64(in.Depth) / float64(in.Cap)
		}
		full, empty := bar(share, 4)
		out = append(out, line{
			{"  " + padRight(cutMiddle(in.Name, name), name), plainText}, {" ", plainText}, {full, graph}, {empty, track},
			{padLeft(count(float64(in.Depth)), 6) + padLeft(count(float64(in.MaxDepth)), 6), plainText},
			{padLeft(r.known(perSecondOf(items, r)), 8) + padLeft(quantile(&delay, .99), 6) + padLeft(quantile(&run, .99), 8) +
				padLeft(count(mean), 6) + "  ", plainText},
			{shape(sizes), graph},
		})
		if extra := inboxExtra(in, before); extra != "" {
			out = append(out, text("    "+extra, warn))
		}
	}
	return out
}

// inboxExtra names what was refused and held back; most inboxes have nothing of it.
func inboxExtra(in *exec.InboxStats, before exec.InboxStats) string {
	var parts []string
	for _, c := range []struct {
		name        string
		now, before uint64
	}{
		{"rejected", in.Rejected, before.Rejected}, {"expired", in.Expired, before.Expired},
		{"failed", in.Failed, before.Failed}, {"lane full", in.LaneFull, before.LaneFull}, {"held", in.Held, before.Held},
	} {
		if c.now > 0 {
			parts = append(parts, fmt.Sprintf("%s %s (+%s)", c.name, count(float64(c.now)), count(float64(grown(c.now, c.before)))))
		}
	}
	return strings.Join(parts, ", ")
}

// sourceLines are a worker's sources, and what they say of themselves.
func sourceLines(r *row, width int) []line {
	name := nameWidth(width, 45)
	out := []line{text("  "+padRight("source", name)+padLeft("polls/s", 9)+padLeft("useful", 8)+
		padLeft("done/s", 9)+padLeft("run p99", 9), faint)}
	for i := range r.now.Sources {
		s, before := &r.now.Sources[i], sourceBefore(&r.now, &r.before, i)
		if s.Name == "census" && s.Done == 0 { // with it a group finds out if its workers are idle
			continue
		}
		polls, useful := grown(s.Polls, before.Polls), "–"
		if polls > 0 {
			useful = percent(float64(grown(s.Useful, before.Useful)) / float64(polls))
		}
		run := s.RunTime.Since(&before.RunTime)
		out = append(out, text("  "+padRight(cutMiddle(s.Name, name), name)+
			padLeft(r.known(perSecondOf(polls, r)), 9)+padLeft(useful, 8)+
			padLeft(r.known(perSecondOf(grown(s.Done, before.Done), r)), 9)+padLeft(quantile(&run, .99), 9), plainText))
		out = append(out, counterLines(r, s, before, width)...)
	}
	return out
}

// counterLines are the counters that are not 0: gauges, and the others per second, or, where they do not grow, in all.
func counterLines(r *row, s *exec.SourceStats, before exec.SourceStats, width int) []line {
	var parts []line
	for i, c := range s.Counters {
		if c.Value == 0 {
			continue
		}
		v, unit := count(float64(c.Value)), ""
		if !c.Gauge {
			unit = " in all"
			if i < len(before.Counters) && before.Counters[i].Name == c.Name && c.Value > before.Counters[i].Value {
				v, unit = count(perSecondOf(c.Value-before.Counters[i].Value, r)), "/s"
			}
		}
		parts = append(parts, line{{c.Name + " ", faint}, {v + unit, plainText}})
	}
	return wrapped(parts, 4, 3, width)
}

// wrapped sets parts side by side, in as many lines as they take.
func wrapped(parts []line, indent, gap, width int) (out []line) {
	var l line
	for _, p := range parts {
		if len(l) > 0 && l.width()+gap+p.width() > width {
			out, l = append(out, l), nil
		}
		space := gap
		if len(l) == 0 {
			space = indent
		}
		l = append(append(l, piece{strings.Repeat(" ", space), plainText}), p...)
	}
	if len(l) > 0 {
		out = append(out, l)
	}
	return out
}

// nameWidth is what is left for names beside columns.
func nameWidth(width, others int) int { return max(8, min(24, width-marks-others)) }

func grown(now, before uint64) uint64 { return now - min(before, now) }

func perSecondOf(n uint64, r *row) float64 {
	if r.fresh {
		return 0
	}
	return perSecond(n, r.span)
}

// known writes a rate, or a dash where there is nothing to compare with.
func (r *row) known(v float64) string {
	if r.fresh {
		return "–"
	}
	return count(v)
}
