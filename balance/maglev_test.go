package balance_test

import (
	"fmt"
	"testing"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/balance/balancetest"
	"github.com/stretchr/testify/require"
)

// Table 1 of Eisenbud et al., NSDI 2016: three backends, their permutations of seven places, and the table before and
// after B1 goes.
func TestMaglevPaper(t *testing.T) {
	b0, b1, b2 := balance.MaglevWalk{Offset: 3, Skip: 4}, balance.MaglevWalk{Offset: 0, Skip: 2}, balance.MaglevWalk{Offset: 3, Skip: 1}
	require.Equal(t, []int{3, 0, 4, 1, 5, 2, 6}, b0.Permutation(7))
	require.Equal(t, []int{0, 2, 4, 6, 1, 3, 5}, b1.Permutation(7))
	require.Equal(t, []int{3, 4, 5, 6, 0, 1, 2}, b2.Permutation(7))
	require.Equal(t, []int32{1, 0, 1, 0, 2, 2, 0}, balance.FillMaglev(7, b0, b1, b2))
	const second = 1 // of two: B2
	require.Equal(t, []int32{0, 0, 0, 0, second, second, second}, balance.FillMaglev(7, b0, b2))
}

// Shares of the places: equal to within one, which is 1 % of 100 places each; in proportion to weights; never none.
func TestMaglevShares(t *testing.T) {
	for _, n := range []int{1, 2, 10, 40, 655} {
		got := balance.MaglevPlaces(make1(t, balance.Maglev(65537, names(n)...), balance.NewView(n)), n)
		for i, places := range got {
			require.InDelta(t, 65537/float64(n), places, 1, "worker %d of %d", i, n)
			require.InEpsilon(t, 65537/float64(n), places, 0.01)
		}
	}
	v := balance.NewView(4)
	copy(v.Weight, []uint32{100, 50, 1, 0})
	got := balance.MaglevPlaces(make1(t, balance.Maglev(4099), v), 4)
	for i, w := range v.Weight {
		require.InDelta(t, 4099*float64(w)/151, got[i], 2, "weights %v: %v", v.Weight, got)
	}
	copy(v.Weight, []uint32{4_000_000_000, 1, 1, 1})
	got = balance.MaglevPlaces(make1(t, balance.Maglev(13), v), 4)
	require.Equal(t, []int{10, 1, 1, 1}, got, "a light one is not starved")
}

// Of the keys of others, so many move when one goes: fewer with more places for each.
func TestMaglevMovesFewOthers(t *testing.T) {
	const keys = 20_000
	for _, c := range []struct {
		n, size int
		others  float64
	}{
		{8, 809, 0.04}, {40, 4001, 0.04}, {130, 13001, 0.04},
		{8, 8009, 0.01}, {65, 65537, 0.01},
	} {
		v := balance.NewView(c.n)
		b := make1(t, balance.Maglev(c.size), v)
		before, worst := homes(b, v, keys), 0.0
		for gone := 0; gone < c.n; gone += max(1, c.n/8) {
			v.SetOpen(gone, false)
			require.NoError(t, b.Update(v))
			all, his := moved(before, homes(b, v, keys), gone)
			worst = max(worst, float64(all-his)/keys)
			v.SetOpen(gone, true)
		}
		t.Logf("%d workers, %d places: %.2f %% at worst", c.n, c.size, 100*worst)
		require.LessOrEqual(t, worst, c.others, "%d workers, %d places", c.n, c.size)
	}
}

// Keys get what places say: within a few percent of even, at 100 places each.
func TestMaglevKeys(t *testing.T) {
	const n, keys = 10, 200_000
	v, got := balance.NewView(n), make([]int, n)
	for _, w := range homes(make1(t, balance.Maglev(4099), v), v, keys) {
		got[w]++
	}
	for i := range got {
		require.InEpsilon(t, keys/n, got[i], 0.03, "worker %d", i)
	}
}

// Balancers of one policy share their table; one for another membership does not disturb those that have the old one.
func TestMaglevBuildsOnce(t *testing.T) {
	policy, v := balance.Maglev(4099, names(3)...), balance.NewView(3)
	a, b := make1(t, policy, v), make1(t, policy, v)
	require.True(t, balance.SameMaglevTable(a, b))
	before := homes(b, v, 1000)

	w := balance.NewView(3)
	w.SetOpen(0, false)
	require.NoError(t, a.Update(w))
	require.False(t, balance.SameMaglevTable(a, b))
	require.Equal(t, before, homes(b, v, 1000))
	require.NoError(t, b.Update(w))
	require.True(t, balance.SameMaglevTable(a, b))
	w.Weight[1] = 7
	require.NoError(t, b.Update(w))
	require.False(t, balance.SameMaglevTable(a, b), "weights are part of a membership")
}

// Places of two bytes: more than 256 workers.
func TestMaglevManyWorkers(t *testing.T) {
	balancetest.RunWith(t, balance.Maglev(2039), balancetest.Options{Workers: []int{255, 256, 257, 600}})
	for _, n := range []int{256, 257, 1000} {
		got := balance.MaglevPlaces(make1(t, balance.Maglev(4099), balance.NewView(n)), n)
		for i, places := range got {
			require.InDelta(t, 4099/float64(n), places, 1, "worker %d of %d", i, n)
		}
	}
}

func TestMaglevRefusesNonsense(t *testing.T) {
	v := balance.NewView(5)
	for size, want := range map[int]string{
		-3: "which -3 is not (the next one is 2)", 0: "which 0 is not (the next one is 2)", 1: "the next one is 2",
		4096: "which 4096 is not (the next one is 4099)", 65536: "the next one is 65537", 4099 * 3: "the next one is 12301",
		1<<24 + 43: "at most 16777216", // a prime
		3:          "3 places is too small for 5 workers (want a prime of at least as many; 503 would be 100 for each)",
	} {
		_, err := balance.Maglev(size)(v)
		require.ErrorContains(t, err, want, size)
	}
	b := make1(t, balance.Maglev(2), balance.NewView(2))
	require.ErrorContains(t, b.Update(v), "too small")
	require.Equal(t, balance.Full, b.Pick(1, v))
	for _, size := range []int{2, 3, 5} { // as small as can be
		v := balance.NewView(size)
		require.Len(t, balance.MaglevPlaces(make1(t, balance.Maglev(size), v), size), size, fmt.Sprint(size))
	}
}
