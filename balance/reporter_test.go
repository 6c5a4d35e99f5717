package balance_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/balance"
)

// counts returns what b has counted.
func counts(t *testing.T, b balance.Balancer) map[string]uint64 {
	t.Helper()
	r, ok := b.(balance.Reporter)
	require.True(t, ok, "%T", b)
	got := map[string]uint64{}
	r.Report(func(decision string, n uint64) { got[decision] += n })
	return got
}

func TestReporters(t *testing.T) {
	v := balance.NewView(2)
	b := make1(t, balance.Fallback(balance.BoundedDepth(1, balance.KeyHash()), balance.RoundRobin()), v)
	for range 3 {
		send(b, 42, v)
	}
	require.Equal(t, map[string]uint64{"second_choice": 2}, counts(t, b))

	v = balance.NewView(2)
	b = make1(t, balance.JoinIdle(balance.BoundedDepth(1, balance.RoundRobin())), v)
	for range 5 {
		send(b, 0, v)
	}
	got := counts(t, b)
	require.EqualValues(t, 3, got["none_idle"], "two were idle")
	require.EqualValues(t, 3, got["too_deep"], "a wrapper passes on what is counted below it")

	v = balance.NewView(2)
	b = make1(t, balance.BoundedLoad(0.25), v)
	for range 10 {
		send(b, 42, v)
	}
	require.EqualValues(t, 3, counts(t, b)["not_at_home"], "what is beyond 5/4 of the mean")

	v = balance.NewView(3)
	b = make1(t, balance.StickySpill(1, 4, 2, balance.KeyHash()), v)
	for range 6 {
		send(b, 42, v)
	}
	require.EqualValues(t, 1, counts(t, b)["spilled"])

	v = balance.NewView(2)
	b = make1(t, balance.StickyInFlight(1, balance.RoundRobin()), v)
	for i := range 4 {
		w := send(b, 42, v)
		if i%2 == 1 {
			v.Taken[w] = v.Sent[w] // quiet: the next one may go elsewhere
		}
	}
	require.EqualValues(t, 1, counts(t, b)["moved"])

	v = balance.NewView(2)
	b = make1(t, balance.Flowlet(1, time.Microsecond, balance.RoundRobin()), v)
	for range 3 {
		send(b, 42, v)
		v.Now += int64(time.Second)
	}
	require.EqualValues(t, 2, counts(t, b)["moved"])
}
