package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/pushcore/pushcore/bench/internal/ages"
	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/bench/internal/stat"
)

// Slower is a row in which peers are faster than ours, whether a want says something of them or not. Those whose lead
// might be chance are left out.
type Slower struct {
	Row   string   `json:"row"`
	Ours  string   `json:"ours"`
	Peers []Faster `json:"peers"` // the fastest first
}

// Faster is one of the peers.
type Faster struct {
	Peer   string `json:"peer"`
	Ours   string `json:"ours"`   // the variant of ours that it is compared with
	Metric string `json:"metric"` // the unit of what is compared
	// Times is how many times the peer's figure ours is; of rates, how many times our figure the peer's is.
	Times Summary `json:"times"`
	// Due is what was due per second of ours and of the peer, where the row says so.
	Due []float64 `json:"due_per_s,omitempty"`
}

func slowerOf(m measure.Measured, modes []measure.Mode) Slower {
	s := Slower{Row: m.Name}
	for _, j := range m.Losses(modes) {
		s.Ours = cmp.Or(s.Ours, j.OursLabel)
		s.Peers = append(s.Peers, Faster{
			Peer: j.PeerLabel, Ours: j.OursLabel, Metric: cmp.Or(j.Metric, m.Unit()),
			Times: summaryOf(j.Summary, j.Wide(j.Summary)), Due: due(m, j.OursLabel, j.PeerLabel),
		})
	}
	return s
}

// due returns how much was asked of each, or nothing if the row does not say.
func due(m measure.Measured, labels ...string) (all []float64) {
	for _, label := range labels {
		for _, s := range m.Series {
			if s.Label() == label && len(s.Values(ages.Rate)) > 0 {
				all = append(all, s.Median(ages.Rate))
			}
		}
	}
	if len(all) != len(labels) {
		return nil
	}
	return all
}

// sortSlower puts the worst row first.
func sortSlower(all []Slower) {
	slices.SortStableFunc(all, func(a, b Slower) int {
		return cmp.Compare(b.Peers[0].Times.Quartiles[1], a.Peers[0].Times.Quartiles[1])
	})
}

// Text names the peers of a row, with how much faster they are.
func (s Slower) Text() string {
	var parts []string
	for i, p := range s.Peers {
		unit := ""
		if i == 0 || p.Metric != s.Peers[i-1].Metric {
			unit = ", in " + p.Metric
		}
		if p.Ours != s.Ours {
			unit += ", of " + p.Ours
		}
		if len(p.Due) == 2 {
			unit += fmt.Sprintf(", at %s due/s (ours at %s)", stat.Figure(p.Due[1]), stat.Figure(p.Due[0]))
		}
		parts = append(parts, fmt.Sprintf("%s %s%s", p.Peer, p.Times.With("x"), unit))
	}
	return strings.Join(parts, "; ")
}

// Tally counts the rows that have targets by what they have come to, as a reader of the last line wants to know it. A
// row is met when all of its targets are, and short if one is.
func (r *Report) Tally() string {
	count := map[string]int{}
	for _, row := range r.Rows {
		if v := row.verdict(); v != "" && !row.untouched() {
			count[v]++
		}
	}
	text := fmt.Sprintf("%s met, %d short, %d undecided", stat.Count(count[string(measure.Met)], "row"),
		count[string(measure.Short)], count[string(measure.Open)])
	for _, v := range []measure.Verdict{measure.Failed, measure.Skipped} {
		if n := count[string(v)]; n > 0 {
			text += fmt.Sprintf(", %d %s", n, v)
		}
	}
	return fmt.Sprintf("%s; in %s a peer is faster", text, stat.Count(len(r.Slower), "row"))
}

// Few says, in a sentence, of how many rows nothing can be said for want of rounds; it is "" where there are none.
func (r *Report) Few() string {
	n := 0
	for _, row := range r.Rows {
		most := 0
		for _, im := range row.Impls {
			most = max(most, len(im.Rounds))
		}
		if 0 < most && most < stat.LeastRounds {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%s had fewer than %d rounds: nothing is judged there.", stat.Count(n, "row"), stat.LeastRounds)
}

// verdict is the worst of a row's verdicts; the rounds that are too few for one leave it undecided. It is "" where
// nothing is wanted.
func (r Row) verdict() string {
	for _, v := range []measure.Verdict{
		measure.Failed, measure.Short, measure.Open, measure.Few, measure.Met, measure.Skipped,
	} {
		if slices.ContainsFunc(r.Wants, func(w Want) bool { return w.Verdict == string(v) }) {
			if v == measure.Few {
				v = measure.Open
			}
			return string(v)
		}
	}
	return ""
}
