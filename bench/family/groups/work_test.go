package groups

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestSpin: work is in proportion to its time, and none is none.
func TestSpin(t *testing.T) {
	require.Zero(t, spinOf(0))
	require.Positive(t, spinOf(100*time.Nanosecond))
	require.InEpsilon(t, 10*float64(spinOf(time.Microsecond)), float64(spinOf(10*time.Microsecond)), 0.05)
}
