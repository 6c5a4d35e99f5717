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
//	else settle                       settle
//
// Membarrier sits between the closer's store and its load as the fence sits
// between the producer's; hence either the producer sees the state or the closer
// sees the tail. Both may propose the final position, and whoever is first to set
// its bit of state decides, so that neither end ever waits for the closer: a
// producer that comes first has its push accepted, one that comes second compares
// its position with the closer's.
//
// The consumer loads tail first and state second. While the line is not drawn it
// takes nothing new, and then nothing beyond it. Had it loaded an open state, its
// tail was loaded before the Membarrier, and final is no smaller.
// docs/models/close.pml checks it.
type closing struct {
	// state is 0 in the ordinary case, so that a push has one word to look at.
	state atomic.Uint32

	byCloser   uint64 // the closer's proposal, written before shutByCloser is set
	byProducer uint64 // the producer's, written before it tries to set shutByProducer
}

// Bits of closing.state.
const (
	fenced         uint32 = 1 << iota // the producer must fence before it looks; set by init
	closingDown                       // Close has begun
	shutByCloser                      // the line is drawn: byCloser is final
	shutByProducer                    // the line is drawn: byProducer is final

	shut = shutByCloser | shutByProducer
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
		for spins := 0; !c.isShut(); spins++ {
			if spins < 1000 {
				mem.Pause()
			} else {
				runtime.Gosched()
			}
		}
		return
	}
	mem.Membarrier()
	c.byCloser = tail.Load()
	c.draw(shutByCloser)
}

// draw sets the line, if the other side has not.
func (c *closing) draw(by uint32) {
	for s := c.state.Load(); s&shut == 0; s = c.state.Load() {
		if c.state.CompareAndSwap(s, s|by) {
			return
		}
	}
}

// settle is the producer's side once it has seen closingDown, with tail published.
// It reports whether that was accepted.
func (c *closing) settle(tail uint64) bool {
	if !c.isShut() {
		c.byProducer = tail
		c.draw(shutByProducer)
	}
	return int64(c.final()-tail) >= 0
}

// final returns the final position of a ring that isShut.
func (c *closing) final() uint64 {
	if c.state.Load()&shutByProducer != 0 {
		return c.byProducer
	}
	return c.byCloser
}

func (c *closing) isOpen() bool { return c.state.Load()&closingDown == 0 }

// isShut reports whether the line is drawn.
func (c *closing) isShut() bool { return c.state.Load()&shut != 0 }
