package neighbour

import (
	"testing"
	"time"

	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/stretchr/testify/require"
)

// TestChurn: the collector is at work while there is such a neighbour.
func TestChurn(t *testing.T) {
	b := Churn()
	before := collections()
	require.Eventually(t, func() bool { return collections() > before+1 }, 20*time.Second, time.Millisecond)
	require.NoError(t, b.Stop())
}

// TestSpin: it ends when it is told to, and says where it could not be.
func TestSpin(t *testing.T) {
	require.NoError(t, Spin(measure.Spot{}, 0).Stop())
	s := measure.Spot{CPUs: [2]int{1 << 15, 0}, Pinned: true}
	if s.WorkerCPU() == nil {
		t.Skip("threads cannot be pinned here")
	}
	require.Error(t, Spin(s, 0).Stop())
}
