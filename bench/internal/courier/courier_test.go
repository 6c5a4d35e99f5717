package courier

import (
	"testing"
	"time"

	"github.com/pushcore/pushcore/bench/internal/ages"
	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/stretchr/testify/require"
)

// TestSilent: as many messages are sent as are asked for, each after a silence.
func TestSilent(t *testing.T) {
	var sent []time.Time
	open := func(_ measure.Spot, handle func(int64)) (Courier, error) {
		send := func(v int64) {
			sent = append(sent, time.Now())
			handle(v)
		}
		return Courier{Send: send, Stop: func() error { return nil }}, nil
	}
	const silence = time.Millisecond
	sm, err := Silent(open, silence)(measure.Spot{}, 5)
	require.NoError(t, err)
	require.Equal(t, ages.P50, sm.Metrics[0].Unit)
	require.Len(t, sent, 5)
	for i := range sent[1:] {
		require.GreaterOrEqual(t, sent[i+1].Sub(sent[i]), silence)
	}
}

// TestAccount: messages that are lost or out of order are an error.
func TestAccount(t *testing.T) {
	d := &diary{times: ages.NewTimes()}
	for _, stamp := range []int64{5, 7} {
		d.handle(stamp)
	}
	_, err := d.sample(2)
	require.NoError(t, err)
	_, err = d.sample(3)
	require.ErrorContains(t, err, "2 messages of 3")
	d.handle(6)
	_, err = d.sample(3)
	require.ErrorContains(t, err, "1 of them out of order")
}
