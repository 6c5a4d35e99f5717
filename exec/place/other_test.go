//go:build !linux || portable

package place_test

import (
	"errors"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec/place"
)

func TestUnsupported(t *testing.T) {
	_, err := place.Pin(place.Of(0))
	require.ErrorIs(t, err, errors.ErrUnsupported)
	require.ErrorContains(t, err, "place: pinning to cpus 0: unsupported operation")
	_, err = place.Pin(nil)
	require.ErrorIs(t, err, errors.ErrUnsupported, "a program that runs unpinned here need not look at its set")
	_, err = place.Current()
	require.ErrorIs(t, err, errors.ErrUnsupported)
	_, limited := place.Quota()
	require.False(t, limited)
}

func TestFlat(t *testing.T) {
	allowed, err := place.Allowed()
	require.NoError(t, err)
	require.Len(t, allowed, runtime.NumCPU())
	require.Equal(t, 0, allowed[0])
	require.Equal(t, len(allowed)-1, allowed[len(allowed)-1])
	cpus, err := place.Topology()
	require.NoError(t, err)
	require.Equal(t, place.Flat(allowed), cpus)
}
