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

// TestDue: a message's age counts from when it was due, whoever held it up; beside it is the age since it was sent.
func TestDue(t *testing.T) {
	d := &diary{gap: ticks(time.Microsecond), warm: 1, ages: []int64{ticks(time.Second)}}
	for i := range 100 { // a sender that was stopped for 100 us
		d.late = append(d.late, ticks(time.Duration(100-i)*time.Microsecond))
		d.ages = append(d.ages, d.late[i]+ticks(100*time.Nanosecond))
	}
	sm, err := d.sample(measure.Spot{}, 100)
	require.NoError(t, err)
	for unit, want := range map[string]float64{p50: 50e3, p99: 99e3, p99Sent: 100, rate: 1e6} {
		got, ok := sm.Of(unit)
		require.True(t, ok, unit)
		require.InEpsilon(t, want, got, 0.05, unit)
	}
	_, err = d.sample(measure.Spot{}, 99)
	require.ErrorContains(t, err, "101 messages of 100")
}

// TestLoaded: messages are sent at the pace that is asked for, and all are counted.
func TestLoaded(t *testing.T) {
	var sent int
	open := func(_ measure.Spot, handle func(int64)) (Courier, error) {
		return Courier{Send: func(v int64) { sent++; handle(v) }, Stop: func() error { return nil }}, nil
	}
	sm, err := Loaded(open, 0.5)(measure.Spot{}, 1000)
	require.NoError(t, err)
	require.Equal(t, bursts*burst+1000, sent)
	_, ok := sm.Of(rate)
	require.True(t, ok)
}

// TestAccount: messages that are lost or out of order are an error.
func TestAccount(t *testing.T) {
	d := &diary{}
	for _, stamp := range []int64{5, 7} {
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
