package groups

import (
	"testing"
	"time"

	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/group"
	"github.com/stretchr/testify/require"
)

// TestRows: every row says what it does, and the standard set stays small.
func TestRows(t *testing.T) {
	standard := 0
	for _, r := range Family().Rows {
		require.NotEmpty(t, r.Does, r.Name)
		if !r.Full {
			standard++
		}
	}
	require.LessOrEqual(t, standard, 14)
}

// TestGap: the load is a share of what all workers can do.
func TestGap(t *testing.T) {
	require.InDelta(t, 625, timed{team{workers: 2, work: time.Microsecond}, 80}.gap(), 1e-9)
	require.InDelta(t, 20_000, timed{team{workers: 1, work: 10 * time.Microsecond}, 50}.gap(), 1e-9)
	r := timed{team{workers: 2, producers: 1, work: time.Microsecond}, 50}.row("Group/work=1us", "")
	require.Equal(t, int(scheduleTime/time.Microsecond), r.Amount)
}

// TestSmallAmounts: any amount of work will do, and every figure of a sample is one.
func TestSmallAmounts(t *testing.T) {

	for name, f := range map[string]run{
		"work":     team{workers: 2, producers: 1}.workGroup,
		"values":   team{workers: 2, producers: 4}.group(staged),
		"batches":  team{workers: 2, producers: 2}.batches(),
		"sojourns": timed{team{workers: 2, producers: 1, work: time.Microsecond}, 50}.ours,
		"aged":     team{workers: 2, producers: 3}.aged(80, 32, staged),
		"forward":  forwardingAged(group.Spill(outbox), 80),
	} {
		for _, n := range []int{1, 33, 768} {
			sm, err := f(measure.Spot{}, n)
			require.NoError(t, err, "%s of %d", name, n)
			for _, m := range sm.Metrics {
				require.Positive(t, m.Value, "%s: %s", name, m.Unit)
			}
		}
	}
}
