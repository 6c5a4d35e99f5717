package main

import (
	"fmt"

	"github.com/pushcore/pushcore/bench/internal/stat"
)

// target is what a row wants: a relation between two implementations of one round.
type target struct {
	ours, peer string
	relation   func(ours, peer float64) float64
	limit      float64
	unit       string // of limit: "x", " ns"
	atLeast    bool   // else at most
	only       string // what an empty peer is replaced by in print
}

// faster wants ours to need at most one x-th of the peer's time.
func faster(name, peer string, x float64) target {
	return target{name, peer, func(o, p float64) float64 { return p / o }, x, "x", true, ""}
}

// within wants ours to need at most x times the peer's time.
func within(name, peer string, x float64) target {
	return target{name, peer, func(o, p float64) float64 { return o / p }, x, "x", false, ""}
}

// plus wants ours to need at most ns more than the peer.
func plus(name, peer string, ns float64) target {
	return target{name, peer, func(o, p float64) float64 { return o - p }, ns, " ns", false, ""}
}

// atMost wants ours to need at most ns on the machine that the table speaks of: the calibration loop of the same round
// says how fast this one is.
func atMost(name string, ns float64) target {
	scaled := func(o, p float64) float64 { return o / p * calibrationNs }
	return target{name, calibration, scaled, ns, " ns", false, "scaled"}
}

// below wants the figure itself to be less than limit.
func below(name string, limit float64, unit string) target {
	return target{name, name, func(o, _ float64) float64 { return o }, limit, unit, false, "alone"}
}

// Verdicts; all others say by how much the target was missed.
const (
	verdictMet   = "met"
	verdictNoisy = "too noisy to judge"
	verdictFew   = "too few rounds to judge"
)

// judge compares round by round and returns the quartiles of the relation and the verdict.
func (t target) judge(ours, peer *series) (q [3]float64, verdict string) {
	var rs []float64
	for i := range min(len(ours.samples), len(peer.samples)) {
		rs = append(rs, t.relation(ours.samples[i].value, peer.samples[i].value))
	}
	q, v := stat.Judge(rs, t.limit, t.atLeast, t.ours == t.peer)
	switch v {
	case stat.Met:
		return q, verdictMet
	case stat.Noisy:
		return q, verdictNoisy
	case stat.Few:
		return q, verdictFew
	}
	word := "short"
	if !t.atLeast {
		word = "over"
	}
	return q, fmt.Sprintf("%s: %s of %s%s", word, stat.Figure(q[1]), stat.Figure(t.limit), t.unit)
}

// summary prints one row for people: medians, then each target. It counts the verdicts by kind.
func (s *session) summary(r row, all []*series, verdicts map[string]int) {
	fmt.Fprintf(s.text, "\nRow %s\n", r.name)
	for _, m := range all {
		if m.skipped != nil {
			fmt.Fprintf(s.text, "    %-28s %v\n", m.label(), m.skipped)
			continue
		}
		fmt.Fprintf(s.text, "    %-28s %10s %s", m.label(), stat.Figure(m.median()), m.samples[0].in())
		for i, x := range m.samples[0].extra {
			var vs []float64
			for _, one := range m.samples {
				vs = append(vs, one.extra[i].value)
			}
			fmt.Fprintf(s.text, "  %s %s", stat.Figure(stat.Median(vs)), x.unit)
		}
		fmt.Fprintln(s.text)
	}
	for _, t := range r.targets {
		ours, peer := best(all, t.ours), best(all, t.peer)
		if ours == nil || peer == nil {
			fmt.Fprintf(s.text, "  %s against %s: not measured here\n", t.ours, t.peer)
			verdicts["skipped"]++
			continue
		}
		q, verdict := t.judge(ours, peer)
		switch verdict {
		case verdictMet:
			verdicts["met"]++
		case verdictNoisy, verdictFew:
			verdicts["noisy"]++
		default:
			verdicts["missed"]++
		}
		against, bound := "against "+peer.label(), "at most"
		if t.only != "" {
			against = t.only
		}
		if t.atLeast {
			bound = "at least"
		}
		fmt.Fprintf(s.text, "  %s %s: %s%s (quartiles %s to %s), wanted %s %s%s: %s\n", ours.label(), against,
			stat.Figure(q[1]), t.unit, stat.Figure(q[0]), stat.Figure(q[2]), bound, stat.Figure(t.limit), t.unit, verdict)
	}
}

func (m *series) median() float64 {
	var vs []float64
	for _, s := range m.samples {
		vs = append(vs, s.value)
	}
	return stat.Median(vs)
}

// best returns the variant of the named implementation with the lowest median: a peer is quoted where it is at home.
func best(all []*series, name string) (b *series) {
	for _, m := range all {
		if m.name == name && m.skipped == nil && (b == nil || m.median() < b.median()) {
			b = m
		}
	}
	return b
}
