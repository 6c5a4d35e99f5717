package ring

import (
	"runtime"
	"sync/atomic"

	"github.com/pushcore/pushcore/internal/mem"
)

// closing is the Close handshake of a ring whose producer publishes with a plain
// release store.
//
// Looking at the flag before a push is not enough: the ring may close between
// the look and the push. So the producer looks after it has published, and the
// closer draws the line:
//
//	producer                          closer
//	tail.StoreRelease(t)              state |= closingDown
//	(Fence, where NeedFence)          Membarrier
//	load state: open -> accepted      final = tail
//	else wait for shut, and           state |= shut
//	t <= final -> accepted,
//	else not accepted
//
// Membarrier sits between the closer's store and its load as the fence sits
// between the producer's; hence either the producer sees the state or the closer
// sees the tail. The consumer loads tail first and state second, and takes
// nothing beyond final: had it loaded an open state, its tail was loaded before
// the Membarrier, too, and final is no smaller. docs/models/close.pml checks it.
type closing struct {
	// state is 0 in the ordinary case, so that a push has one word to look at.
	state atomic.Uint32
	final uint64 // written by the closer before state has shut
}

// Bits of closing.state.
const (
	fenced      uint32 = 1 << iota // the producer must fence before it looks; set by init
	closingDown                    // Close has begun
	shut                           // final is valid
)

// init must run before the ring is used.
func (c *closing) init() {
	mem.RegisterMembarrier()
	if mem.NeedFence() {
		c.state.Store(fenced)
	}
}

// close runs the closer's side. Later calls return when the first is done.
func (c *closing) close(tail *mem.Index) {
	if old := c.state.Or(closingDown); old&closingDown != 0 {
		c.wait()
		return
	}
	mem.Membarrier()
	c.final = tail.Load()
	c.state.Or(shut)
}

// wait returns the final position. The closer is between two stores, so there is
// next to nothing to wait for unless its thread was taken off its core.
func (c *closing) wait() uint64 {
	for spins := 0; c.state.Load()&shut == 0; spins++ {
		if spins < 100 {
			mem.Pause()
		} else {
			runtime.Gosched()
		}
	}
	return c.final
}

func (c *closing) isOpen() bool { return c.state.Load()&closingDown == 0 }
