package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pushcore/pushcore/bench/internal/machine"
	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/stretchr/testify/require"
)

// sampled returns an implementation with a sample per round.
func sampled(name string, vs ...float64) *measure.Series {
	s := &measure.Series{Impl: measure.Impl{Name: name, Own: name == "pushcore"}}
	for i, v := range vs {
		metrics := []measure.Metric{{Value: v, Unit: "ns/op"}, {Value: 9 * v, Unit: "p99-ns"}}
		s.Samples = append(s.Samples, measure.Sample{Metrics: metrics})
		s.Rounds = append(s.Rounds, i)
		s.Trips = append(s.Trips, 90+float64(i))
	}
	return s
}

// example is a report in which a target is met, one is missed, and one could not be judged. Ours takes so long.
func example(ours ...float64) *Report {
	row := measure.Row{Name: "Ring/a<b>", Rounds: 7, Does: "moves & checks", Wants: []measure.Want{
		measure.Faster("pushcore", "channel", 2), measure.Faster("pushcore", "channel", 50),
		measure.Faster("pushcore", "gone", 1),
	}}
	gone := &measure.Series{Impl: measure.Impl{Name: "gone"}, Skipped: fmt.Errorf("%w: install it", measure.ErrSkip)}
	began := time.Date(2026, 1, 2, 3, 4, 0, 0, time.UTC)
	r := &Report{Format: Format, Began: began, Command: "go run ./bench", Rounds: len(ours)}
	r.Machine = machine.Facts{OS: "linux", CPU: "<fast>"}
	all := []*measure.Series{sampled("pushcore", ours...), sampled("channel", 40, 41, 42, 43, 44, 45), gone}
	r.Add([]measure.Family{{Name: "ring", Rows: []measure.Row{row}}}, []measure.Measured{{Row: row, Series: all}})
	return r
}

func TestText(t *testing.T) {
	var b strings.Builder
	require.NoError(t, example(4, 4, 4, 4, 4, 4).WriteText(&b))
	for _, want := range []string{
		"Row Ring/a<b>: moves & checks\n", "4.00 ns/op", "42.5 ns/op", "36.0 p99-ns",
		"gone                         not measured here: install it",
		"pushcore against channel: 10.6x (10.0 to 11.2), wanted at least 2.00x: met",
		"wanted at least 50.0x: SHORT", "pushcore against gone: wanted at least 1.00x: not measured here",
		"\n0 rows met, 1 short, 0 undecided; in 0 rows a peer is faster\n",
	} {
		require.Contains(t, b.String(), want)
	}
	require.ErrorIs(t, example(4).WriteText(broken{}), errBroken)
}

// TestCapped: rows that had fewer rounds than were asked for say so.
func TestCapped(t *testing.T) {
	var text, page strings.Builder
	r := example(4, 4, 4, 4, 4, 4, 4, 4)
	require.NoError(t, r.WriteText(&text))
	require.NoError(t, r.WriteHTML(&page, nil))
	require.Contains(t, text.String(), "moves & checks (at most 7 rounds)\n")
	require.Contains(t, page.String(), "moves &amp; checks (at most 7 rounds)<")
	text.Reset()
	require.NoError(t, example(4).WriteText(&text))
	require.NotContains(t, text.String(), "at most 7")
}

// TestNoFigure: what is too noisy has no figure, but a verdict if all rounds agree; a few rounds have none.
func TestNoFigure(t *testing.T) {
	var b strings.Builder
	noisy := example(1, 2, 3, 4, 5, 6)
	require.NoError(t, noisy.WriteText(&b))
	require.Contains(t, b.String(), "pushcore                      too noisy ns/op")
	require.Contains(t, b.String(), "pushcore against channel: too noisy, wanted at least 2.00x: met\n")
	require.Contains(t, b.String(), "pushcore against channel: too noisy, wanted at least 50.0x: SHORT\n")
	require.NotContains(t, b.String(), "3.50")
	b.Reset()
	require.NoError(t, noisy.WriteHTML(&b, nil))
	require.Contains(t, b.String(), `title="6 rounds: median 3.50, quartiles 2.25 to 4.75, `+
		`95 % interval of the median 1.00 to 6.00">too noisy`)

	b.Reset()
	require.NoError(t, example(4, 4).WriteText(&b))
	require.Contains(t, b.String(), "10.1x (10.0 to 10.2), wanted at least 2.00x: 2 rounds: not judged\n")
	b.Reset()
	require.NoError(t, example(4).WriteText(&b))
	require.Contains(t, b.String(), "wanted at least 2.00x: 1 round: not judged\n")
}

var errBroken = errors.New("broken")

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errBroken }

// TestJSON: what is written is read again, and what is no report is refused.
func TestJSON(t *testing.T) {
	r := example(4, 5, 6, 4, 5, 6)
	r.Pairs = &Pairs{[]int{0, 1}, [][]float64{{0, 90}, {91, 0}}}
	file := filepath.Join(t.TempDir(), "report.json")
	var b bytes.Buffer
	require.NoError(t, r.WriteJSON(&b))
	require.NoError(t, os.WriteFile(file, b.Bytes(), 0o600))
	got, err := Read(file)
	require.NoError(t, err)
	require.Equal(t, r, got)

	for text, want := range map[string]string{
		"{":                         "is no report.json of this program",
		`{"format": 9}`:             "is a report of format 9: this program writes and reads format 2",
		`{"format": 2, "rows": []}`: "has no rows to compare with",
	} {
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		_, err := Read(file)
		require.ErrorContains(t, err, want)
	}
	_, err = Read(file + ".none")
	require.ErrorIs(t, err, os.ErrNotExist)
}

