package balance_test

import (
	"testing"

	"github.com/pushcore/pushcore/balance"
)

// item is one that was sent: its key, and its position at its worker as the shared balancer was shown it.
type item struct {
	key, at uint64
}

// truth is a group whose lanes everybody can see.
type truth struct {
	lanes [][][]item // by producer, by worker: what waits
	views []*balance.View
	bals  []balance.Balancer
	cap   int
}

// group makes producers of one policy, with lanes to n workers.
func group(t *testing.T, p balance.Policy, producers, n, lanes int) *truth {
	t.Helper()
	g := &truth{cap: lanes}
	for range producers {
		v := balance.NewView(n)
		g.views = append(g.views, v)
		g.bals = append(g.bals, make1(t, p, v))
		g.lanes = append(g.lanes, make([][]item, n))
	}
	return g
}

// take lets worker w take k items of producer p.
func (g *truth) take(p, w, k int) { g.lanes[p][w] = g.lanes[p][w][min(k, len(g.lanes[p][w])):] }

// refresh shows producer p what has been taken.
func (g *truth) refresh(p int) {
	v := g.views[p]
	for w := range v.N() {
		v.Taken[w] = v.Sent[w] - uint64(len(g.lanes[p][w]))
		v.Depth[w] = uint64(g.inFlight(w))
	}
}

// inFlight is what waits for worker w, of all producers.
func (g *truth) inFlight(w int) (n int) {
	for p := range g.lanes {
		n += len(g.lanes[p][w])
	}
	return n
}

// send sends an item, unless the lane is full: at is its position.
func (g *truth) send(p, w int, it item) {
	if len(g.lanes[p][w]) == g.cap {
		return
	}
	g.lanes[p][w] = append(g.lanes[p][w], it)
	g.views[p].Sent[w]++
	g.views[p].Depth[w]++
}

// watch lets others look at what was taken from producer p.
func (g *truth) watch(p int) {
	g.bals[p].(balance.Member).Watch(func(w int) uint64 { return g.views[p].Sent[w] - uint64(len(g.lanes[p][w])) })
}
