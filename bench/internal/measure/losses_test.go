package measure

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// six is a series whose samples differ a little, and none twice.
func six(name, variant string, own bool, around float64) *Series {
	m := rounds(name, around, around*1.01, around*1.02, around*1.03, around*1.04, around*1.05)
	m.Variant, m.Own = variant, own
	return m
}

// TestLosses: every peer that is better beyond doubt is found, in its best variant beside our best one, wanted or not.
func TestLosses(t *testing.T) {
	floor := six("floor", "", false, 1)
	floor.Floor = true
	m := Measured{Series: []*Series{
		six("ours", "slow", true, 99), six("ours", "", true, 10), six("ours-part", "", true, 1), floor,
		six("slower", "", false, 20), six("equal", "", false, 10),
		six("quick", "", false, 30), six("quick", "unpinned", false, 5), six("quicker", "", false, 2),
	}}
	found := m.Losses(nil)
	require.Len(t, found, 2)
	require.Equal(t, []string{"quicker", "quick-unpinned"}, []string{found[0].PeerLabel, found[1].PeerLabel})
	require.Equal(t, "ours", found[0].OursLabel)
	require.InDelta(t, 5, found[0].Summary.Median(), 1e-9)
	require.InDelta(t, 2, found[1].Summary.Median(), 1e-9)

	m.Series[8].Samples[5] = Of(11, NsPerOp) // better most of the time is not beyond doubt with so few rounds
	require.Len(t, m.Losses(nil), 1)
	require.Empty(t, Measured{Series: m.Series[3:]}.Losses(nil), "none is ours")
}

// TestLossesOfTails: a tail is compared, too, where both have one.
func TestLossesOfTails(t *testing.T) {
	with := func(m *Series, p99 float64) *Series {
		for i := range m.Samples {
			m.Samples[i].Metrics = append(m.Samples[i].Metrics, Metric{p99, "p99-ns"})
		}
		return m
	}
	m := Measured{Series: []*Series{
		with(six("ours", "", true, 5), 400), with(six("peer", "", false, 10), 100), six("slower", "", false, 20),
	}}
	found := m.Losses(nil)
	require.Len(t, found, 1)
	require.Equal(t, []string{"peer", "p99-ns"}, []string{found[0].PeerLabel, found[0].Metric})
	require.InDelta(t, 4, found[0].Summary.Median(), 1e-9)
}

// TestLossesOfRates: of a rate more is better, and what a want asks for is compared, too.
func TestLossesOfRates(t *testing.T) {
	with := func(m *Series, rate float64) *Series {
		for i := range m.Samples {
			m.Samples[i].Metrics = append(m.Samples[i].Metrics, Metric{rate, "req/s"})
		}
		return m
	}
	m := Measured{Series: []*Series{with(six("ours", "", true, 5), 100), with(six("peer", "", false, 10), 300)}}
	require.Empty(t, m.Losses(nil), "nobody asked for the rate")
	m.Wants = []Want{Over("ours", "peer", 0.1).In("req/s")}
	found := m.Losses(nil)
	require.Len(t, found, 1)
	require.Equal(t, "req/s", found[0].Metric)
	require.InDelta(t, 3, found[0].Summary.Median(), 1e-9)
	for _, s := range m.Series {
		for i := range s.Samples {
			s.Samples[i].Metrics = s.Samples[i].Metrics[1:]
		}
	}
	m.Wants = nil
	require.Len(t, m.Losses(nil), 1, "a first metric that is a rate")
}
