package measure

import (
	"cmp"
	"slices"
)

// alsoCompared are the units of further metrics that are compared wherever both have them: the tail of latencies, and
// what it takes to hand over work. package ages and package groups name them.
var alsoCompared = []string{"p99-ns", "submit-ns/op"}

// Losses compares ours with all peers of the row, wanted or not, in what the row is about: its first metric, those of
// its wants, p99-ns, and submit-ns/op. It returns those comparisons in which the peer is better beyond doubt, worst
// first: the relation is how many times the peer's time ours is, or of rates how many times our rate the peer's is.
//
// Ours is the first of this project's in the row, in its best variant: further ones do part of the work only, or do it
// in another way, and are there to be seen.
func (m Measured) Losses(modes []Mode) (losses []Judgement) {
	i := slices.IndexFunc(m.Series, func(s *Series) bool { return s.Own })
	if i < 0 {
		return nil
	}
	ours := m.Series[i].Name
	units := []string{""}
	for _, w := range m.Wants {
		if w.Ours == ours && w.Peer != "" && !slices.Contains(units, w.Metric) {
			units = append(units, w.Metric)
		}
	}
	for _, unit := range alsoCompared {
		if unit != m.Unit() && !slices.Contains(units, unit) {
			units = append(units, unit)
		}
	}
	var seen []string
	for _, s := range m.Series {
		if s.Own || s.Floor || slices.Contains(seen, s.Name) {
			continue
		}
		seen = append(seen, s.Name)
		for _, unit := range units {
			w := Within(ours, s.Name, 1).In(unit)
			if More(cmp.Or(unit, m.Unit())) {
				w = Faster(ours, s.Name, 1).In(unit)
				w.AtLeast = false
			}
			if j := w.Judge(m, modes); j.Verdict == Short {
				losses = append(losses, j)
			}
		}
	}
	slices.SortStableFunc(losses, func(a, b Judgement) int { return cmp.Compare(b.Summary.Median(), a.Summary.Median()) })
	return losses
}
