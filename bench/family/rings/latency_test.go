package rings

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/bench/internal/queue"
)

// agedShapes are of each kind: singly, by batches, several producers, one thread.
var agedShapes = []queue.Shape{
	{Producers: 1, Batch: 1, Load: 80}, {Producers: 1, Batch: 8, Load: 10}, {Producers: 3, Batch: 8, Load: 80},
	{Producers: 1, Batch: 8, OneCore: true, Load: 80},
}

// TestAged: every element has an age, those of queues that block and of elements made in place, too; what a queue does
// wrong is an error.
func TestAged(t *testing.T) {
	at := measure.Spot{CPUs: [2]int{0, 1}}
	for _, s := range agedShapes {
		for name, open := range map[string]opener[middle]{
			"mpsc": mpsc[middle], "channel": channel[middle], "mutex-swap": mutexSwap[middle], "umpsc": xsyncUMPSC[middle],
		} {
			sm, err := work(s, open, values[middle])(at, 1000)
			require.NoError(t, err, "%s: %v", name, s)
			require.GreaterOrEqual(t, sm.Items, 1000.0, "%s: %v", name, s)
		}
		bad := func(s queue.Shape) ends[middle] {
			q, harmed := mpsc[middle](s), false
			pop, both := q.pop, q.both
			harm := func(vs []middle) {
				if !harmed && len(vs) > 0 {
					harmed = true
					vs[0][1]++
				}
			}
			q.pop = func(dst []middle) []middle {
				vs := pop(dst)
				harm(vs)
				return vs
			}
			q.both = func(src, dst []middle) int {
				n := both(src, dst)
				harm(dst[:n])
				return n
			}
			return q
		}
		_, err := work(s, bad, values[middle])(at, 1000)
		require.ErrorContains(t, err, "data error", "%v", s)
	}
	staged := queue.Shape{Producers: 1, Batch: 8, Staged: true, Load: 80}
	_, err := work(staged, spscReserve[middle], values[middle])(at, 1000)
	require.NoError(t, err)
}

// TestAbsent: a peer that knows no batches is in the rows about these, with the reason.
func TestAbsent(t *testing.T) {
	for _, kind := range []string{"spsc", "mpsc"} {
		for _, s := range shapes(kind) {
			here := map[string]bool{}
			for _, im := range row(kind, s).Impls {
				here[im.Name] = true
			}
			if s.Bare {
				require.True(t, here["pushcore"] && here["rte_ring"] && here["ck_ring"], "%s %v", kind, s)
				continue
			}
			require.True(t, here["xsync-mpmc"] && here["workiva"] && here["crossbeam"], "%s %v", kind, s)
			for _, im := range absent(kind, s, nil) {
				_, err := im.Run(measure.Spot{}, 1)
				require.ErrorIs(t, err, measure.ErrSkip)
			}
		}
	}
}
