package place_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec/place"
)

func TestTopologyHere(t *testing.T) {
	cpus, err := place.Topology()
	require.NoError(t, err)
	var ids place.Set
	for _, c := range cpus {
		ids = append(ids, c.ID)
		require.True(t, c.SMT.Contains(c.ID), "%+v", c)
		require.True(t, c.L2 == nil || c.L2.Contains(c.ID), "%+v", c)
		require.True(t, c.L3 == nil || c.L3.Contains(c.ID), "%+v", c)
		require.True(t, c.Core >= 0 && c.Core < len(cpus), "%+v", c)
	}
	require.True(t, slices.IsSorted(ids))
	allowed, err := place.Allowed()
	require.NoError(t, err)
	for _, cpu := range allowed {
		require.True(t, ids.Contains(cpu), "cpu %d is allowed but not described", cpu)
	}
}

func TestKindString(t *testing.T) {
	require.Equal(t, "uniform", place.Uniform.String())
	require.Equal(t, "performance", place.Performance.String())
	require.Equal(t, "efficiency", place.Efficiency.String())
}
