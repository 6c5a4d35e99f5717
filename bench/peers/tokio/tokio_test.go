package tokio

import (
	"errors"
	"testing"

	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/stretchr/testify/require"
)

// TestTokioRefuses: a run of the peer that fails is an error that says why.
func TestTokioRefuses(t *testing.T) {
	if testing.Short() {
		t.Skip("the peer is another program, to be built first")
	}
	_, err := Run("no such benchmark", 1)(measure.Spot{}, 1)
	if errors.Is(err, measure.ErrSkip) {
		t.Skip(err)
	}
	require.ErrorContains(t, err, `unknown benchmark "no such benchmark"`)
}
