package store

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// Each node is where it says, whatever was removed, and the memory goes with the nodes.
func TestPlaces(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	var p places[int]
	var all []*Node[int] // what a slice does
	check := func() {
		require.Equal(t, len(all), p.n)
		for i, n := range all {
			require.Same(t, n, p.at(i))
			require.EqualValues(t, i, n.place)
		}
	}
	for _, most := range []int{5, 3*chunkSize + 5, 2 * chunkSize, 0, chunkSize, 1, 0} {
		for len(all) != most {
			if r.IntN(10) > 0 == (len(all) < most) {
				n := &Node[int]{}
				p.push(n)
				all = append(all, n)
			} else if last := len(all) - 1; last >= 0 {
				i := r.IntN(len(all))
				p.remove(all[i])
				all[i] = all[last]
				all = all[:last]
			}
		}
		check()
		held := 0
		for _, c := range p.chunks {
			require.LessOrEqual(t, cap(c), chunkSize)
			held += cap(c)
		}
		require.LessOrEqual(t, held, max(64, min(8*p.n, p.n+chunkSize)))
	}
}

// The nodes that were there do not move when more come.
func TestPlacesDoNotMove(t *testing.T) {
	var p places[int]
	for range chunkSize {
		p.push(&Node[int]{})
	}
	first := &p.chunks[0][0]
	for range 3 * chunkSize {
		p.push(&Node[int]{})
	}
	require.Same(t, first, &p.chunks[0][0])
}

// What is visited may be removed, and nothing else is missed.
func TestScanRemoves(t *testing.T) {
	db := New()
	for i := range 1000 {
		db.SetString([]byte{byte(i), byte(i >> 8)}, nil)
	}
	visited := 0
	require.Zero(t, db.Scan(End, End, func(e *Entry) {
		if visited++; visited%3 == 0 {
			db.Delete(e)
		}
	}))
	require.Equal(t, 1000, visited)
	require.Equal(t, 667, db.Len())
}
