package group

import (
	"sync/atomic"

	"github.com/pushcore/pushcore/internal/mem"
)

// credits bound the forwarded items that are on their way: each holds one, from
// when it is sent until a worker has consumed it. A worker that is about to offer
// NEW items to its handler reserves a credit for each, because each may become a
// forwarded item; without credits, the NEW items wait. Rings for forwarded items
// have room for every credit, so forwarding within the credits never fails, and
// forwarded items can always be consumed: no cycle of workers can block itself.
// (DPDK's eventdev refuses NEW events below a threshold for the same reason.)
//
// They are moved in batches: one atomic operation per batch, and none in a group
// without Forwarders.
type credits struct {
	_    mem.Pad
	left atomic.Int64
	_    mem.Pad
}

// take returns up to n credits.
func (c *credits) take(n int) int {
	for {
		left := c.left.Load()
		k := min(int64(n), left)
		if k <= 0 {
			return 0
		}
		if c.left.CompareAndSwap(left, left-k) {
			return int(k)
		}
	}
}

// give returns n credits. A negative n takes them in any case: a handler that has
// emitted more than it consumed owes them.
func (c *credits) give(n int) {
	if n != 0 {
		c.left.Add(int64(n))
	}
}
