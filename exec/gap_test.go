package exec

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// stream plays turns against a sender and returns the gap that the search settles
// on. itemsAfter says how many items a turn finds after pausing so long.
func stream(itemsAfter func(pauses int) float64) int {
	const turnTicks, pauseTicks = 100, 27
	var g gapSearch
	now, owed := int64(1), 0.0
	for range 40 * window * patience {
		now += turnTicks + int64(g.pauses)*pauseTicks
		owed += itemsAfter(g.pauses)
		n := int(owed)
		owed -= float64(n)
		g.note(max(n, 1), now)
	}
	return g.settled
}

func TestGapStaysShortForPacedTraffic(t *testing.T) {
	// One item per 100 ticks, however long the loop pauses.
	require.LessOrEqual(t, stream(func(p int) float64 { return float64(100+27*p) / 100 }), 1)
}

func TestGapGrowsWhereItLetsTheSenderGoFaster(t *testing.T) {
	// Each poll costs the sender 80 ticks; the rest of the time it sends every 8.
	require.GreaterOrEqual(t, stream(func(p int) float64 { return float64(20+27*p) / 8 }), 15)
}

func TestGapShrinksAgain(t *testing.T) {
	var g gapSearch
	g.pauses, g.settled, g.rate = maxPauses, maxPauses, 0.01
	now := int64(1)
	for range 40 * window * patience {
		step := int64(100 + 27*g.pauses)
		now += step
		g.note(int(step/100), now)
	}
	require.LessOrEqual(t, g.settled, 8)
}
