//go:build !linux || portable

package exec_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/place"
)

// Where threads cannot be pinned, Start says so; with BestEffort the Exec runs.
func TestPinningIsUnsupported(t *testing.T) {
	x, err := exec.New(exec.Config{Name: "it", CPUs: place.Of(0)})
	require.NoError(t, err)
	err = x.Start()
	require.ErrorIs(t, err, errors.ErrUnsupported)
	require.Equal(t, err, x.Wait())
	var log logbook
	y := begin(t, exec.Config{CPUs: place.Of(0), BestEffort: true, Logger: log.logger()})
	onLoop(t, y, func(*exec.Local) {})
	require.Len(t, log.with("exec: running unpinned"), 1)
}
