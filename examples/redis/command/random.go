package command

import (
	"math/rand/v2"

	"github.com/pushcore/pushcore/examples/redis/store"
)

// maxRandom is how many elements may be asked for at once that need not be different: the
// reply would have no other bound.
const maxRandom = 1 << 20

// pick returns count elements at random, all different; or -count that need not be if count
// is negative.
func pick[V any](d *store.Dict[V], count int64) []*store.Node[V] {
	n := int64(d.Len())
	switch {
	case count < 0:
		some := make([]*store.Node[V], -count)
		for i := range some {
			some[i] = d.Random()
		}
		return some
	case count >= n:
		return d.All()
	}
	// Floyd's way to draw without putting back: count draws, whatever n is.
	some := make([]*store.Node[V], 0, count)
	drawn := make(map[int64]bool, count)
	for i := n - count; i < n; i++ {
		j := rand.Int64N(i + 1)
		if drawn[j] {
			j = i
		}
		drawn[j] = true
		some = append(some, d.All()[j])
	}
	return some
}
