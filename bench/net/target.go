package main

import (
	"fmt"

	"github.com/pushcore/pushcore/bench/internal/stat"
)

// target is what a row wants: a relation between one metric of two servers in one round.
type target struct {
	unit    string
	ours    string
	peer    string // "": the figure itself, not a ratio
	limit   float64
	atLeast bool // else at most
}

// atMost wants ours to have at most x times the peer's figure.
func atMost(unit, ours, peer string, x float64) target { return target{unit, ours, peer, x, false} }

// atLeast wants ours to have at least x times the peer's figure.
func atLeast(unit, ours, peer string, x float64) target { return target{unit, ours, peer, x, true} }

// below wants the figure itself to be at most limit.
func below(unit, ours string, limit float64) target { return target{unit, ours, "", limit, false} }

// result is what a target has come to.
type result struct {
	target
	oursLabel, peerLabel string
	quartiles            [3]float64
	rounds               int
	verdict              string
}

// Verdicts.
const (
	verdictMet     = "met"
	verdictShort   = "SHORT"
	verdictNoisy   = "too noisy to judge"
	verdictFew     = "too few rounds to judge"
	verdictSkipped = "not measured here"
)

// judge compares round by round the best variants of both.
func (t target) judge(all []*series) result {
	r := result{target: t, oursLabel: t.ours, peerLabel: t.peer, verdict: verdictSkipped}
	ours, peer := best(all, t.ours), best(all, t.peer)
	if ours == nil || peer == nil && t.peer != "" {
		return r
	}
	r.oursLabel = ours.label()
	var vs []float64
	if peer == nil {
		vs = ours.values(t.unit)
	} else {
		r.peerLabel = peer.label()
		for i := range min(len(ours.samples), len(peer.samples)) {
			o, ok := ours.samples[i].of(t.unit)
			p, ok2 := peer.samples[i].of(t.unit)
			if ok && ok2 {
				vs = append(vs, o/p)
			}
		}
	}
	if len(vs) == 0 {
		return r
	}
	var v stat.Verdict
	r.rounds = len(vs)
	r.quartiles, v = stat.Judge(vs, t.limit, t.atLeast, false)
	r.verdict = [...]string{stat.Met: verdictMet, stat.Missed: verdictShort, stat.Noisy: verdictNoisy, stat.Few: verdictFew}[v]
	return r
}

// best returns the variant whose first metric has the lowest median: a peer is quoted where it is at home, and so are
// we.
func best(all []*series, name string) (b *series) {
	for _, m := range all {
		if m.name == name && len(m.samples) > 0 && (b == nil || m.first() < b.first()) {
			b = m
		}
	}
	return b
}

// first returns the median of the metric that variants are compared by.
func (m *series) first() float64 { return stat.Median(m.values(m.samples[0].metrics[0].unit)) }

// against says what is compared, and with what.
func (r result) against() string {
	if r.peer == "" {
		return r.oursLabel + " " + r.unit
	}
	return fmt.Sprintf("%s / %s %s", r.oursLabel, r.peerLabel, r.unit)
}

// wanted says what the target is.
func (r result) wanted() string {
	if r.atLeast {
		return ">= " + stat.Figure(r.limit)
	}
	return "<= " + stat.Figure(r.limit)
}
