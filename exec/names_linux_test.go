package exec_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// The system shows the thread by the Exec's name, shortened in the middle, and says what it does.
func TestThreads(t *testing.T) {
	for name, want := range map[string]string{"packets/1": "packets/1", "a-very-long-name/12": "a-very-lo~me/12"} {
		x := begin(t, exec.Config{Name: name})
		s := x.Snapshot().Thread
		require.NotZero(t, s.ID)
		text, err := os.ReadFile(fmt.Sprintf("/proc/self/task/%d/comm", s.ID))
		require.NoError(t, err)
		require.Equal(t, want, strings.TrimSpace(string(text)))
		if s.Running == 0 {
			t.Skip("this kernel does not tell how long threads run")
		}
		onLoop(t, x, func(*exec.Local) { compute(20 * time.Millisecond) })
		after := x.Snapshot().Thread
		require.Greater(t, after.Running, s.Running)
		require.GreaterOrEqual(t, after.Waiting, s.Waiting)
		onLoop(t, x, func(*exec.Local) { time.Sleep(time.Millisecond) })
		require.Greater(t, x.Snapshot().Thread.Voluntary, s.Voluntary)
	}
}
