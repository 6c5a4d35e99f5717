package exec

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// Each power of two is at the level of its digit, and comes out in its turn.
func TestWheelLevels(t *testing.T) {
	w := &wheel{}
	nodes := make([]timerNode, 64)
	for b := range nodes {
		w.add(&nodes[b], 1<<b)
		require.EqualValues(t, b/wheelBits*wheelSlots+1<<(b%wheelBits), nodes[b].at, "2^%d", b)
	}
	require.EqualValues(t, 1<<wheelLevels-1, w.levels)
	sound(t, w)
	for b := range nodes {
		require.Equal(t, uint64(1)<<b, w.next())
		moves := math.MaxInt
		require.Nil(t, w.due(1<<b-1, &moves), "early")
		require.Same(t, &nodes[b], w.due(1<<b, &moves))
		w.remove(&nodes[b])
		sound(t, w)
	}
	require.Zero(t, w.levels)
}

// A node moves down ten times in its life and no more, even if cur stops at every
// level of its way.
func TestWheelMovesANodeTenTimes(t *testing.T) {
	w := &wheel{}
	var late timerNode
	const when = 1<<60 | 1<<54 | 1<<48 | 1<<42 | 1<<36 | 1<<30 | 1<<24 | 1<<18 | 1<<12 | 1<<6 | 1
	w.add(&late, when)
	for b := 60; b > 0; b -= wheelBits {
		w.add(&timerNode{}, when>>b<<b)
	}
	moved, at := 0, late.at
	for {
		moves := 1
		n := w.due(when, &moves)
		if late.at != at {
			moved, at = moved+1, late.at
		}
		if n == &late {
			break
		}
		if n != nil {
			w.remove(n)
		}
		sound(t, w)
	}
	require.Equal(t, 10, moved)
	require.Equal(t, 1, w.n)
}

// While nothing is due cur goes with the time, as far as it can: what is then due
// soon starts at a low level.
func TestWheelKeepsUpWithTime(t *testing.T) {
	w := &wheel{}
	var far, near timerNode
	w.add(&far, 5<<36)
	moves := 0
	require.Nil(t, w.due(4<<36+100, &moves))
	require.Equal(t, uint64(4<<36+100), w.cur)
	w.add(&near, w.cur+1)
	require.EqualValues(t, 1, w.levels&1)
	sound(t, w)
	w.remove(&near)
	w.remove(&far)
	w.add(&far, 5<<36+10)
	require.Nil(t, w.due(5<<36+5, &moves), "in the range of the slot, where it must not go")
	require.Equal(t, uint64(4<<36+100), w.cur)
	w.remove(&far)
	w.reset(9 << 36)
	w.add(&near, 9<<36+1)
	require.EqualValues(t, 1, w.levels)
}
