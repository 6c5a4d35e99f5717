package measure

import (
	"fmt"
	"slices"

	"github.com/pushcore/pushcore/bench/internal/stat"
)

// Verdict is what a want has come to.
type Verdict string

// The verdicts. Each but the first two leaves the question open.
const (
	Met     Verdict = "met"
	Short   Verdict = "SHORT"
	Open    Verdict = "not decided" // the limit is where the median may be: more rounds tell
	Few     Verdict = "not judged"  // too few rounds
	Failed  Verdict = "FAILED"
	Skipped Verdict = "not measured here"
)

// Judgement is a Want with what was found. Where the machine had two modes each is judged by itself, and the verdict is
// that of the worse.
type Judgement struct {
	Want
	OursLabel, PeerLabel string // of the variants that were compared
	Verdict              Verdict
	Values               []float64    // the relation, round by round
	Summary              stat.Summary // of Values, if there are any
	Modes                []ModeJudgement
}

// ModeJudgement is the judgement of the rounds in one of two modes.
type ModeJudgement struct {
	Mode    Mode
	Summary stat.Summary
	Verdict Verdict
}

// Judge compares round by round the best variants of both. modes are the machine's, see Modes.
func (w Want) Judge(m Measured, modes []Mode) Judgement {
	j := Judgement{Want: w, OursLabel: w.Ours, PeerLabel: w.Peer, Verdict: Skipped}
	ours, peer := m.Best(w.Ours, w.Metric), m.Best(w.Peer, w.Metric)
	if ours == nil || peer == nil && w.Peer != "" {
		if m.failed(w.Ours) || m.failed(w.Peer) {
			j.Verdict = Failed
		}
		return j
	}
	j.OursLabel = ours.Label()
	if peer == nil {
		peer = ours
	} else {
		j.PeerLabel = peer.Label()
	}
	byMode := make([][]float64, len(modes))
	for i, round := range ours.Rounds {
		k := slices.Index(peer.Rounds, round)
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
		j.Values = append(j.Values, v)
	}
	if len(j.Values) == 0 {
		return j
	}
	j.Summary, j.Verdict = w.judge(j.Values)
	for at, vs := range byMode {
		if len(vs) > 0 {
			mj := ModeJudgement{Mode: modes[at]}
			mj.Summary, mj.Verdict = w.judge(vs)
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

func (w Want) judge(vs []float64) (stat.Summary, Verdict) {
	s := stat.Summarize(vs)
	return s, [...]Verdict{stat.Met: Met, stat.Missed: Short, stat.Open: Open, stat.Few: Few}[s.Judge(w.Limit, w.AtLeast)]
}

// worse returns the verdict of two modes together. One with too few rounds says nothing; two of them, nothing at all.
func worse(a, b Verdict) Verdict {
	for _, v := range []Verdict{Short, Open, Met} {
		if a == v || b == v {
			return v
		}
	}
	return Few
}

// Wide says that a summary of the relation is too uncertain to be given as a figure.
func (w Want) Wide(s stat.Summary) bool {
	if w.NearZero {
		return s.Wide(w.Limit)
	}
	return s.Wide(0)
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
