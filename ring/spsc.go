package ring

import (
	"unsafe"

	"github.com/pushcore/pushcore/internal/mem"
)

// SPSC is a bounded FIFO ring between one producer and one consumer.
//
// The design is the classical one: free-running 64-bit positions, each end with
// a cached copy of the other end's index so that an index line moves between the
// cores only when the copy runs out (Torquati, "Single-Producer/Single-Consumer
// Queues on Shared Cache Multi-Core Systems", 2010).
//
// Position p lives in slot p mod len(slots). The producer owns the slots of
// positions [tail, head+capacity), the consumer those of [head, tail).
type SPSC[T any] struct {
	_ mem.Pad

	// Read by both ends, written only by New and Close.
	slots    []T
	pointers bool
	indices
}

// indices is the part of an SPSC that does not depend on T.
type indices struct {
	capacity uint64
	mask     uint64
	closing  closing

	_ mem.Pad

	// tail is the first position not published. The producer stores it; it
	// publishes the slots below it. Alone on its line: the consumer polls it.
	tail mem.Index

	_ mem.Pad

	// The producer's own. Positions [tail, next) are staged.
	next  uint64 // first position not written
	limit uint64 // head+capacity when head was last looked at: next may go up to here
	lent  uint64 // slots handed out by Reserve

	_ mem.Pad

	// head is the first position not taken. The consumer stores it; it gives the
	// slots below it back to the producer.
	head mem.Index

	_ mem.Pad

	// The consumer's own.
	taken    uint64 // same as head
	tailSeen uint64 // tail when it was last looked at
	peeked   uint64 // slots handed out by Peek

	_ mem.Pad
}

// The words that are written often must not share a line with anything else.
const (
	_ = uint(unsafe.Offsetof(indices{}.tail) - unsafe.Offsetof(indices{}.closing) - mem.CacheLine)
	_ = uint(unsafe.Offsetof(indices{}.next) - unsafe.Offsetof(indices{}.tail) - mem.CacheLine)
	_ = uint(unsafe.Offsetof(indices{}.head) - unsafe.Offsetof(indices{}.lent) - mem.CacheLine)
	_ = uint(unsafe.Offsetof(indices{}.taken) - unsafe.Offsetof(indices{}.head) - mem.CacheLine)
	_ = uint(unsafe.Sizeof(indices{}) - unsafe.Offsetof(indices{}.peeked) - mem.CacheLine)
)

// NewSPSC returns an empty ring that holds exactly capacity items. It panics if
// capacity is below 1 or above 2^30.
func NewSPSC[T any](capacity int) *SPSC[T] { return newSPSCAt[T](capacity, 0) }

// newSPSCAt is NewSPSC with positions that begin at start, so that tests reach
// their wrap-around.
func newSPSCAt[T any](capacity int, start uint64) *SPSC[T] {
	r := &SPSC[T]{slots: makeSlots[T]("SPSC", capacity), pointers: holdsPointers[T]()}
	r.closing.init()
	r.capacity = uint64(capacity)
	r.mask = uint64(len(r.slots) - 1)
	r.tail.StoreRelease(start)
	r.head.StoreRelease(start)
	r.next, r.limit = start, start+r.capacity
	r.taken, r.tailSeen = start, start
	return r
}

// Cap returns the capacity. Anyone may call it.
func (r *SPSC[T]) Cap() int { return int(r.capacity) }

// Len returns how many items are visible and not yet taken, from 0 to Cap. Called
// by one end it is exact towards that end (the consumer can take at least so
// many); called by anyone else it is a snapshot.
func (r *SPSC[T]) Len() int {
	head := r.head.Load() // before tail: tail is then no smaller
	return int(min(r.tail.Load()-head, r.capacity))
}

// Taken returns how many items the consumer has taken so far. It counts modulo 2^64 from any number: only differences
// mean something. Anyone may call it.
func (r *SPSC[T]) Taken() uint64 { return r.head.Load() }

// Sent returns how many items were sent so far, on the scale of Taken: an item is taken once Taken has reached what Sent
// was right after it was sent. Anyone may call it.
func (r *SPSC[T]) Sent() uint64 { return r.tail.Load() }

// Free returns Cap minus Len. Staged items are not counted as used.
func (r *SPSC[T]) Free() int { return r.Cap() - r.Len() }

// Ready reports whether there is something to pop. Anyone may call it.
func (r *SPSC[T]) Ready() bool { return r.head.Load() != r.tail.Load() }

// Close ends the ring: a push that has not been accepted by now never will be,
// and the consumer may still take what was. Anyone may call it, also while both
// ends are at work, any number of times; it returns once the line is drawn,
// after about 10 us.
func (r *SPSC[T]) Close() { r.closing.close(&r.tail) }

// Closed reports whether the line is drawn. A consumer that finds the ring closed
// and then empty has seen everything; one that only knows that somebody has called
// Close has not.
func (r *SPSC[T]) Closed() bool { return r.closing.isShut() }
