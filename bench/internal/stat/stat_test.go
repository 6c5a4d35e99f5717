package stat

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestQuartiles(t *testing.T) {
	require.Equal(t, [3]float64{2, 3, 4}, Quartiles([]float64{5, 1, 4, 2, 3}))
	require.Equal(t, [3]float64{7, 7, 7}, Quartiles([]float64{7}))
	require.Equal(t, [3]float64{1.75, 2.5, 3.25}, Quartiles([]float64{1, 2, 3, 4}))
	require.Equal(t, 3.0, Median([]float64{5, 1, 4, 2, 3}))
}

func TestFigure(t *testing.T) {
	for v, want := range map[float64]string{0.1234: "0.12", 9.876: "9.88", 12.34: "12.3", 123.4: "123", 98765.4: "98765", -12.34: "-12.3"} {
		require.Equal(t, want, Figure(v))
	}
}

func TestJudge(t *testing.T) {
	for _, c := range []struct {
		name    string
		vs      []float64
		limit   float64
		atLeast bool
		any     bool
		want    Verdict
	}{
		{"below", []float64{0.8, 0.8, 0.9, 0.8, 0.8}, 1, false, false, Met},
		{"just", []float64{1, 1, 1, 1, 1}, 1, false, false, Met},
		{"above", []float64{1.1, 1.1, 1.1, 1.1, 1.1}, 1, false, false, Missed},
		{"at least", []float64{1.1, 1.1, 1.1, 1.1, 1.1}, 1, true, false, Met},
		{"not even", []float64{0.8, 0.8, 0.9, 0.8, 0.8}, 1, true, false, Missed},
		{"wide", []float64{0.5, 0.7, 1.1, 1.3, 1.5}, 1, false, false, Noisy},
		{"near, and narrow", []float64{0.98, 0.99, 0.99, 1.01, 1.01}, 1, false, false, Met},
		{"few", []float64{0.5, 0.5, 0.5, 0.5}, 1, false, false, Few},
		{"few that suffice", []float64{0.5}, 1, false, true, Met},
		{"none", nil, 1, false, true, Few},
	} {
		_, got := Judge(c.vs, c.limit, c.atLeast, c.any)
		require.Equal(t, c.want, got, c.name)
	}
}
