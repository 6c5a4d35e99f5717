package cli

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec/place"
)

// TestTwoCPUs: who does not care gets the better one as the second.
func TestTwoCPUs(t *testing.T) {
	best, err := place.Choose(2)
	if err != nil {
		t.Skip(err)
	}
	two, err := TwoCPUs("")
	require.NoError(t, err)
	require.Equal(t, [2]int{best[1], best[0]}, two)

	low, high := min(best[0], best[1]), max(best[0], best[1])
	two, err = TwoCPUs(fmt.Sprintf("%d,%d", low, high))
	require.NoError(t, err)
	require.Equal(t, [2]int{low, high}, two)
	two, err = TwoCPUs(fmt.Sprintf("%d,%d", high, low))
	require.NoError(t, err)
	require.Equal(t, [2]int{high, low}, two, "the order says which one is the second")
	two, err = TwoCPUs(fmt.Sprintf("%d-%d", low, low+1))
	if err == nil { // both may be allowed
		require.Equal(t, [2]int{low, low + 1}, two)
	}
}
