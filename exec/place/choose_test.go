package place_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec/place"
)

// A part is some cores of a machine that share a node and a last level cache.
type part struct {
	cores []place.Set // each the SMT siblings of one core
	node  int
	kind  place.Kind
}

// machine puts parts together; every part has a cache of its own.
func machine(parts ...part) []place.CPU {
	var cpus []place.CPU
	core := 0
	for _, p := range parts {
		l3 := place.Of(slices.Concat(asInts(p.cores)...)...)
		for _, smt := range p.cores {
			for _, id := range smt {
				cpus = append(cpus, place.CPU{ID: id, Core: core, Node: p.node, SMT: smt, L2: smt, L3: l3, Kind: p.kind})
			}
			core++
		}
	}
	return cpus
}

func asInts(sets []place.Set) [][]int {
	out := make([][]int, len(sets))
	for i, s := range sets {
		out[i] = s
	}
	return out
}

// pairs returns n cores of two threads, cpus first+i and first+i+stride.
func pairs(first, n, stride int) []place.Set {
	var cores []place.Set
	for i := range n {
		cores = append(cores, place.Of(first+i, first+i+stride))
	}
	return cores
}

func singles(first, n int) []place.Set {
	var cores []place.Set
	for i := range n {
		cores = append(cores, place.Of(first+i))
	}
	return cores
}

var (
	// Two sockets of four cores of two threads, numbered as Linux numbers them: cores 0-3 and 4-7, siblings 8 higher.
	sockets = machine(part{cores: pairs(0, 4, 8)}, part{cores: pairs(4, 4, 8), node: 1})
	// Two sockets, the first one larger.
	lopsided = machine(part{cores: pairs(0, 3, 5)}, part{cores: pairs(3, 2, 5), node: 1})
	// One socket, two caches of four cores.
	caches = machine(part{cores: singles(0, 4)}, part{cores: singles(4, 4)})
	// Two nodes; the first has three caches of two cores, the second one of four.
	uneven = machine(part{cores: singles(0, 2)}, part{cores: singles(2, 2)}, part{cores: singles(4, 2)},
		part{cores: singles(6, 4), node: 1})
	// A desktop: four fast cores of two threads, siblings adjacent, and four slow ones.
	hybrid = machine(
		part{cores: []place.Set{{0, 1}, {2, 3}, {4, 5}, {6, 7}}, kind: place.Performance},
		part{cores: singles(8, 4), kind: place.Efficiency})
	// Slow cores first, as on many ARM chips.
	little = machine(part{cores: singles(0, 4), kind: place.Efficiency}, part{cores: singles(4, 2), kind: place.Performance})
)

func TestChooseOn(t *testing.T) {
	for _, tc := range []struct {
		name    string
		cpus    []place.CPU
		allowed string
		n       int
		want    []int
	}{
		{"one cpu", place.Flat(place.Of(0)), "0", 1, []int{0}},
		{"not cpu 0", place.Flat(place.Of(0, 1)), "0-1", 1, []int{1}},
		{"cpu 0 last", place.Flat(place.Of(0, 1, 2)), "0-2", 3, []int{1, 2, 0}},
		{"holes", place.Flat(place.Of(3, 5, 9)), "3,5,9", 2, []int{3, 5}},
		{"not described", nil, "0,4,6", 2, []int{4, 6}},

		{"quiet socket", sockets, "0-15", 4, []int{4, 5, 6, 7}},
		{"lowest quiet cores", sockets, "0-15", 2, []int{1, 2}},
		{"no node has five cores", sockets, "0-15", 5, []int{4, 5, 6, 7, 1}},
		{"every core once", sockets, "0-15", 8, []int{4, 5, 6, 7, 1, 2, 3, 8}},
		{"then siblings", sockets, "0-15", 10, []int{4, 5, 6, 7, 1, 2, 3, 8, 12, 13}},
		{"cpu 0 after all siblings", sockets, "0-15", 16, []int{4, 5, 6, 7, 1, 2, 3, 8, 12, 13, 14, 15, 9, 10, 11, 0}},
		{"one socket allowed", sockets, "0-3,8-11", 4, []int{1, 2, 3, 8}},
		{"sibling of cpu 0 though cpu 0 is not allowed", sockets, "1,8,9", 2, []int{1, 8}},
		{"cores before siblings in a narrow mask", sockets, "0,8,1,9", 2, []int{1, 8}},
		{"siblings are all there is", sockets, "5,13", 2, []int{5, 13}},

		{"cpu 0 after the other socket's siblings", lopsided, "0-9", 10, []int{1, 2, 5, 3, 4, 6, 7, 8, 9, 0}},

		{"one cache", caches, "0-7", 3, []int{1, 2, 3}},
		{"the quiet cache", caches, "0-7", 4, []int{4, 5, 6, 7}},
		{"the cache that fits", caches, "0-2,4-7", 4, []int{4, 5, 6, 7}},
		{"one cache though it takes cpu 0", caches, "0-3,6-7", 4, []int{1, 2, 3, 0}},
		{"two caches", caches, "0-7", 6, []int{4, 5, 6, 7, 1, 2}},
		{"a cache on a further node", uneven, "0-9", 4, []int{6, 7, 8, 9}},
		{"a node before caches", uneven, "0-9", 6, []int{2, 3, 4, 5, 1, 0}},
		{"all nodes", uneven, "0-9", 10, []int{2, 3, 4, 5, 1, 0, 6, 7, 8, 9}},

		{"fast cores", hybrid, "0-11", 3, []int{2, 4, 6}},
		{"the last fast core is cpu 0's", hybrid, "0-11", 4, []int{2, 4, 6, 1}},
		{"slow cores before siblings", hybrid, "0-11", 6, []int{2, 4, 6, 1, 8, 9}},
		{"then the fast ones' siblings", hybrid, "0-11", 11, []int{2, 4, 6, 1, 8, 9, 10, 11, 3, 5, 7}},
		{"only slow ones allowed", hybrid, "8-11", 2, []int{8, 9}},
		{"fast cores with high numbers", little, "0-5", 2, []int{4, 5}},
		{"slow cores as well", little, "0-5", 4, []int{4, 5, 1, 2}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			allowed, err := place.Parse(tc.allowed)
			require.NoError(t, err)
			got, err := place.ChooseOn(tc.n, allowed, tc.cpus)
			require.NoError(t, err)
			require.Equal(t, tc.want, got)
		})
	}
}

