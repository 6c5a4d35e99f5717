package exec_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// What long tasks have cost short ones of their budget comes back, although an inbox keeps every turn long.
func TestBudgetComesBack(t *testing.T) {
	const burst, batches, long = 8, 200, 40
	x, err := exec.New(exec.Config{LocalBudget: 64, Burst: burst})
	require.NoError(t, err)
	ran, handled, most := 0, 0, 0
	in, err := exec.NewInbox(x, exec.InboxConfig[int]{Cap: burst * batches, Handle: func(_ *exec.Local, batch []int) int {
		compute(200 * time.Microsecond)
		handled += len(batch)
		most = max(most, ran) // tasks since the last batch
		ran = 0
		return len(batch)
	}})
	require.NoError(t, err)
	require.Equal(t, burst*batches, in.TrySendBatch(make([]int, burst*batches)))
	var task exec.Func
	task = func(l *exec.Local) {
		if handled < burst*long {
			compute(2 * time.Millisecond)
			most = 0
		}
		if ran++; handled < burst*batches {
			l.Spawn(task)
		}
	}
	for range 64 {
		require.True(t, x.TrySend(task))
	}
	startForTest(t, x)
	drain(t, x)
	require.GreaterOrEqual(t, most, 4)
}
