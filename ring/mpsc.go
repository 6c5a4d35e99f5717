package ring

import (
	"unsafe"

	"github.com/pushcore/pushcore/internal/mem"
)

// MPSC is a bounded FIFO ring between any number of producers and one consumer.
//
// A producer claims a run of positions with one compare-and-swap, writes its
// slots, and publishes the whole claim with one release store: pub at the claim's
// first position receives the claim's end. Producers never wait for each other (a
// stalled one hides what was claimed behind it from the consumer, but everybody
// goes on pushing until the ring is full); in DPDK's default ring they spin
// until earlier ones have finished.
//
// Positions advance in steps of two, modulo 2^64; the spare lowest bit of the
// claim word says that the ring is closed. Because claiming and closing are
// compare-and-swaps of the same word, every claim is on one side of Close.
//
// A word of pub is valid for position p if it lies above p, at most capacity
// away. What an earlier lap left there lies at or below p: that claim began a
// whole lap or more before, and was no longer than the lap. The consumer, when it
// stops inside a claim, writes the word there itself, so that pub at head always
// tells whether there is something to take.
type MPSC[T any] struct {
	_ mem.Pad

	// Written only by New.
	slots    []T
	pub      []mem.Index // pub[i] belongs to whoever claimed slot i as its first
	limit    uint64      // capacity in positions' steps
	pointers bool
	fenced   bool // producers must fence after publishing

	_ mem.Pad

	// claim is the first position not claimed, and closedBit. Producers compete
	// for this line anyway, so their shared copy of head lives beside it.
	claim    mem.Index
	headSeen mem.Index

	_ mem.Pad

	// head is the first position not taken. The consumer stores it; it gives the
	// slots below it back to the producers.
	head mem.Index

	_ mem.Pad

	// The consumer's own.
	taken  uint64 // same as head
	known  uint64 // every position from taken up to here is published
	peeked uint64 // items handed out by Peek

	_ mem.Pad
}

const (
	closedBit = 1
	step      = 2
)

const (
	_ = uint(unsafe.Offsetof(MPSC[byte]{}.claim) - unsafe.Offsetof(MPSC[byte]{}.fenced) - mem.CacheLine)
	_ = uint(unsafe.Offsetof(MPSC[byte]{}.head) - unsafe.Offsetof(MPSC[byte]{}.headSeen) - mem.CacheLine)
	_ = uint(unsafe.Offsetof(MPSC[byte]{}.taken) - unsafe.Offsetof(MPSC[byte]{}.head) - mem.CacheLine)
	_ = uint(unsafe.Sizeof(MPSC[byte]{}) - unsafe.Offsetof(MPSC[byte]{}.peeked) - mem.CacheLine)
)

// NewMPSC returns an empty ring that holds exactly capacity items. It panics if
// capacity is below 1 or above 2^30.
func NewMPSC[T any](capacity int) *MPSC[T] { return newMPSCAt[T](capacity, 0) }

// newMPSCAt is NewMPSC with positions that begin at start, an even number, so that
// tests reach their wrap-around.
func newMPSCAt[T any](capacity int, start uint64) *MPSC[T] {
	slots := makeSlots[T]("MPSC", capacity)
	mem.RegisterMembarrier()
	r := &MPSC[T]{
		slots:    slots,
		pub:      make([]mem.Index, len(slots)),
		limit:    uint64(capacity) * step,
		pointers: holdsPointers[T](),
		fenced:   mem.NeedFence(),
	}
	for i := range r.pub {
		r.pub[i].StoreRelease(start) // at or below every position that slot can have
	}
	r.claim.StoreRelease(start)
	r.headSeen.StoreRelease(start)
	r.head.StoreRelease(start)
	r.taken, r.known = start, start
	return r
}

// index returns the slot of position p.
func (r *MPSC[T]) index(p uint64) uint64 { return p / step & uint64(len(r.slots)-1) }

// Cap returns the capacity. Anyone may call it.
func (r *MPSC[T]) Cap() int { return int(r.limit / step) }

// Len returns how many items are in the ring, from 0 to Cap: a snapshot, which
// counts items that a producer has claimed room for and not yet published.
func (r *MPSC[T]) Len() int {
	head := r.head.Load() // before claim: claim is then no smaller
	return int(min((r.claim.Load()&^closedBit)-head, r.limit) / step)
}

// Taken returns how many items the consumer has taken so far. It counts modulo 2^63 from any number: only differences
// mean something. Anyone may call it.
func (r *MPSC[T]) Taken() uint64 { return r.head.Load() / step }

// Sent returns how many items were sent so far, those included that are being written just now, on the scale of Taken:
// an item is taken once Taken has reached what Sent was right after it was sent. Anyone may call it.
func (r *MPSC[T]) Sent() uint64 { return r.claim.Load() / step }

// Free returns Cap minus Len.
func (r *MPSC[T]) Free() int { return r.Cap() - r.Len() }

// Ready reports whether there is something to pop. It is false while the oldest
// claim is unpublished, whatever was pushed behind it. Anyone may call it.
func (r *MPSC[T]) Ready() bool {
	h := r.head.Load()
	return int64(r.pub[r.index(h)].Load()-h) > 0
}

// Close ends the ring: pushes are refused from now on, and the consumer may still
// take what was accepted. Anyone may call it, any number of times.
func (r *MPSC[T]) Close() {
	for {
		w := r.claim.Load()
		if w&closedBit != 0 || r.claim.CompareAndSwap(w, w|closedBit) {
			return
		}
	}
}

// Closed reports whether Close was called. A closed ring has given everything
// when Len is 0; while Len is not 0 a Pop may still have to wait for a producer
// that has claimed and not yet published.
func (r *MPSC[T]) Closed() bool { return r.claim.Load()&closedBit != 0 }
