package exec

import (
	"fmt"
	"math/bits"
	"testing"

	"github.com/stretchr/testify/require"
)

// Equal deadlines leave in the order in which they came, from whichever level
// they have come down, also when some come while the others move.
func TestWheelKeepsTheOrderOfEqualDeadlines(t *testing.T) {
	for k := range wheelLevels {
		for budget := range 5 {
			t.Run(fmt.Sprintf("level %d, %d at a time", k, budget+1), func(t *testing.T) {
				w := &wheel{}
				var when uint64
				for range k + 1 { // a one in each digit
					when = when<<wheelBits | 1
				}
				nodes := make([]timerNode, 20)
				for i := range 10 {
					w.add(&nodes[i], when)
				}
				require.Equal(t, 1<<k, int(w.levels))
				for i, armed := 0, 10; i < len(nodes); {
					moves := budget + 1
					n := w.due(when, &moves)
					if armed < len(nodes) {
						w.add(&nodes[armed], when)
						armed++
					}
					if n != nil {
						require.Same(t, &nodes[i], n, "%d", i)
						w.remove(n)
						i++
					}
					sound(t, w)
				}
			})
		}
	}
}

// When what is next has been removed, a wheel may give the time of it as that of
// the next, and corrects itself at that time.
func TestWheelLowerBound(t *testing.T) {
	w := &wheel{}
	var gone, stays timerNode
	const base = 5 << 30
	w.add(&gone, base)
	w.add(&stays, base+1<<29)
	w.remove(&gone)
	looks := 0
	for moves := 1000; ; looks++ {
		next := w.next()
		require.LessOrEqual(t, next, stays.when)
		if n := w.due(next, &moves); n != nil {
			require.Same(t, &stays, n)
			require.Equal(t, next, stays.when)
			break
		}
		require.Greater(t, w.next(), next, "it would look for ever")
	}
	require.Equal(t, 1, looks)
}

// Stopping everything leaves an empty wheel, also in the middle of a cascade.
func TestWheelEmptiedWhileItCascades(t *testing.T) {
	for stay := range 2 {
		w := &wheel{}
		nodes := make([]timerNode, 20)
		for i := range nodes {
			w.add(&nodes[i], 1<<20+uint64(i))
		}
		moves := 7
		require.Nil(t, w.due(1<<21, &moves))
		require.Positive(t, w.floor)
		require.EqualValues(t, 1<<20, w.next())
		for i := range nodes[stay:] {
			w.remove(&nodes[stay+i])
			sound(t, w)
		}
		moves = 0
		require.Equal(t, stay > 0, w.due(1<<21, &moves) != nil)
		require.Equal(t, stay, bits.OnesCount32(w.levels))
		var n timerNode
		w.add(&n, 1<<20)
		sound(t, w)
		for range nodes[:stay] {
			w.remove(&nodes[0])
		}
		moves = 1
		require.Same(t, &n, w.due(1<<20, &moves))
		sound(t, w)
		w.floor = 3 // as a cascade leaves it whose nodes were all removed
		w.remove(&n)
		w.reset(1 << 20)
		w.add(&n, 1<<20)
		require.EqualValues(t, 1, w.levels)
	}
}
