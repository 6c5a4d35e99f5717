package measure

import (
	"fmt"

	"github.com/pushcore/pushcore/bench/internal/stat"
)

// Want is what a row is to show: a relation between one metric of two implementations in the same round.
type Want struct {
	Ours, Peer string // Peer is "" where the figure itself is judged
	Metric     string // the unit of what is compared; "": the first metric
	Limit      float64
	Unit       string // of Limit: "x", " ns"
	AtLeast    bool   // else at most
	Scaled     bool   // by the calibration loop, which is the peer
	relation   func(ours, peer float64) float64
}

// Faster wants ours to need at most one x-th of the peer's time.
func Faster(ours, peer string, x float64) Want {
	return Want{Ours: ours, Peer: peer, Limit: x, Unit: "x", AtLeast: true, relation: func(o, p float64) float64 { return p / o }}
}

// Within wants ours to need at most x times the peer's time.
func Within(ours, peer string, x float64) Want {
	return Want{Ours: ours, Peer: peer, Limit: x, Unit: "x", relation: func(o, p float64) float64 { return o / p }}
}

// Over wants ours to have at least x times the peer's figure.
func Over(ours, peer string, x float64) Want {
	w := Within(ours, peer, x)
	w.AtLeast = true
	return w
}

// Plus wants ours to need at most ns more than the peer.
func Plus(ours, peer string, ns float64) Want {
	return Want{Ours: ours, Peer: peer, Limit: ns, Unit: " ns", relation: func(o, p float64) float64 { return o - p }}
}

// AtMost wants ours to need at most ns on the machine that the table speaks of: the calibration loop of the same round
// says how fast this one is. The row must have Calibration.
func AtMost(ours string, ns float64) Want {
	scaled := func(o, p float64) float64 { return o / p * calibrationNs }
	return Want{Ours: ours, Peer: calibration, Limit: ns, Unit: " ns", Scaled: true, relation: scaled}
}

// Below wants the figure itself to be at most limit.
func Below(ours string, limit float64, unit string) Want {
	return Want{Ours: ours, Limit: limit, Unit: unit, relation: func(o, _ float64) float64 { return o }}
}

// In returns w for the metric of this unit in the place of the first one.
func (w Want) In(unit string) Want {
	w.Metric = unit
	return w
}

// Verdict is what a want has come to.
type Verdict string

// The verdicts.
const (
	Met     Verdict = "met"
	Short   Verdict = "SHORT"
	Noisy   Verdict = "too noisy to judge"
	Few     Verdict = "too few rounds to judge"
	Skipped Verdict = "not measured here"
)

// Judgement is a Want with what was found. Where the machine had two modes each is judged by itself, and the verdict is
// that of the worse.
type Judgement struct {
	Want
	OursLabel, PeerLabel string // of the variants that were compared
	Verdict              Verdict
	Values               []float64 // the relation, round by round
	Quartiles            [3]float64
	Modes                []ModeJudgement // two, or none
}

// ModeJudgement is the judgement of the rounds in one mode.
type ModeJudgement struct {
	Mode      Mode
	Rounds    int
	Quartiles [3]float64
	Verdict   Verdict
}

// Judge compares round by round the best variants of both. modes are the machine's, see Modes.
func (w Want) Judge(m Measured, modes []Mode) Judgement {
	j := Judgement{Want: w, OursLabel: w.Ours, PeerLabel: w.Peer, Verdict: Skipped}
	ours, peer := m.Best(w.Ours, w.Metric), m.Best(w.Peer, w.Metric)
	if ours == nil || peer == nil && w.Peer != "" {
		return j
	}
	j.OursLabel = ours.Label()
	if peer == nil {
		peer = ours
	} else {
		j.PeerLabel = peer.Label()
	}
	var all []float64
	byMode := make([][]float64, len(modes))
	for i, round := range ours.Rounds {
		k := sampleOf(peer, round)
		if k < 0 {
			continue
		}
		o, ok := ours.Samples[i].Of(w.Metric)
		p, ok2 := peer.Samples[k].Of(w.Metric)
		if !ok || !ok2 {
			continue
		}
		v := w.relation(o, p)
		if len(modes) > 0 {
			at := modeOf(modes, ours.Trips[i])
			if at < 0 || at != modeOf(modes, peer.Trips[k]) {
				continue // ours met one machine, the peer another
			}
			byMode[at] = append(byMode[at], v)
		}
		all = append(all, v)
	}
	if len(all) == 0 {
		return j
	}
	j.Values = all
	j.Quartiles, j.Verdict = w.judge(all)
	for at, vs := range byMode {
		if len(vs) > 0 {
			mj := ModeJudgement{Mode: modes[at], Rounds: len(vs)}
			mj.Quartiles, mj.Verdict = w.judge(vs)
			j.Modes = append(j.Modes, mj)
		}
	}
	switch len(j.Modes) {
	case 1: // the row met one mode only: that is all there is to say
		j.Modes = nil
	case 2:
		j.Verdict = worse(j.Modes[0].Verdict, j.Modes[1].Verdict)
	}
	return j
}

// sampleOf returns the index of the sample that was taken in this round, or -1.
func sampleOf(m *Series, round int) int {
	for i, r := range m.Rounds {
		if r == round {
			return i
		}
	}
	return -1
}

func (w Want) judge(vs []float64) ([3]float64, Verdict) {
	q, v := stat.Judge(vs, w.Limit, w.AtLeast, w.Peer == "")
	return q, [...]Verdict{stat.Met: Met, stat.Missed: Short, stat.Noisy: Noisy, stat.Few: Few}[v]
}

// worse returns the verdict of two modes together. One with too few rounds says nothing; two of them, nothing at all.
func worse(a, b Verdict) Verdict {
	for _, v := range []Verdict{Short, Noisy, Met} {
		if a == v || b == v {
			return v
		}
	}
	return Few
}

// Against says what is compared with what.
func (j Judgement) Against() string {
	of := ""
	if j.Metric != "" {
		of = " " + j.Metric
	}
	switch {
	case j.Scaled:
		return j.OursLabel + of + ", scaled"
	case j.Peer == "":
		return j.OursLabel + of
	}
	return fmt.Sprintf("%s against %s%s", j.OursLabel, j.PeerLabel, of)
}

// Wanted says what the limit is.
func (j Judgement) Wanted() string {
	bound := "at most"
	if j.AtLeast {
		bound = "at least"
	}
	return fmt.Sprintf("%s %s%s", bound, stat.Figure(j.Limit), j.Unit)
}
