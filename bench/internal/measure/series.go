package measure

import (
	"slices"

	"github.com/pushcore/pushcore/bench/internal/stat"
)

// Series are the samples of one implementation.
type Series struct {
	Impl
	Samples []Sample
	Rounds  []int     // the round of each sample
	Trips   []float64 // what a cache line took there and back just before each sample, in ns; 0 where nobody looked
	Skipped error     // why there are none, or no more
	Failed  error     // why no sample is worth anything; none is taken after that

	n int
}

// Measured is a row with what was found.
type Measured struct {
	Row
	Series []*Series
}

// Any says whether anything was found out of the row.
func (m Measured) Any() bool {
	return slices.ContainsFunc(m.Series, func(s *Series) bool {
		return len(s.Samples) > 0 || s.Skipped != nil || s.Failed != nil
	})
}

// Unit is that of the first metric, or "" where nothing was found.
func (m Measured) Unit() string {
	for _, one := range m.Series {
		if len(one.Samples) > 0 {
			return one.Samples[0].Metrics[0].Unit
		}
	}
	return ""
}

// failed says whether a variant of the named implementation has failed.
func (m Measured) failed(name string) bool {
	return slices.ContainsFunc(m.Series, func(s *Series) bool { return s.Name == name && s.Failed != nil })
}

// Values returns one metric of all samples; the empty unit is the first one's.
func (m *Series) Values(unit string) (vs []float64) {
	for _, s := range m.Samples {
		if v, ok := s.Of(unit); ok {
			vs = append(vs, v)
		}
	}
	return vs
}

// Median returns the median of one metric; the empty unit is the first one's. There must be a sample.
func (m *Series) Median(unit string) float64 { return stat.Median(m.Values(unit)) }

// Best returns the variant of the named implementation with the best median of one metric (the empty unit is the first
// one's): a peer is quoted where it is at home, and so are we.
func (m Measured) Best(name, unit string) (b *Series) {
	for _, one := range m.Series {
		if one.Name != name || one.Failed != nil || len(one.Values(unit)) == 0 {
			continue
		}
		if b == nil || one.Median(unit) != b.Median(unit) && (one.Median(unit) > b.Median(unit)) == More(unit) {
			b = one
		}
	}
	return b
}
