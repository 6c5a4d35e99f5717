package report

import (
	"strings"
	"testing"

	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/stretchr/testify/require"
)

// TestSlower: a row in which the peer is faster is said to be one, with or without a target, in every form of the
// report.
func TestSlower(t *testing.T) {
	r := example(80, 80, 80, 80, 80, 80)
	require.Len(t, r.Slower, 1)
	require.Equal(t, "Ring/a<b>", r.Slower[0].Row)
	require.InDelta(t, 80.0/42.5, r.Slower[0].Peers[0].Times.Quartiles[1], 0.01)
	worse := example(400, 400, 400, 400, 400, 400).Slower[0]
	worse.Row = "Ring/worse"
	r.Slower = append(r.Slower, worse)
	sortSlower(r.Slower)

	var text, page, json strings.Builder
	require.NoError(t, r.WriteText(&text))
	require.Contains(t, text.String(), "channel 1.88x (1.78 to 2.00), in ns/op; channel 1.88x (1.78 to 2.00), in p99-ns\n")
	require.Less(t, strings.Index(text.String(), "  Ring/worse"), strings.Index(text.String(), "  Ring/a<b>"))
	const last = "0 rows met, 1 short, 0 undecided; in 2 rows a peer is faster\n"
	require.True(t, strings.HasSuffix(text.String(), last))
	require.NoError(t, r.WriteHTML(&page, nil))
	require.Less(t, strings.Index(page.String(), "Slower than a peer"), strings.Index(page.String(), "moves &amp; checks"))
	require.NoError(t, r.WriteJSON(&json))
	require.Contains(t, json.String(), `"slower": [`)
}

// TestSlowerAtPace: beside a loss in a row of latency stands what was asked of each.
func TestSlowerAtPace(t *testing.T) {
	with := func(s *measure.Series, due float64) *measure.Series {
		for i := range s.Samples {
			s.Samples[i].Metrics = append(s.Samples[i].Metrics, measure.Metric{Value: due, Unit: "due/s"})
		}
		return s
	}
	m := measure.Measured{Series: []*measure.Series{
		with(sampled("pushcore", 80, 80, 80, 80, 80, 80), 3000), with(sampled("channel", 40, 40, 40, 40, 40, 40), 500),
	}}
	require.Equal(t, "channel 2.00x (2.00 to 2.00), in ns/op, at 500 due/s (ours at 3000); "+
		"channel 2.00x (2.00 to 2.00), in p99-ns, at 500 due/s (ours at 3000)", slowerOf(m, nil).Text())
}

// TestTally: a row counts once, by the worst of its targets.
func TestTally(t *testing.T) {
	row := func(verdicts ...string) Row {
		r := Row{Impls: []Impl{{Skipped: "its program is missing"}}}
		for _, v := range verdicts {
			r.Wants = append(r.Wants, Want{Verdict: v})
		}
		return r
	}
	r := Report{Rows: []Row{
		row(), row("met", "met"), row("met", "not measured here"), row("met", "SHORT", "not decided"),
		row("met", "not decided"),
		row("not judged"), row("not measured here"), row("met", "FAILED"),
	}}
	require.Equal(t, "2 rows met, 1 short, 2 undecided, 1 FAILED, 1 not measured here; in 0 rows a peer is faster",
		r.Tally())
}

// TestFew: that no peer is said to be faster means nothing where there are too few rounds to say so.
func TestFew(t *testing.T) {
	r := example(400, 400, 400, 400, 400)
	for i := range r.Rows[0].Impls {
		r.Rows[0].Impls[i].Rounds = r.Rows[0].Impls[i].Rounds[:min(5, len(r.Rows[0].Impls[i].Rounds))]
	}
	require.Empty(t, r.Slower)
	var text, page strings.Builder
	require.NoError(t, r.WriteText(&text))
	require.NoError(t, r.WriteHTML(&page, nil))
	require.True(t, strings.HasSuffix(text.String(), "\n1 row had fewer than 6 rounds: nothing is judged there.\n"))
	require.Contains(t, page.String(), "1 row had fewer than 6 rounds")
	require.Empty(t, example(4, 4, 4, 4, 4, 4).Few())
}

// TestCut: rows that a run has not come to are counted, and are not pages of nothing.
func TestCut(t *testing.T) {
	r := example(4, 4, 4, 4, 4, 4)
	require.Empty(t, r.Cut())
	for _, name := range []string{"Late/a", "Late/b"} {
		r.Rows = append(r.Rows, Row{Family: "late", Name: name,
			Impls: []Impl{{Name: "pushcore"}, {Name: "gone", Skipped: "install it"}},
			Wants: []Want{{Verdict: "not measured here"}}})
	}
	var text, page strings.Builder
	require.NoError(t, r.WriteText(&text))
	require.NoError(t, r.WriteHTML(&page, nil))
	require.Empty(t, Compare(r, r, anyRow).Others())
	require.Empty(t, Compare(example(4), r, anyRow).New, "they are not in this run, either")
	for _, out := range []string{text.String(), page.String()} {
		require.Contains(t, out, "2 rows not measured: the run had ended.")
		require.NotContains(t, out, "Late/")
		require.Contains(t, out, "0 rows met, 1 short, 0 undecided; in 0 rows a peer is faster")
	}
}
