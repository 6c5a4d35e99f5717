package measure

import (
	"testing"

	"github.com/pushcore/pushcore/bench/internal/stat"
	"github.com/pushcore/pushcore/exec/place"
	"github.com/stretchr/testify/require"
)

// TestCheck: the check finds what is lost, doubled, swapped or changed.
func TestCheck(t *testing.T) {
	for _, vs := range [][]uint64{{0, 1, 3}, {0, 1, 1}, {1, 0, 2}, {0, 1}, {0, 1, 2, 3}, {}} {
		var c Check
		for _, v := range vs {
			c.Add(v)
		}
		require.Error(t, c.Err(3), "%v", vs)
	}
	c := Check{}
	for v := range uint64(3) {
		c.Add(v)
	}
	require.NoError(t, c.Err(3))
}

// rounds are the samples of an implementation, one per round.
func rounds(name string, vs ...float64) *Series {
	m := &Series{Impl: Impl{Name: name}}
	for i, v := range vs {
		m.Samples = append(m.Samples, Of(v, NsPerOp))
		m.Rounds = append(m.Rounds, i)
		m.Trips = append(m.Trips, 100)
	}
	return m
}

func TestVerdicts(t *testing.T) {
	b := func(vs ...float64) []*Series {
		return []*Series{rounds("a", 10, 10, 10, 10, 10, 10), rounds("b", vs...)}
	}
	scaled := func(ns float64) []*Series {
		return []*Series{rounds("a", 10, 10, 10, 10, 10, 10), rounds(calibration, ns, ns, ns, ns, ns, ns)}
	}
	for _, c := range []struct {
		want    Want
		series  []*Series
		verdict Verdict
		median  float64
	}{
		{Faster("a", "b", 2), b(30, 31, 29, 30, 30, 30), Met, 3},
		{Faster("a", "b", 2), b(17, 17, 17, 17, 17, 17), Short, 1.7},
		{Faster("a", "b", 2), b(10, 15, 21, 21, 30, 40), Open, 2.1},
		{Faster("a", "b", 2), b(30, 30, 30, 30, 30), Few, 3},
		{Faster("a", "b", 2), nil, Skipped, 0},
		{Faster("a", "b", 2), b(30, 40, 90, 50, 60, 50), Met, 5}, // noisy, and beyond doubt
		{Below("a", 11, " %"), b(), Met, 10},
		{Below("a", 9, " %"), b(), Short, 10},
		{Within("a", "b", 3), b(5, 5, 5, 5, 5, 5), Met, 2},
		{Within("a", "b", 3), b(2, 2, 2, 2, 2, 2), Short, 5},
		{Over("a", "b", 3), b(2, 2, 2, 2, 2, 2), Met, 5},
		{Over("a", "b", 3), b(5, 5, 5, 5, 5, 5), Short, 2},
		{Plus("a", "b", 2), b(9, 9, 9, 9, 9, 9), Met, 1},
		{Plus("a", "b", 2), b(5, 5, 5, 5, 5, 5), Short, 5},
		{AtMost("a", 12), scaled(calibrationNs), Met, 10},
		{AtMost("a", 6), scaled(calibrationNs), Short, 10},
		{AtMost("a", 6), scaled(2 * calibrationNs), Met, 5}, // a slower machine
	} {
		j := c.want.Judge(Measured{Series: c.series}, nil)
		require.Equal(t, c.verdict, j.Verdict, "%+v", c.want)
		require.InDelta(t, c.median, j.Summary.Median(), 1e-9)
		require.NotEmpty(t, j.Against())
		require.NotEmpty(t, j.Wanted())
	}
}

// TestBestVariant: a peer is quoted where it is at home.
func TestBestVariant(t *testing.T) {
	slow, quick := rounds("b", 50, 50, 50, 50, 50, 50), rounds("b", 20, 20, 20, 20, 20, 20)
	quick.Variant = "unpinned"
	j := Faster("a", "b", 2).Judge(Measured{Series: []*Series{rounds("a", 10, 10, 10, 10, 10), slow, quick}}, nil)
	require.Equal(t, "b-unpinned", j.PeerLabel)
	require.InDelta(t, 2, j.Summary.Median(), 0)
}

