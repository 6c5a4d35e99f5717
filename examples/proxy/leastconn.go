package main

import "github.com/pushcore/pushcore/balance"

// leastConnections picks the upstream with the fewest connections. Depths of the View are
// connections that are open, of all workers.
type leastConnections struct{ last int }

func newLeastConnections(v *balance.View) (balance.Balancer, error) {
	b := &leastConnections{last: -1}
	if err := b.Update(v); err != nil {
		return nil, err
	}
	return b, nil
}

// Pick takes turns among equals.
func (b *leastConnections) Pick(_ uint64, v *balance.View) int {
	best := balance.Full
	i := b.last
	for range v.N() {
		if i++; i >= v.N() {
			i = 0
		}
		if v.IsOpen(i) && (best == balance.Full || v.Depth[i] < v.Depth[best]) {
			best = i
		}
	}
	if best != balance.Full {
		b.last = best
	}
	return best
}

func (b *leastConnections) Update(v *balance.View) error {
	if v.OpenCount() == 0 {
		return balance.ErrNoWorker
	}
	return nil
}

func (b *leastConnections) Ordered() bool { return false }
