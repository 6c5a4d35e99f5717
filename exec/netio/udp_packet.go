package netio

import (
	"iter"
	"net/netip"
)

// Packet is a UDP datagram, or several of one size.
type Packet struct {
	// Data is what it carries. Reading sets its length, and never more than its capacity.
	Data []byte
	// Addr is whom it comes from or goes to. On a connected socket it need not be set. One of
	// IPv4 that came in is always the plain one.
	Addr netip.AddrPort
	// Segment, if it is not 0, says that Data holds several datagrams of that many bytes
	// each, one behind the other; the last one may be shorter. They come so with
	// PacketConfig.GRO, and are sent so by whoever sets it: 64 datagrams at most, 65,000
	// bytes at most, and a Segment that fits the MTU, or the error is EINVAL or EMSGSIZE.
	Segment int
	// Truncated says that the packet was longer than there was room for, and that the rest
	// is lost.
	Truncated bool
}

// NewPackets returns n Packets for ReadBatch, each with room for size bytes.
func NewPackets(n, size int) []Packet {
	ps, b := make([]Packet, n), make([]byte, n*size)
	for i := range ps {
		ps[i].Data = b[i*size : (i+1)*size : (i+1)*size]
	}
	return ps
}

// Segments returns the datagrams that p holds, one at least. They are parts of Data.
func (p *Packet) Segments() iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		b := p.Data
		for p.Segment > 0 && len(b) > p.Segment {
			if !yield(b[:p.Segment:p.Segment]) {
				return
			}
			b = b[p.Segment:]
		}
		yield(b)
	}
}

// count returns how many datagrams p holds.
func (p *Packet) count() uint64 {
	if p.Segment <= 0 || len(p.Data) <= p.Segment {
		return 1
	}
	return uint64((len(p.Data) + p.Segment - 1) / p.Segment)
}

// packets is what the packet sockets of a Reactor share: nothing in it is in use between two
// system calls, but for what a handler has been given.
type packets struct {
	calls messages // of ReadBatch and WriteBatch
	in    messages // of handlers
	got   []Packet
	room  []byte // the buffers behind in
	size  int    // of each
	out   Batch
}

// fit makes the buffers for handlers large enough.
func (q *packets) fit(size int) {
	if size <= q.size {
		return
	}
	q.in.make(true)
	q.got = make([]Packet, PacketBatch)
	// A line more than is needed: buffers whose distance is a power of two would compete for
	// the same few lines of the cache.
	stride := (size+63)&^63 + 64
	q.size, q.room = size, make([]byte, stride*PacketBatch)
	for i := range PacketBatch {
		q.in.buffer(i, q.room[i*stride:i*stride+size])
	}
	q.out.make(true)
}

// packetIn counts a packet that came in.
func (r *Reactor) packetIn(p *Packet) {
	r.counters[cPacketsIn] += p.count()
	r.counters[cBytesIn] += uint64(len(p.Data))
	if p.Truncated {
		r.counters[cTruncated]++
	}
}

// packetOut counts one that went out.
func (r *Reactor) packetOut(n uint64, bytes int) {
	r.counters[cPacketsOut] += n
	r.counters[cBytesOut] += uint64(bytes)
}
