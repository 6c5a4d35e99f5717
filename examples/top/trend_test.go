package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group/debug"
)

func at(pid int, second int, stalls uint64) debug.Report {
	m := member(0, "g/0", uint64(second), time.Duration(second)*500*time.Millisecond)
	m.Exec.Stalls = stalls
	return report(pid, time.Duration(second)*time.Second, m)
}

func TestTrend(t *testing.T) {
	var tr tracker
	require.Empty(t, tr.add(at(1, 1, 0)).rows[0].trend.busy)
	s := tr.add(at(1, 2, 0))
	require.Equal(t, []float64{.5}, s.rows[0].trend.busy)
	for i := 3; i < 600; i++ {
		last := s.rows[0].trend
		was := append([]float64{}, last.busy...)
		s = tr.add(at(1, i, 0))
		require.Equal(t, was, last.busy, "what is shown stays as it is")
	}
	require.Len(t, s.rows[0].trend.busy, 2*trendLength)
	require.Equal(t, 598, s.rows[0].trend.total)
	require.Empty(t, tr.add(at(2, 600, 0)).rows[0].trend.busy, "another process")
	require.Len(t, tr.add(at(2, 601, 0)).rows[0].trend.busy, 1)
	require.Empty(t, tr.add(at(2, 5, 0)).rows[0].trend.busy, "it began anew")
}

func TestStallsAreNewsForSomeTime(t *testing.T) {
	var tr tracker
	lately := func(second int, stalls uint64) bool {
		r := at(1, second, stalls)
		r.Groups[0].Members[0].Exec.LastStall = &exec.Stall{For: time.Second, Thread: "sleeping"}
		s := tr.add(r)
		return s.rows[0].stalledLately(s.Time)
	}
	require.False(t, lately(1, 5), "it is not known when")
	require.False(t, lately(2, 5))
	require.True(t, lately(3, 6))
	require.True(t, lately(12, 6))
	require.False(t, lately(13, 6))
}
