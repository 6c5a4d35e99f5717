package affinity

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/exec/place"
)

// twoSockets has two cores of two threads per cache, two caches per socket, and two sockets.
func twoSockets() (cpus []place.CPU) {
	for id := range 16 {
		cache := id / 4 * 4
		cpus = append(cpus, place.CPU{
			ID: id, Core: id / 2, Package: id / 8, Node: id / 8,
			SMT: place.Of(id&^1, id|1), L3: place.Of(cache, cache+1, cache+2, cache+3),
		})
	}
	return cpus
}

// TestPairs: what is found is at that distance, has the wanted cpu where there is a choice, and is allowed.
func TestPairs(t *testing.T) {
	all := place.Of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
	for _, c := range []struct {
		name    string
		allowed place.Set
		wanted  int
		two     [2]int
		ok      bool
	}{
		{"same-cpu", all, 5, [2]int{5, 5}, true},
		{"smt", all, 5, [2]int{4, 5}, true},
		{"same-cache", all, 5, [2]int{6, 5}, true},
		{"other-cache", all, 5, [2]int{0, 5}, true},
		{"other-socket", all, 5, [2]int{8, 5}, true},
		{"other-socket", all, 15, [2]int{0, 15}, true},
		{"smt", place.Of(1, 3, 5), 3, [2]int{}, false},
		{"smt", place.Of(1, 4, 5), 1, [2]int{5, 4}, true}, // not the wanted one
		{"same-cache", place.Of(1, 5, 7), 5, [2]int{7, 5}, true},
		{"same-cache", place.Of(0, 1), 1, [2]int{}, false},
		{"other-cache", place.Of(1, 3, 9), 1, [2]int{}, false},
		{"other-cache", place.Of(1, 6), 1, [2]int{6, 1}, true},
		{"other-socket", place.Of(1, 6), 1, [2]int{}, false},
		{"same-cpu", place.Of(), 1, [2]int{}, false},
	} {
		for _, d := range distances {
			if d.name != c.name {
				continue
			}
			two, ok := d.pair(twoSockets(), c.allowed, c.wanted)
			require.Equal(t, c.ok, ok, "%+v", c)
			require.Equal(t, c.two, two, "%+v", c)
		}
	}
	flat := []place.CPU{{ID: 0, Core: 0}, {ID: 1, Core: 1}}
	for _, d := range distances[1:] {
		_, ok := d.pair(flat, place.Of(0, 1), 0)
		require.False(t, ok, "%s: a machine that does not say what is shared", d.name)
	}
}

// TestSampled: a large machine's map has cpus from all of it.
func TestSampled(t *testing.T) {
	var cpus place.Set
	for i := range 100 {
		cpus = append(cpus, i)
	}
	require.Equal(t, cpus[:64], Sampled(cpus[:64]))
	some := Sampled(cpus)
	require.Len(t, some, MaxHeat)
	for i := 1; i < len(some); i++ {
		require.Contains(t, []int{1, 2}, some[i]-some[i-1])
	}
	require.Equal(t, []int{0, 98}, []int{some[0], some[MaxHeat-1]})
}

func TestHeat(t *testing.T) {
	cpus, err := place.Choose(2)
	if err != nil {
		t.Skip(err)
	}
	heat, err := Heat(t.Context(), cpus)
	require.NoError(t, err)
	require.Len(t, heat, 2)
	require.Zero(t, heat[0][0])
	require.Positive(t, heat[0][1])
	require.Equal(t, [][]float64{{0, heat[0][1]}, {heat[0][1], 0}}, heat)

	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = Heat(ended, cpus)
	require.ErrorIs(t, err, context.Canceled)
	_, err = Heat(t.Context(), make(place.Set, MaxHeat+1))
	require.ErrorContains(t, err, "65")
	_, err = Heat(t.Context(), place.Set{cpus[0], cpus[0]})
	require.ErrorContains(t, err, "twice")
	_, err = Heat(t.Context(), place.Set{cpus[0], place.MaxCPU})
	require.Error(t, err)
}

// TestLaps: a wrong answer is an error, and a measurement ends when it has gone on for long enough.
func TestLaps(t *testing.T) {
	l := newLaps(3)
	_, err := l.lap(1, 2)
	require.ErrorContains(t, err, "data error")
	more, err := l.lap(2, 2)
	require.NoError(t, err)
	require.True(t, more)
	l.lap(2, 2)
	more, _ = l.lap(2, 2)
	require.False(t, more)
	l = newLaps(1 << 30)
	l.first -= 1 << 40 // ticks: minutes ago
	more, err = l.lap(2, 2)
	require.NoError(t, err)
	require.False(t, more)
	require.InDelta(t, 1, l.sample().Items, 0)
}

// TestOddAmounts: any amount is done in full.
func TestOddAmounts(t *testing.T) {
	for _, n := range []int{1, 7, 8, 513} {
		for _, w := range []work{transfer, stream(-1), ping(-1), pingChannel} {
			_, err := w(measure.Spot{}, n)
			require.NoError(t, err, n)
		}
	}
}
