package groups

import (
	"errors"
	"testing"
	"time"

	"github.com/pushcore/pushcore/internal/mem"
	"github.com/stretchr/testify/require"
)

// clock is one that a test moves.
type clock struct{ now int64 }

func (c *clock) read() int64 { return c.now }
func (c *clock) tick()       { c.now++ }

// TestSchedule: nothing is sent before it is due, and the due times do not move when the sender is held up: it sends
// all that is due at once.
func TestSchedule(t *testing.T) {
	c := &clock{now: 70}
	s := schedule{start: 100, gap: 2.5}
	var sent []int64
	require.NoError(t, s.run(8, c.read, c.tick, func(i uint64) error {
		require.GreaterOrEqual(t, c.now, s.due(i))
		sent = append(sent, c.now)
		if i == 2 {
			c.now += 10 // held up
		}
		return nil
	}))
	require.Equal(t, []int64{100, 102, 105, 115, 115, 115, 115, 117}, sent)
	require.Equal(t, []int64{100, 102, 105, 107, 110, 112, 115, 117}, []int64{
		s.due(0), s.due(1), s.due(2), s.due(3), s.due(4), s.due(5), s.due(6), s.due(7),
	})
	full := errors.New("full")
	require.ErrorIs(t, s.run(8, c.read, c.tick, func(i uint64) error { return full }), full)
}

// TestScheduleFar: many messages do not add up to a drift.
func TestScheduleFar(t *testing.T) {
	s := schedule{start: 1 << 50, gap: 1.0 / 3}
	require.Equal(t, int64(1<<50)+1_000_000, s.due(3_000_000))
}

// TestCorrected: a stall of the sender is in the sojourns of all messages that were due meanwhile, though each of them
// took no time once it was sent.
func TestCorrected(t *testing.T) {
	const n = 1000
	us := ticksPer(time.Microsecond)
	c := &clock{}
	d := newSojourns(n)
	d.gap = us
	require.NoError(t, d.run(n, c.read, func() { c.now += int64(us / 4) }, func(i uint64) error {
		if i == n/2 {
			c.now += int64(200 * us) // a fifth of all messages become due
		}
		d.done(i, c.now)
		return nil
	}))
	sm, err := d.sample(c.now)
	require.NoError(t, err)
	of := func(unit string) float64 {
		v, ok := sm.Of(unit)
		require.True(t, ok, unit)
		return v
	}
	require.Less(t, of(p50), 10e3)
	require.InEpsilon(t, 190e3, of(p99), 0.1, "not the time from send to done, which is none")
	require.InEpsilon(t, 200e3, of(p999), 0.1)
	require.InDelta(t, 100, of(achieved), 5)
	sm, err = d.sample(4 * int64(n*us))
	require.NoError(t, err)
	require.InDelta(t, 25, of(achieved), 1)
}

// TestSojournsAccount: what was not done, or done twice, is an error.
func TestSojournsAccount(t *testing.T) {
	d := newSojourns(2)
	d.done(0, 5)
	_, err := d.sample(1)
	require.ErrorContains(t, err, "message 1 of 2 was lost")
	d.done(1, 5)
	_, err = d.sample(1)
	require.NoError(t, err)
	d.done(0, 6)
	_, err = d.sample(1)
	require.ErrorContains(t, err, "message 0 of 2 was lost, or done twice")
}

// TestTicksPer: ticks are converted back.
func TestTicksPer(t *testing.T) {
	require.InEpsilon(t, float64(time.Second), float64(mem.TicksDuration(int64(ticksPer(time.Second)))), 1e-3)
}

// TestSpin: work is in proportion to its time, and none is none.
func TestSpin(t *testing.T) {
	require.Zero(t, spinOf(0))
	require.Positive(t, spinOf(100*time.Nanosecond))
	require.InEpsilon(t, 10*float64(spinOf(time.Microsecond)), float64(spinOf(10*time.Microsecond)), 0.05)
}
