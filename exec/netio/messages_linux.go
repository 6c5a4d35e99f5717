package netio

import (
	"net/netip"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// messages are the arguments of recvmmsg and sendmmsg. The kernel reads and writes them, so
// they are made once, on the heap. buffers that messages point to are kept alive by them
// until forget.
type messages struct {
	hdrs  []mmsghdr
	iovs  []unix.Iovec
	names []unix.RawSockaddrInet6
	ctls  []control
	sizes []messageSize

	used int  // messages that the last receive has filled
	gro  bool // what they were ready for
}

// mmsghdr is struct mmsghdr.
type mmsghdr struct {
	hdr unix.Msghdr
	n   uint32 // bytes received
}

// control has room for one control message that carries a number: the size of segments.
type control struct {
	hdr  unix.Cmsghdr
	data [8]byte
}

// messageSize is what a message of a Batch carries.
type messageSize struct{ bytes, segment int }

// make makes m, if that has not been done.
func (m *messages) make(sizes bool) {
	if m.hdrs != nil {
		return
	}
	m.hdrs = make([]mmsghdr, PacketBatch)
	m.iovs = make([]unix.Iovec, PacketBatch)
	m.names = make([]unix.RawSockaddrInet6, PacketBatch)
	m.ctls = make([]control, PacketBatch)
	if sizes {
		m.sizes = make([]messageSize, PacketBatch)
	}
	m.expect(PacketBatch, false)
}

// buffer has message i use b.
func (m *messages) buffer(i int, b []byte) {
	m.iovs[i].Base = unsafe.SliceData(b)
	m.iovs[i].SetLen(len(b))
}

// room returns the buffer of message i.
func (m *messages) room(i int) []byte { return unsafe.Slice(m.iovs[i].Base, int(m.iovs[i].Len)) }

// forget lets go of the first n buffers.
func (m *messages) forget(n int) { clear(m.iovs[:n]) }

// expect makes the first n messages ready to be received.
func (m *messages) expect(n int, gro bool) {
	for i := range m.hdrs[:n] {
		h := &m.hdrs[i].hdr
		h.Name, h.Namelen = (*byte)(unsafe.Pointer(&m.names[i])), unix.SizeofSockaddrInet6
		h.Iov = &m.iovs[i]
		h.SetIovlen(1)
		h.Control = nil
		h.SetControllen(0)
		if gro {
			h.Control = (*byte)(unsafe.Pointer(&m.ctls[i]))
			h.SetControllen(int(unsafe.Sizeof(control{})))
		}
	}
}

// renew is expect for all messages, of a use that has begun with fit: only those that were
// filled since have changed.
func (m *messages) renew(gro bool) {
	n := m.used
	if gro != m.gro {
		n = PacketBatch
	}
	m.expect(n, gro)
	m.used, m.gro = 0, gro
}

// receive receives up to n messages.
func (m *messages) receive(fd, n int) (int, syscall.Errno) {
	got, _, errno := syscall.RawSyscall6(unix.SYS_RECVMMSG, uintptr(fd), uintptr(unsafe.Pointer(&m.hdrs[0])), uintptr(n), unix.MSG_DONTWAIT, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	m.used = int(got)
	return int(got), 0
}

// unpack makes p message i, which was received into b.
func (m *messages) unpack(i int, p *Packet, b []byte) {
	h := &m.hdrs[i]
	p.Data = b[:min(int(h.n), len(b))]
	p.Addr = addrPort(&m.names[i])
	p.Truncated = h.hdr.Flags&unix.MSG_TRUNC != 0
	p.Segment = 0
	if h.hdr.Controllen == 0 {
		return
	}
	if c := &m.ctls[i]; c.hdr.Level == unix.IPPROTO_UDP && c.hdr.Type == udpGRO {
		if size := int(*(*int32)(unsafe.Pointer(&c.data))); size < len(p.Data) {
			p.Segment = size
		}
	}
}

// pack makes message i p, to be sent.
func (m *messages) pack(i int, p *Packet) { m.begin(i, i, p.Data, p.Addr, p.Segment) }

// begin makes message i, whose buffer is the one at iov.
func (m *messages) begin(i, iov int, data []byte, to netip.AddrPort, segment int) {
	h := &m.hdrs[i].hdr
	h.Name, h.Namelen = nil, 0
	if to.IsValid() {
		h.Name = (*byte)(unsafe.Pointer(&m.names[i]))
		h.Namelen = uint32(putInet(&m.names[i], to))
	}
	m.buffer(iov, data)
	h.Iov = &m.iovs[iov]
	h.SetIovlen(1)
	if segment >= len(data) {
		segment = 0
	}
	m.segment(i, segment)
	if m.sizes != nil {
		m.sizes[i] = messageSize{len(data), segment}
	}
}

// segment has the kernel cut message i into datagrams of that size, or not at all.
func (m *messages) segment(i, size int) {
	h, c := &m.hdrs[i].hdr, &m.ctls[i]
	h.Control = nil
	h.SetControllen(0)
	if size > 0 {
		c.hdr.Level, c.hdr.Type = unix.IPPROTO_UDP, udpSegment
		c.hdr.SetLen(unix.CmsgLen(2))
		*(*uint16)(unsafe.Pointer(&c.data)) = uint16(size)
		h.Control = (*byte)(unsafe.Pointer(c))
		h.SetControllen(unix.CmsgSpace(2))
	}
}

// extend adds the buffer at iov, which is the next one, to message i, which then is a run of
// datagrams of size bytes. It reports false if it has too many.
func (m *messages) extend(i, iov int, data []byte, size int) bool {
	h := &m.hdrs[i].hdr
	if h.Iovlen >= maxRun {
		return false
	}
	if h.Iovlen == 1 {
		m.segment(i, size)
		m.sizes[i].segment = size
	}
	m.buffer(iov, data)
	h.SetIovlen(int(h.Iovlen) + 1)
	m.sizes[i].bytes += len(data)
	return true
}

// send sends messages [from, to).
func (m *messages) send(fd, from, to int) (int, syscall.Errno) {
	n, _, errno := syscall.RawSyscall6(unix.SYS_SENDMMSG, uintptr(fd), uintptr(unsafe.Pointer(&m.hdrs[from])), uintptr(to-from), unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(n), 0
}

// bytes and count return what message i of a Batch carries.
func (m *messages) bytes(i int) int { return m.sizes[i].bytes }

func (m *messages) count(i int) uint64 {
	if s := m.sizes[i]; s.segment > 0 {
		return uint64((s.bytes + s.segment - 1) / s.segment)
	}
	return 1
}

// runs returns how many buffers message i has.
func (m *messages) runs(i int) int { return int(m.hdrs[i].hdr.Iovlen) }

// part returns one of them.
func (m *messages) part(i, j int) []byte {
	v := unsafe.Slice(m.hdrs[i].hdr.Iov, m.runs(i))[j]
	return unsafe.Slice(v.Base, int(v.Len))
}

// sendPart sends data alone to where message i goes.
func (m *messages) sendPart(fd, i int, data []byte) syscall.Errno {
	h := &m.hdrs[i].hdr
	return sysSendTo(fd, data, unsafe.Pointer(h.Name), int(h.Namelen))
}
