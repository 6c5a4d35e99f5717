package place_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec/place"
)

func TestOf(t *testing.T) {
	given := []int{5, 1, 3, 1, 2}
	require.Equal(t, place.Set{1, 2, 3, 5}, place.Of(given...))
	require.Equal(t, []int{5, 1, 3, 1, 2}, given, "Of must not sort its argument")
	require.Empty(t, place.Of())
}

func TestString(t *testing.T) {
	for _, tc := range []struct {
		set  place.Set
		want string
	}{
		{nil, ""},
		{place.Set{}, ""},
		{place.Set{0}, "0"},
		{place.Set{0, 1}, "0-1"},
		{place.Set{1, 2, 3, 5}, "1-3,5"},
		{place.Set{0, 2, 4}, "0,2,4"},
		{place.Set{3, 1, 2, 2}, "1-3"}, // in order of preference, and repeated
		{place.Set{0, 65534, 65535}, "0,65534-65535"},
	} {
		require.Equal(t, tc.want, tc.set.String())
	}
	preferred := place.Set{3, 1}
	_ = preferred.String()
	require.Equal(t, place.Set{3, 1}, preferred, "String must not sort its receiver")
}

func TestContains(t *testing.T) {
	s := place.Set{5, 1, 3}
	require.True(t, s.Contains(1))
	require.True(t, s.Contains(5))
	require.False(t, s.Contains(2))
	require.False(t, place.Set(nil).Contains(0))
}
