package main

import "github.com/pushcore/pushcore/ring"

// slots is the number of packets that can be on their way: staged by the reader, in a lane, or
// being counted. It bounds the program's memory, and it is the back-pressure: with no slot left
// the reader stops reading.
const slots = 4096

// item is what travels to a worker: a handle to a slot of the slab and what the capture said about
// the packet. It holds no pointers, so neither rings nor slab are looked at by the garbage
// collector.
type item struct {
	ts     int64
	slot   uint32
	wire   uint32
	hash   uint32 // the flow's: the balancer's key
	n      uint16 // bytes in the slot
	link   link
	tagged bool
}

// slab holds the headers of the packets on their way, in one piece of memory.
//
// A slot belongs to the reader until its handle is sent, then to the worker that takes the
// handle, and to the reader again when it has come back through that worker's ring. Only the
// reader calls the methods; workers know mem and their own ring.
type slab struct {
	mem  []byte // slots * prefixLen
	free []uint32
	head int // of free, a circle: first in, first out, so that both sides walk through mem in order
	n    int
	back []*ring.SPSC[uint32] // by worker; each has room for all slots, so giving back never fails
}

// newSlab returns a slab whose slots are all free, for so many workers.
func newSlab(workers int) *slab {
	s := &slab{
		mem:  make([]byte, slots*prefixLen),
		free: make([]uint32, slots),
		n:    slots,
		back: make([]*ring.SPSC[uint32], workers),
	}
	for i := range s.free {
		s.free[i] = uint32(i)
	}
	for i := range s.back {
		s.back[i] = ring.NewSPSC[uint32](slots)
	}
	return s
}

// take returns a free slot. It looks for returned ones only when it has none left, so that the
// workers' rings are disturbed once for hundreds of packets.
func (s *slab) take() (slot uint32, ok bool) {
	if s.n == 0 && !s.refill() {
		return 0, false
	}
	slot = s.free[s.head]
	s.head = (s.head + 1) % slots
	s.n--
	return slot, true
}

// refill takes back what workers have returned and reports whether that was anything.
func (s *slab) refill() bool {
	got := false
	for _, b := range s.back {
		for {
			at := (s.head + s.n) % slots
			k := b.PopBatch(s.free[at:min(at+slots-s.n, slots)])
			s.n += k
			if k == 0 {
				break
			}
			got = true
		}
	}
	return got
}

// claim writes to the lines that headers will lie in, of the next k slots that take will return.
// They are in the caches of the workers that read them last. These writes do not depend on each
// other, so the lines travel at the same time; copying headers packet by packet would wait for
// each. Where the cores are far from each other that is a third of the reader's time.
func (s *slab) claim(k int) {
	const line = 64
	for i := range min(k, s.n) {
		slot := s.mem[s.free[(s.head+i)%slots]*prefixLen:][:prefixLen]
		slot[0], slot[line] = 0, 0
	}
}

// put copies a packet's first bytes into a slot.
func (s *slab) put(slot uint32, data []byte) {
	copy(s.mem[slot*prefixLen:][:prefixLen], data)
}

// bytesOf returns what put copied into an item's slot.
func bytesOf(mem []byte, it *item) []byte {
	return mem[it.slot*prefixLen:][:it.n:prefixLen]
}