// TestPage: the page is whole, loads nothing, and escapes what it shows.
func TestPage(t *testing.T) {
	r, old := example(4, 4, 4, 4, 4, 4), example(8, 8, 8, 8, 8, 8)
	r.Pairs = &Pairs{[]int{0, 1}, [][]float64{{0, 90}, {91, 0}}}
	r.Modes = []Mode{{"near", 90, 3}, {"far", 300, 3}}
	var b strings.Builder
	require.NoError(t, r.WriteHTML(&b, Compare(old, r, anyRow)))
	page := b.String()
	require.Equal(t, 2, strings.Count(page, "<svg"), "the ring's chart and the machine's")
	require.NotContains(t, page, "<script")
	require.NotContains(t, page, "src=")
	require.NotContains(t, page, "a<b>")
	require.NotContains(t, page, "<fast>")
	require.Contains(t, page, "0 rows met, 1 short, 0 undecided; in 0 rows a peer is faster")
	require.Contains(t, page, "Compared with the run of 2026-01-02 03:04")
	require.Contains(t, page, "two modes")
}

// TestCharts: each is well-formed, and shows every row and name.
func TestCharts(t *testing.T) {
	r := example(4, 4, 4, 4, 4, 4)
	r.Pairs = &Pairs{[]int{0, 1}, [][]float64{{0, 90}, {91, 0}}}
	charts, err := r.Charts()
	require.NoError(t, err)
	var names []string
	for _, c := range charts {
		names = append(names, c.Name)
		d := xml.NewDecoder(bytes.NewReader(c.SVG))
		for {
			_, err := d.Token()
			if err == io.EOF {
				break
			}
			require.NoError(t, err, c.Name)
		}
	}
	require.Equal(t, []string{"ring-ns-op", "affinity-pairs", "machine-distance"}, names)
	for _, word := range []string{"a&lt;b&gt;", "pushcore", "channel"} {
		require.Contains(t, string(charts[0].SVG), word)
	}
	require.NotContains(t, string(charts[0].SVG), "gone")
	for _, c := range palette[:3] {
		fill := fmt.Sprintf("fill:#%02X%02X%02X", c.R, c.G, c.B)
		require.Equal(t, 6+1, strings.Count(string(charts[2].SVG), fill), "a mark for each round, and the legend's")
	}
	for _, c := range charts {
		require.NotRegexp(t, "NaN|Inf", string(c.SVG), "%s has no room", c.Name)
	}
}

// TestChartsOfNoise: what has no figure in the table has no mark in the chart.
func TestChartsOfNoise(t *testing.T) {
	of := func(ours ...float64) int {
		charts, err := example(ours...).Charts()
		require.NoError(t, err)
		require.Equal(t, "ring-ns-op", charts[0].Name)
		return strings.Count(string(charts[0].SVG), "fill:#D55E00")
	}
	require.Equal(t, 2, of(4, 4, 4, 4, 4, 4), "ours and the legend's")
	require.Equal(t, 1, of(1, 2, 3, 4, 5, 6), "the legend's")
}

func anyRow(string) bool { return true }

// TestChanges: a change is called one when the rounds say so, and only then.
func TestChanges(t *testing.T) {
	slow, quick := []float64{8, 8.1, 8.2, 8.3, 8.4, 8.5}, []float64{4, 4.1, 4.2, 4.3, 4.4, 4.5}
	for _, c := range []struct {
		old, now []float64
		verdict  string
	}{
		{slow, quick, "better"},
		{quick, slow, "WORSE"},
		{slow, slow, "no change seen"},
		{slow, []float64{8.05, 8.15, 8.25, 8.35, 8.45, 8.3}, "no change seen"},
		{slow[:3], quick, "not judged"},
	} {
		changes := Compare(example(c.old...), example(c.now...), anyRow)
		require.Len(t, changes.Rows, 4, "two relations to the channel, two figures of ours")
		require.True(t, changes.Rows[0].Relative)
		for _, ch := range changes.Rows {
			require.Equal(t, c.verdict, ch.Verdict, "%+v", ch)
		}
	}
	risen := change("", "", "", quick, slow, measure.More("req/s"), false)
	require.Equal(t, "better", risen.Verdict, "a rate that has risen")

	old, now := example(slow...), example(quick...)
	old.Machine.Go, now.Machine.Go = "go1", "go2"
	old.Rows = append(old.Rows, Row{Name: "Ring/old"})
	now.Rows = append(now.Rows, Row{Name: "Ring/new"})
	var b strings.Builder
	require.NoError(t, Compare(old, now, anyRow).WriteText(&b))
	for _, want := range []string{
		"go: go1, now go2", "\nOnly in the former run: 1 row (Ring/old)\n", "\nOnly in this run: 1 row (Ring/new)\n",
		"Worse: 0 relations to peers.",
	} {
		require.Contains(t, b.String(), want)
	}
	for range 9 {
		old.Rows = append(old.Rows, Row{Name: "Ring/more"})
	}
	require.Equal(t, "Only in the former run: 10 rows", Compare(old, now, anyRow).Others()[0])
	none := func(string) bool { return false }
	require.Empty(t, Compare(old, now, none).Gone, "nobody has asked for it")
}
