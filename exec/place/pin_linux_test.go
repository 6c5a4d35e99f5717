//go:build linux && !portable

package place_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/pushcore/pushcore/exec/place"
)

func TestPin(t *testing.T) {
	allowed, err := place.Allowed()
	require.NoError(t, err)
	for _, cpu := range allowed {
		onLockedThread(func() {
			got, err := place.Pin(place.Of(cpu))
			require.NoError(t, err)
			require.Equal(t, place.Of(cpu), got)
			on, err := place.Current()
			require.NoError(t, err)
			require.Equal(t, cpu, on)
		})
	}
}

// A thread that is pinned may be pinned elsewhere, and to all again; the order of the set does not matter.
func TestPinAgain(t *testing.T) {
	all, last := two(t)
	onLockedThread(func() {
		for _, s := range []place.Set{{last}, {all[0]}, {last, all[0]}, all} {
			got, err := place.Pin(s)
			require.NoError(t, err)
			require.Equal(t, place.Of(s...), got)
		}
	})
}

func TestPinRefuses(t *testing.T) {
	allowed, err := place.Allowed()
	require.NoError(t, err)
	beyond := allowed[len(allowed)-1] + 1
	for _, tc := range []struct {
		set  place.Set
		want string
	}{
		{nil, "place: the set of cpus is empty, name at least one"},
		{place.Set{}, "place: the set of cpus is empty, name at least one"},
		{place.Of(allowed[0], beyond), place.Of(beyond).String() + " is not allowed here"},
		{place.Of(place.MaxCPU), "cpu 65535 is not allowed here"},
		{place.Of(-1), "-1 is not a cpu number"},
		{place.Of(1 << 40 >> 10), "1073741824 is not a cpu number"},
	} {
		onLockedThread(func() {
			before, err := place.OwnMask()
			require.NoError(t, err)
			got, err := place.Pin(tc.set)
			require.Nil(t, got)
			require.ErrorContains(t, err, tc.want)
			require.ErrorContains(t, err, "(allowed: "+allowed.String()+")")
			after, err := place.OwnMask()
			require.NoError(t, err)
			require.Equal(t, before, after, "nothing was changed")
		})
	}
}

func TestPinKernel(t *testing.T) {
	allowed := func() (place.Set, error) { return place.Of(0, 1, 2, 3), nil }
	grant := func(place.Set) error { return nil }
	is := func(s place.Set) func() (place.Set, error) { return func() (place.Set, error) { return s, nil } }
	fails := func(err error) func() (place.Set, error) { return func() (place.Set, error) { return nil, err } }

	got, err := place.PinOn(place.Of(1, 2), allowed, grant, is(place.Of(1, 2)))
	require.NoError(t, err)
	require.Equal(t, place.Of(1, 2), got)

	_, err = place.PinOn(place.Of(1, 2), allowed, func(place.Set) error { return unix.EPERM }, is(nil))
	require.ErrorIs(t, err, unix.EPERM)
	require.ErrorContains(t, err, "place: pinning to cpus 1-2 (allowed: 0-3): operation not permitted")

	got, err = place.PinOn(place.Of(1, 2), allowed, grant, is(place.Of(1)))
	require.EqualError(t, err, "place: pinning to cpus 1-2: the kernel granted 1")
	require.Equal(t, place.Of(1), got, "the error does not hide what holds now")

	_, err = place.PinOn(place.Of(1), allowed, grant, fails(unix.ENOSYS))
	require.ErrorIs(t, err, unix.ENOSYS)
	_, err = place.PinOn(place.Of(1), fails(unix.ENOSYS), grant, is(nil))
	require.ErrorIs(t, err, unix.ENOSYS)
}
