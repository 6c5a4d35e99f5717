package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestBar(t *testing.T) {
	for _, c := range []struct {
		share       float64
		full, empty string
	}{
		{0, "", "────"}, {-1, "", "────"}, {.12, "╸", "───"}, {.25, "━", "───"}, {.4, "━╸", "──"}, {.5, "━━", "──"},
		{1, "━━━━", ""}, {7, "━━━━", ""},
	} {
		full, empty := bar(c.share, 4)
		require.Equal(t, c.full, full, "%v", c.share)
		require.Equal(t, c.empty, empty, "%v", c.share)
	}
}

func TestSpark(t *testing.T) {
	require.Equal(t, "", spark([]float64{1}, 1, 0))
	require.Equal(t, "    ", spark(nil, 0, 4))
	require.Equal(t, "   █", spark([]float64{1}, 1, 4))
	// A cell is the mean of 30 looks: after 31 of them there are two.
	shares := make([]float64, 31)
	shares[30] = 1
	require.Equal(t, "  ▁█", spark(shares, 31, 4))
	require.Equal(t, "   █", spark(shares[30:], 31, 4), "what is forgotten is not shown")
}

// What is past moves to the left, and does not change.
func TestSparkIsSteady(t *testing.T) {
	var shares []float64
	var before string
	for i := range 400 {
		shares = append(shares, float64(i%7)/6)
		now := []rune(spark(shares, len(shares), 8))
		if i > 0 && i%15 == 0 { // a cell begins
			require.Equal(t, []rune(before)[1:], now[:7], "%d", i)
		} else if i > 0 {
			require.Equal(t, []rune(before)[:7], now[:7], "%d", i)
		}
		before = string(now)
	}
}

func TestShape(t *testing.T) {
	require.Equal(t, "·▅█·▁", shape([]uint64{0, 60, 100, 0, 1}))
	require.Equal(t, "··", shape([]uint64{0, 0}))
}
