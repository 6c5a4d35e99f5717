package ages

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/internal/mem"
	"github.com/stretchr/testify/require"
)

// unitsOf lists the units of metrics in turn.
func unitsOf(ms []measure.Metric) (units []string) {
	for _, m := range ms {
		units = append(units, m.Unit)
	}
	return units
}

// TestFew: a percentile is named only where enough times lie beyond it.
func TestFew(t *testing.T) {
	times := NewTimes()
	for i := range Least - 1 {
		times.Add(time.Duration(i+1) * time.Microsecond)
	}
	require.Equal(t, []string{P50, Max}, unitsOf(times.Metrics()))
	times.Add(5 * time.Millisecond)
	require.Equal(t, []string{P50, P99}, unitsOf(times.Metrics()))
	require.InEpsilon(t, 512e3, times.Metrics()[0].Value, 0.01)
	require.InEpsilon(t, 1014e3, times.Metrics()[1].Value, 0.01)
	require.Empty(t, times.Tail())
	for range leastTop - Least {
		times.Add(time.Microsecond)
	}
	require.Equal(t, []string{P999}, unitsOf(times.Tail()))
}

// TestLimits: what is out of range counts at its end, and what no clock explains is an error.
func TestLimits(t *testing.T) {
	times := NewTimes()
	times.Add(-5 * time.Nanosecond)
	times.Add(time.Hour)
	require.NoError(t, times.Err())
	require.InDelta(t, 1, times.Quantile(30), 0)
	require.InEpsilon(t, float64(longest), times.Max(), 0.01)
	times.Add(-time.Millisecond)
	require.ErrorContains(t, times.Err(), "1 of 3")
}

// TestDue: an item's age counts from when it was due, whoever held it up.
func TestDue(t *testing.T) {
	s := newSchedule(100, 1, 1000)
	s.start.Store(mem.Ticks())
	for i := range 100 { // a sender that was stopped until the last one was due
		s.Done(0, i, s.due(99)+10)
	}
	s.ended.Store(s.due(199))
	times, err := s.Times()
	require.NoError(t, err)
	us := float64(mem.TicksDuration(1_000_000)) / 1000
	require.InEpsilon(t, 50*us, times.Quantile(50), 0.05)
	require.InEpsilon(t, 99*us, times.Max(), 0.05)
	sm, err := s.Sample()
	require.NoError(t, err)
	achieved, ok := sm.Of(Achieved)
	require.True(t, ok)
	require.InEpsilon(t, 50, achieved, 0.02)
}

// TestAccount: items that are lost or doubled are an error.
func TestAccount(t *testing.T) {
	s := newSchedule(3, 1, 1)
	s.start.Store(1)
	s.Done(0, 0, 1) // done when it was due, which is not the same as not done
	s.Done(0, 2, 9)
	s.Done(0, 3, 9) // there is none
	_, err := s.Times()
	require.ErrorContains(t, err, "item 1 of 3")
	s.Done(0, 1, 9)
	_, err = s.Times()
	require.NoError(t, err)
	s.Done(0, 2, 9)
	_, err = s.Times()
	require.ErrorContains(t, err, "item 2 of 3")
}

// TestFork: an item is as old as it gets with the last of its consumers, each of which must have it.
func TestFork(t *testing.T) {
	s := newSchedule(2, 1, 1)
	fork := s.Fork()
	s.Begin()
	for i, late := range []int64{1_000_000, 0} {
		s.Done(0, i, s.due(i)+late)
	}
	fork.Done(0, 0, s.due(0))
	_, err := s.Times()
	require.ErrorContains(t, err, "item 1 of 2")
	fork.Done(0, 1, s.due(1)+2_000_000)
	times, err := s.Times()
	require.NoError(t, err)
	require.InEpsilon(t, float64(mem.TicksDuration(1_000_000)), times.Quantile(50), 0.01)
	require.InEpsilon(t, float64(mem.TicksDuration(2_000_000)), times.Max(), 0.01)
}

// TestSend: every producer sends its share, in turn, in batches that are as large as what is due, and nothing too
// early.
func TestSend(t *testing.T) {
	const producers, batch = 3, 8
	for _, gap := range []float64{0, 50, 5000} {
		s := newSchedule(1000, producers, gap)
		var wg sync.WaitGroup
		total := 0
		for p := range producers {
			total += s.Share()
			wg.Go(func() {
				next := 0
				err := s.Send(p, batch, func() { measure.GiveWay(false) }, func(from, to int) error {
					now := mem.Ticks()
					if from != next || to <= from || to-from > batch || now+1 < s.due((to-1)*producers+p) {
						t.Errorf("producer %d, gap %v: %d to %d at %d", p, gap, from, to, now-s.start.Load())
					}
					next = to
					return nil
				})
				if err != nil || next != s.Share() {
					t.Errorf("producer %d sent %d of %d: %v", p, next, s.Share(), err)
				}
			})
		}
		wg.Wait()
		require.Equal(t, s.Len(), total)
	}
	broken := errors.New("broken")
	require.ErrorIs(t, newSchedule(5, 1, 0).Send(0, 1, nil, func(int, int) error { return broken }), broken)
}

// TestLoad: a share of the pace is what is asked for, and all items but the first few count.
func TestLoad(t *testing.T) {
	for _, n := range []int{1, 2, 2000, Amount} {
		sm, err := Load(n, 2, 50, func(s *Schedule) error {
			for p := range 2 {
				if err := s.Send(p, 4, nil, func(from, to int) error {
					for i := from; i < to; i++ {
						s.Done(p, i, mem.Ticks())
					}
					return nil
				}); err != nil {
					return err
				}
			}
			s.End()
			return nil
		})
		require.NoError(t, err)
		if n < Amount {
			require.InDelta(t, max(n, 2), sm.Items, 1)
		} else {
			require.GreaterOrEqual(t, sm.Items, float64(Least))
		}
		for _, m := range sm.Metrics {
			require.Positive(t, m.Value, m.Unit)
		}
	}
}
