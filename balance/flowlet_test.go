package balance_test

import (
	"math"
	"testing"
	"time"

	"github.com/pushcore/pushcore/balance"
	"github.com/stretchr/testify/require"
)

func TestFlowletMovesInPauses(t *testing.T) {
	v := balance.NewView(3)
	b := make1(t, balance.Flowlet(1024, 10, balance.RoundRobin()), v)
	require.False(t, b.Ordered())
	require.False(t, balance.IsSticky(b))
	require.Equal(t, balance.ReadsNow, balance.ReadsOf(b))
	require.Equal(t, balance.ReadsNow|balance.ReadsDepth, balance.ReadsOf(make1(t, balance.Flowlet(1, 1, balance.LeastLoaded()), v)))
	for _, step := range []struct {
		now  int64
		want int
	}{
		{5, 0}, {5, 0}, {15, 0}, {25, 0}, // gaps of 10: not more than 10
		{36, 1}, {46, 1}, // 11
		{1000, 2}, {1000, 2},
	} {
		v.Now = step.now
		require.Equal(t, step.want, send(b, 7, v), "at %d", step.now)
	}
	require.Equal(t, 0, send(b, 8, v), "another key asks next")
}

// A clock may have any origin, below zero as well, and a bucket that was never used is no flow.
func TestFlowletClock(t *testing.T) {
	for _, origin := range []int64{0, -5, 1, math.MinInt64 + 100, math.MaxInt64 - 100} {
		v := balance.NewView(4)
		v.Now = origin
		b := make1(t, balance.Flowlet(1024, 50, balance.RoundRobin()), v)
		for want, key := range []uint64{1, 2, 3} {
			require.Equal(t, want, send(b, key, v), "origin %d", origin)
		}
		v.Now += 50
		require.Equal(t, 0, send(b, 1, v), "origin %d", origin)
	}
}

func TestFlowletLeavesAClosedWorker(t *testing.T) {
	v := balance.NewView(3)
	b := make1(t, balance.Flowlet(1024, time.Hour, balance.KeyHash()), v)
	var homes [50]int
	for key := range homes {
		homes[key] = send(b, uint64(key), v)
	}
	v.SetOpen(1, false)
	require.NoError(t, b.Update(v))
	for key, home := range homes {
		to := send(b, uint64(key), v)
		if home != 1 {
			require.Equal(t, home, to, "others stay, wherever next would have them")
			continue
		}
		require.True(t, v.IsOpen(to))
	}
}

func TestFlowletRefusesNonsense(t *testing.T) {
	for _, gap := range []time.Duration{0, -1} {
		_, err := balance.Flowlet(1, gap, balance.KeyHash())(balance.NewView(1))
		require.ErrorContains(t, err, gap.String())
		require.ErrorContains(t, err, "more than 0")
	}
}
