package exec_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// Local tasks that take long leave half of the time to an inbox that has more than its Burst: where one of them takes
// longer than a burst, they run one at a time.
func TestLongTasksShareWithABackloggedInbox(t *testing.T) {
	const burst, batches, warm = 8, 100, 30
	x, err := exec.New(exec.Config{LocalBudget: 64, Burst: burst})
	require.NoError(t, err)
	ran, handled := 0, 0
	var between []int // tasks between batches
	in, err := exec.NewInbox(x, exec.InboxConfig[int]{Cap: burst * batches, Handle: func(_ *exec.Local, batch []int) int {
		handled += len(batch)
		between = append(between, ran)
		ran = 0
		return len(batch)
	}})
	require.NoError(t, err)
	require.Equal(t, burst*batches, in.TrySendBatch(make([]int, burst*batches)))
	var long exec.Func
	long = func(l *exec.Local) {
		compute(200 * time.Microsecond)
		if ran++; handled < burst*batches {
			l.Spawn(long)
		}
	}
	require.True(t, x.TrySend(long))
	startForTest(t, x)
	drain(t, x)
	require.Len(t, between, batches)
	settled := slices.Sorted(slices.Values(between[warm : batches-1]))
	require.Equal(t, 1, settled[0], "they have their share, too")
	require.LessOrEqual(t, settled[len(settled)/2], 2)
}