// TestBestOfMetric: the variant that is quoted is the best in what is compared, and of a rate more is better.
func TestBestOfMetric(t *testing.T) {
	variant := func(name, variant string, cpu, rate float64) *Series {
		m := rounds(name, cpu, cpu, cpu, cpu, cpu)
		m.Variant = variant
		for i := range m.Samples {
			m.Samples[i].Metrics = append(m.Samples[i].Metrics, Metric{rate, "req/s"})
		}
		return m
	}
	m := Measured{Series: []*Series{
		variant("a", "", 10, 100), variant("b", "lean", 10, 50), variant("b", "quick", 20, 80),
	}}
	require.Equal(t, "b-lean", Within("a", "b", 1).Judge(m, nil).PeerLabel)
	j := Over("a", "b", 1).In("req/s").Judge(m, nil)
	require.Equal(t, "b-quick", j.PeerLabel)
	require.InDelta(t, 1.25, j.Summary.Median(), 1e-9)
}

// TestRoundsOfOne: only what was measured in the same round is compared.
func TestRoundsOfOne(t *testing.T) {
	ours, peer := rounds("a", 1, 2, 3, 4, 5, 6), rounds("b", 10, 20, 30, 40, 50)
	peer.Rounds = []int{1, 2, 3, 4, 5} // it was skipped once
	j := Faster("a", "b", 2).Judge(Measured{Series: []*Series{ours, peer}}, nil)
	require.Len(t, j.Values, 5)
	require.InDelta(t, 7.5, j.Summary.Median(), 1e-9, "30/4")
}

func TestModes(t *testing.T) {
	near, far := []float64{90, 92, 95, 91, 93, 90, 94}, []float64{360, 350, 365, 340, 355, 350}
	modes := modesOf(append(append([]float64(nil), near...), far...))
	require.Len(t, modes, 2)
	require.Equal(t, []int{7, 6}, []int{modes[0].Rounds, modes[1].Rounds})
	require.Equal(t, []int{0, 1, -1}, []int{modeOf(modes, 99), modeOf(modes, 300), modeOf(modes, 0)})
	require.Empty(t, modesOf(near))
	require.Empty(t, modesOf([]float64{90, 100, 110, 130, 150, 170, 200, 240, 280, 330, 390}), "a drift is no mode")
	require.Empty(t, modesOf(append([]float64{900}, append(near, near...)...)), "nor is an accident")

	// Each mode is judged by itself: over both together nothing could be said.
	ours, peer := rounds("a"), rounds("b")
	for i, trip := range append(append([]float64(nil), near...), far...) {
		ours.Samples = append(ours.Samples, Of(10, NsPerOp))
		peer.Samples = append(peer.Samples, Of([]float64{30, 15}[modeOf(modes, trip)], NsPerOp))
		ours.Rounds, peer.Rounds = append(ours.Rounds, i), append(peer.Rounds, i)
		ours.Trips, peer.Trips = append(ours.Trips, trip), append(peer.Trips, trip)
	}
	m := Measured{Series: []*Series{ours, peer}}
	require.Equal(t, Open, Faster("a", "b", 2).Judge(m, nil).Verdict)
	j := Faster("a", "b", 2).Judge(m, modes)
	require.Equal(t, []Verdict{Met, Short}, []Verdict{j.Modes[0].Verdict, j.Modes[1].Verdict})
	require.Equal(t, Short, j.Verdict)
	require.Equal(t, Met, Faster("a", "b", 1.5).Judge(m, modes).Verdict)

	// A round in which ours met one mode and the peer the other says nothing.
	peer.Trips[0], peer.Trips[1] = 350, 350
	j = Faster("a", "b", 2).Judge(m, modes)
	require.Len(t, j.Values, 11)
	require.Equal(t, []Verdict{Few, Short}, []Verdict{j.Modes[0].Verdict, j.Modes[1].Verdict})
	require.Equal(t, Short, j.Verdict)
	peer.Trips[7], peer.Trips[8] = 90, 90
	require.Equal(t, Few, Faster("a", "b", 2).Judge(m, modes).Verdict, "5 rounds near, 4 far")
}

// TestWide: a relation is given as a figure unless it might as well be another, and one that may be nothing is seen
// beside its limit.
func TestWide(t *testing.T) {
	wide := func(w Want, vs ...float64) bool { return w.Wide(stat.Summarize(vs)) }
	require.False(t, wide(Faster("a", "b", 2), 2, 2.2, 2.3, 2.4, 2.5, 2.6))
	require.True(t, wide(Faster("a", "b", 2), 2, 2.2, 2.3, 2.4, 3.2, 3.6))
	require.False(t, wide(Plus("a", "b", 2), -0.1, 0, 0.1, 0.2, 0.3, 0.4))
	require.True(t, wide(Below("a", 1, " %"), 0, 0.1, 0.1, 0.4, 0.6, 0.7))
}

// twoCPUs returns two cpus to pin to, or skips the test.
func twoCPUs(t *testing.T) [2]int {
	cpus, err := place.Choose(2)
	if err != nil {
		t.Skip(err)
	}
	return [2]int(cpus)
}