// Whatever the machine and the mask: n distinct allowed cpus, as many cores as there are, and the same ones every time.
func TestChooseOnAlways(t *testing.T) {
	for name, cpus := range map[string][]place.CPU{
		"sockets": sockets, "lopsided": lopsided, "caches": caches, "uneven": uneven, "hybrid": hybrid, "little": little,
	} {
		for mask := 1; mask < 1<<len(cpus); mask += 1 + mask/17 {
			var allowed place.Set
			cores := map[int]bool{}
			coreOf := map[int]int{}
			for i, c := range cpus {
				if mask>>i&1 == 1 {
					allowed = append(allowed, c.ID)
					coreOf[c.ID] = c.Core
					cores[c.Core] = true
				}
			}
			allowed = place.Of(allowed...)
			for n := 1; n <= len(allowed); n++ {
				got, err := place.ChooseOn(n, allowed, cpus)
				require.NoError(t, err)
				require.Len(t, place.Of(got...), n, "%s %s: %v", name, allowed, got)
				used := map[int]bool{}
				for _, cpu := range got {
					require.True(t, allowed.Contains(cpu))
					used[coreOf[cpu]] = true
				}
				require.Len(t, used, min(n, len(cores)), "%s %s: %v", name, allowed, got)
				again, err := place.ChooseOn(n, allowed, cpus)
				require.NoError(t, err)
				require.Equal(t, got, again)
			}
		}
	}
}

func TestChooseErrors(t *testing.T) {
	_, err := place.ChooseOn(3, place.Of(4, 5), nil)
	require.EqualError(t, err, "place: cannot choose 3 cpus, only 2 allowed (4-5)")
	_, err = place.ChooseOn(0, place.Of(4, 5), nil)
	require.EqualError(t, err, "place: cannot choose 0 cpus, ask for 1 to 2 (allowed: 4-5)")
	_, err = place.ChooseOn(-1, place.Of(4, 5), nil)
	require.ErrorContains(t, err, "cannot choose -1 cpus")
	_, err = place.ChooseFrom(1, nil)
	require.EqualError(t, err, "place: cannot choose 1 cpus, only 0 allowed (none)")
	_, err = place.ChooseFrom(1, place.Set{-1})
	require.ErrorContains(t, err, "place: -1 is not a cpu number, those are 0-65535 (allowed: ")
	_, err = place.ChooseFrom(1, place.Set{1 << 20})
	require.ErrorContains(t, err, "place: 1048576 is not a cpu number")
	_, err = place.ChooseFrom(1, place.Set{place.MaxCPU})
	require.ErrorContains(t, err, "place: cpu 65535 is not allowed here (allowed: ")
}

func TestChooseHere(t *testing.T) {
	allowed, err := place.Allowed()
	require.NoError(t, err)

	all, err := place.Choose(len(allowed))
	require.NoError(t, err)
	require.Equal(t, allowed, place.Of(all...))
	one, err := place.Choose(1)
	require.NoError(t, err)
	if len(allowed) > 1 {
		require.NotEqual(t, 0, one[0])
	}
	same, err := place.ChooseFrom(1, allowed)
	require.NoError(t, err)
	require.Equal(t, one, same)

	_, err = place.Choose(len(allowed) + 1)
	require.ErrorContains(t, err, "only")
	require.ErrorContains(t, err, allowed.String())
}
