package main

import (
	"testing"
	"time"

	"github.com/pushcore/pushcore/bench/internal/ages"
	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/bench/internal/measure"
)

func TestParse(t *testing.T) {
	o, err := parse([]string{"-wait", "parking", "-seconds", "3"})
	require.NoError(t, err)
	require.Equal(t, options{"parking", 3}, o)
	for _, args := range [][]string{{"-wait", "x"}, {"-seconds", "0"}, {"-seconds", "61"}, {"x"}} {
		_, err := parse(args)
		require.Error(t, err, args)
	}
}

func newWorker() *worker { return &worker{base: time.Now(), ages: ages.NewTimes()} }

// TestAges: a value is as old as it is overdue, whenever it was sent; one of a flood has no age; a value that is lost
// is an error.
func TestAges(t *testing.T) {
	w := newWorker()
	w.base = w.base.Add(-time.Second)
	w.handle(value{0, 500 * time.Millisecond})
	w.handle(value{seq: 1})
	require.NoError(t, w.err)
	require.EqualValues(t, 1, w.ages.Count())
	require.GreaterOrEqual(t, w.ages.Max(), 499e6)
	require.LessOrEqual(t, w.ages.Max(), float64(time.Since(w.base)-490*time.Millisecond))
	require.EqualValues(t, 2, w.seen.Load())
	w.handle(value{seq: 3})
	require.ErrorContains(t, w.err, "data error")
}

// TestMeasurements: both send to every kind of worker, which sees all.
func TestMeasurements(t *testing.T) {
	for _, wait := range []string{"default", "parking", "channel"} {
		w := newWorker()
		send, end, err := w.open(wait)
		require.NoError(t, err)
		var f Found
		require.NoError(t, w.latency(send, 20*time.Millisecond))
		if _, err := measure.CPUTime(false); err != nil {
			t.Skip(err)
		}
		require.NoError(t, w.throughput(send, 20*time.Millisecond, &f))
		require.NoError(t, end())
		require.NoError(t, w.err)
		require.Equal(t, w.sent, w.next)
		require.EqualValues(t, 9, w.ages.Count(), "due after 2, 4, ... 18 ms")
		require.Equal(t, w.sent, uint64(f.Items)+9)
	}
}
