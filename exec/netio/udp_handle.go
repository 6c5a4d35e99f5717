package netio

import (
	"net/netip"
	"syscall"
)

// PacketHandler is given packets as they come, on the loop and in no coroutine: it must not
// wait. in, and what Data points to, is its own until it returns; it may write into Data, up
// to its capacity, to answer in place. What it sends through out leaves when it returns, at
// the latest.
//
// It is called for PacketBatch packets at most, and once per turn, so that a flood of packets
// does not keep the loop. If the kernel takes no more of what it sends, the rest is dropped,
// as a network may do, and counted (Stats.PacketsDropped), and no more is received until
// there is room: what must not be dropped is sent with WriteBatch.
type PacketHandler func(c *PacketConn, in []Packet, out *Batch)

// handle receives once and calls the handler.
func (c *PacketConn) handle() {
	if !c.in.may || !c.out.may || c.closed.Load() {
		return
	}
	q := &c.r.packets
	q.in.renew(c.cfg.GRO)
	n, err := c.receive(&q.in, PacketBatch)
	if err == errAgain {
		return
	}
	if c.in.may {
		c.goOn() // there is more. Before the handler: it may panic
	}
	if err != nil {
		c.failed(err)
		return
	}
	in := q.got[:n]
	for i := range in {
		q.in.unpack(i, &in[i], q.in.room(i))
		c.r.packetIn(&in[i])
	}
	q.out.begin(c)
	c.cfg.Handle(c, in, &q.out)
	q.out.flush()
	q.out.c = nil
}

// failed counts and reports an error of the handler's socket.
func (c *PacketConn) failed(err error) {
	c.r.counters[cPacketErrors]++
	if c.cfg.OnError != nil {
		c.cfg.OnError(c, err)
	}
}

// Batch collects what a PacketHandler sends, so that many packets need one system call. It
// is for that handler, while it runs.
type Batch struct {
	c *PacketConn // whose handler runs; it may have closed it
	messages
	busy bool // it is being sent; OnError may close the socket meanwhile
	n    int  // messages
	iovs int  // buffers of these: one that has several is a run
	last run
}

// run is the packets of one size and destination that are the last message.
type run struct {
	to    netip.AddrPort
	size  int // of each but the last, which may be shorter; -1: nothing may be added
	total int
}

// What one message may carry with GSO.
const (
	maxRun      = 64
	maxRunBytes = 65_000
)

// begin makes b that of the handler of c. It is not empty if the last handler has panicked.
func (b *Batch) begin(c *PacketConn) {
	b.c = c
	b.dropFrom(0)
	b.empty()
}

func (b *Batch) empty() {
	b.messages.forget(b.iovs)
	b.n, b.iovs = 0, 0
}

// Send sends p after the handler has returned, or when PacketBatch packets have been
// collected. p itself is copied; its Data must not change before. It may be a Packet that
// came in, which goes back to its sender then.
func (b *Batch) Send(p *Packet) {
	c := b.c
	switch {
	case c == nil:
		panic("netio: a Batch is for the PacketHandler that was given it, while that runs")
	case c.fd < 0:
		c.r.counters[cPacketsDropped] += p.count()
		return
	}
	if err := c.sendable(p); err != nil {
		c.failed(c.fail("write", err))
		return
	}
	to := p.Addr
	if c.ends.remote.IsValid() {
		to = netip.AddrPort{}
	}
	if b.iovs == PacketBatch {
		b.flush()
	}
	if c.cfg.GSO && p.Segment == 0 && b.extend(to, p.Data) {
		return
	}
	b.messages.begin(b.n, b.iovs, p.Data, to, p.Segment)
	b.n++
	b.iovs++
	b.last = run{to: to, size: len(p.Data), total: len(p.Data)}
	if p.Segment != 0 || len(p.Data) == 0 {
		b.last.size = -1
	}
}

// extend adds a packet to the last message, if it may be a part of that.
func (b *Batch) extend(to netip.AddrPort, data []byte) bool {
	r := &b.last
	if b.n == 0 || len(data) == 0 || len(data) > r.size || r.to != to || r.total+len(data) > maxRunBytes {
		return false
	}
	if !b.messages.extend(b.n-1, b.iovs, data, r.size) {
		return false
	}
	b.iovs++
	r.total += len(data)
	if len(data) < r.size {
		r.size = -1
	}
	return true
}

// dropFrom counts the messages from i on as dropped.
func (b *Batch) dropFrom(i int) {
	for ; i < b.n; i++ {
		b.c.r.counters[cPacketsDropped] += b.count(i)
	}
}

// flush sends what has been collected.
func (b *Batch) flush() {
	c := b.c
	b.busy = true
	defer func() { b.busy = false }()
	for at, tried := 0, -1; at < b.n; {
		if c.fd < 0 || !c.out.may {
			b.dropFrom(at)
			break
		}
		n, errno := b.messages.send(c.fd, at, b.n)
		c.r.counters[cWrites]++
		switch errno {
		case 0:
			for ; n > 0; n-- {
				c.r.packetOut(b.count(at), b.bytes(at))
				at++
			}
		case syscall.EAGAIN:
			c.full()
		case syscall.EINTR:
		case syscall.EINVAL, syscall.EIO, syscall.EMSGSIZE:
			if b.runs(at) > 1 { // the way out cannot take it: one by one, from now on
				c.cfg.GSO = false
				b.split(at)
			} else {
				c.failed(c.fail("write", sysError("sendmmsg", errno)))
			}
			at++
		default:
			// On a connected socket that may have been about an earlier packet.
			if tried < at && c.ends.remote.IsValid() {
				tried = at
				continue
			}
			c.failed(c.fail("write", sysError("sendmmsg", errno)))
			at++
		}
	}
	b.empty()
}

// split sends the packets of message i one by one.
func (b *Batch) split(i int) {
	c := b.c
	for j := range b.runs(i) {
		data := b.part(i, j)
		errno := b.sendPart(c.fd, i, data)
		c.r.counters[cWrites]++
		switch errno {
		case 0:
			c.r.packetOut(1, len(data))
		case syscall.EAGAIN:
			c.full()
			c.r.counters[cPacketsDropped]++
		default:
			c.failed(c.fail("write", sysError("sendto", errno)))
		}
	}
}
