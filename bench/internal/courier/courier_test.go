package courier

import (
	"testing"
	"time"

	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/internal/mem"
	"github.com/stretchr/testify/require"
)

// ticks is a duration in ticks.
func ticks(d time.Duration) int64 {
	const unit = 1 << 30
	return int64(float64(d) * unit / float64(mem.TicksDuration(unit)))
}

// TestCorrected: a message that took long stands for those that were due meanwhile and that nobody sent.
func TestCorrected(t *testing.T) {
	d := &diary{due: ticks(time.Microsecond)}
	for range 99 {
		d.ages = append(d.ages, ticks(100*time.Nanosecond))
	}
	d.ages = append(d.ages, ticks(100*time.Microsecond)) // some 99 more were due
	sm, err := d.sample(measure.Spot{}, 100)
	require.NoError(t, err)
	high, ok := sm.Of(p99Due)
	require.True(t, ok)
	require.InEpsilon(t, 98e3, high, 0.05)
	high, _ = sm.Of(p99)
	require.InEpsilon(t, 100, high, 0.05, "of those that were sent")
	d.due = 0 // messages that are only sent when there is time to
	sm, err = d.sample(measure.Spot{}, 100)
	require.NoError(t, err)
	_, ok = sm.Of(p99Due)
	require.False(t, ok)
}

// TestAccount: messages that are lost or out of order are an error.
func TestAccount(t *testing.T) {
	d := &diary{}
	for _, stamp := range []int64{5, -1, 7} {
		d.handle(stamp)
	}
	_, err := d.sample(measure.Spot{}, 2)
	require.NoError(t, err)
	_, err = d.sample(measure.Spot{}, 3)
	require.ErrorContains(t, err, "2 messages of 3")
	d.handle(6)
	_, err = d.sample(measure.Spot{}, 3)
	require.ErrorContains(t, err, "1 of them out of order")
}
