package netio

import (
	"fmt"
	"net/netip"
	"os"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Options of UDP that package unix does not know.
const (
	udpSegment = 103
	udpGRO     = 104
)

// sysPacketSocket makes the socket of a PacketConn.
func sysPacketSocket(network, address string, cfg *PacketConfig) (int, error) {
	cfg.Remote = netip.AddrPortFrom(cfg.Remote.Addr().Unmap(), cfg.Remote.Port())
	remote, wildcard := target{addr: cfg.Remote}, false
	local := remote
	var err error
	switch network {
	case "udp", "udp4", "udp6":
		if address != "" || !cfg.Remote.IsValid() {
			local, wildcard, err = listenTarget(network, address)
		} else {
			_, err = oneAddr(cfg.Remote.Addr(), 0, network[3:], cfg.Remote.String())
		}
	default:
		err = fmt.Errorf("the network is %q: it must be udp, udp4 or udp6", network)
	}
	if err != nil {
		return -1, err
	}
	fd, err := newSocket(local, true)
	if err != nil {
		return -1, err
	}
	err = cfg.options(fd, local.addr.Addr().Is6(), wildcard && network == "udp")
	if err == nil && address != "" {
		err = sysBind(fd, local)
	}
	if err == nil && cfg.Steer != nil {
		err = cfg.Steer.attach(fd)
	}
	if err == nil && cfg.Remote.IsValid() {
		if errno := sysConnect(fd, remote); errno != 0 {
			err = sysError("connect", errno)
		}
	}
	if err != nil {
		closeFD(fd)
		return -1, err
	}
	return fd, nil
}

func (cfg *PacketConfig) options(fd int, v6, both bool) error {
	var opts []option
	if v6 {
		only := 1
		if both {
			only = 0
		}
		opts = append(opts, option{"IPV6_V6ONLY", unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, only})
	}
	if cfg.ReusePort {
		opts = append(opts, option{"SO_REUSEPORT", unix.SOL_SOCKET, unix.SO_REUSEPORT, 1})
	}
	if cfg.ReadBuffer > 0 {
		opts = append(opts, option{"SO_RCVBUF", unix.SOL_SOCKET, unix.SO_RCVBUF, cfg.ReadBuffer})
	}
	if cfg.WriteBuffer > 0 {
		opts = append(opts, option{"SO_SNDBUF", unix.SOL_SOCKET, unix.SO_SNDBUF, cfg.WriteBuffer})
	}
	if cfg.GRO {
		opts = append(opts, option{"UDP_GRO", unix.IPPROTO_UDP, udpGRO, 1})
	}
	return setOptions(fd, opts)
}

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
	got, _, errno := unix.RawSyscall6(unix.SYS_RECVMMSG, uintptr(fd), uintptr(unsafe.Pointer(&m.hdrs[0])), uintptr(n), unix.MSG_DONTWAIT, 0, 0)
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
	n, _, errno := unix.RawSyscall6(unix.SYS_SENDMMSG, uintptr(fd), uintptr(unsafe.Pointer(&m.hdrs[from])), uintptr(to-from), unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, 0, 0)
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

func sysSendTo(fd int, b []byte, name unsafe.Pointer, size int) syscall.Errno {
	for {
		_, _, errno := unix.RawSyscall6(unix.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)), unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, uintptr(name), uintptr(size))
		if errno != unix.EINTR {
			runtime.KeepAlive(b)
			return errno
		}
	}
}

// sysSendPacket sends one datagram. The zero address is that of a connected socket.
func sysSendPacket(fd int, b []byte, to netip.AddrPort) syscall.Errno {
	if !to.IsValid() {
		return sysSendTo(fd, b, nil, 0)
	}
	var sa unix.RawSockaddrInet6
	return sysSendTo(fd, b, unsafe.Pointer(&sa), putInet(&sa, to))
}

// sysReceivePacket receives one datagram, and returns its size, which is greater than that of
// b if it has been cut off.
func sysReceivePacket(fd int, b []byte) (int, netip.AddrPort, syscall.Errno) {
	var sa unix.RawSockaddrInet6
	size := uint32(unsafe.Sizeof(sa))
	for {
		n, _, errno := unix.RawSyscall6(unix.SYS_RECVFROM, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)), unix.MSG_DONTWAIT|unix.MSG_TRUNC, uintptr(unsafe.Pointer(&sa)), uintptr(unsafe.Pointer(&size)))
		switch errno {
		case 0:
			return int(n), addrPort(&sa), 0
		case unix.EINTR:
		default:
			return 0, netip.AddrPort{}, errno
		}
	}
}

// sysDrops returns how many packets the kernel has dropped.
func sysDrops(fd int) (uint32, error) {
	var info [unix.SK_MEMINFO_VARS]uint32
	size := uint32(unsafe.Sizeof(info))
	if _, _, errno := unix.RawSyscall6(unix.SYS_GETSOCKOPT, uintptr(fd), unix.SOL_SOCKET, unix.SO_MEMINFO, uintptr(unsafe.Pointer(&info)), uintptr(unsafe.Pointer(&size)), 0); errno != 0 {
		return 0, os.NewSyscallError("getsockopt SO_MEMINFO", errno)
	}
	return info[unix.SK_MEMINFO_DROPS], nil
}
