package rings

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/bench/internal/measure"
)

// TestBare: batches of any length get through, and the last may be shorter.
func TestBare(t *testing.T) {
	for _, batch := range []int{1, 8, 32} {
		for _, n := range []int{1, 512, 1003} {
			got, err := spscBare(batch)(measure.Spot{CPUs: [2]int{0, 1}}, n)
			require.NoError(t, err, "batch %d, n %d", batch, n)
			require.EqualValues(t, n, got.Items)
		}
	}
}

// TestEndsLedger: what is wrong at the ends of a batch is found, and what is lost or doubled moves those.
func TestEndsLedger(t *testing.T) {
	for name, c := range map[string]struct {
		batches [][]small
		right   bool
	}{
		"complete":          {[][]small{{{0}, {1}}, {{2}, {9}, {4}}, {{5}}}, true}, // nobody looks at the 9
		"lost":              {[][]small{{{0}, {1}}, {{2}, {4}}, {{5}}}, false},
		"the last lost":     {[][]small{{{0}, {1}}, {{2}, {3}, {4}}, {}}, false},
		"lost before it":    {[][]small{{{0}, {1}}, {{2}, {3}, {4}}}, false},
		"doubled":           {[][]small{{{0}, {1}}, {{2}, {3}, {3}, {4}}, {{5}}}, false},
		"first changed":     {[][]small{{{0}, {1}}, {{9}, {3}, {4}}, {{5}}}, false},
		"last changed":      {[][]small{{{0}, {1}}, {{2}, {3}, {9}}, {{5}}}, false},
		"one batch for one": {[][]small{{{2}, {3}}, {{0}, {1}, {4}}, {{5}}}, false},
	} {
		var l endsLedger
		for _, vs := range c.batches {
			l.see(vs)
		}
		if err := l.err(6); c.right {
			require.NoError(t, err, name)
		} else {
			require.ErrorContains(t, err, "data error", name)
		}
	}
}
