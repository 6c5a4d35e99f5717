package netio

import (
	"errors"
	"net"
	"net/netip"
	"syscall"
)

// errGRO is returned by reads that have no place for the size of segments.
var errGRO = errors.New("the socket has PacketConfig.GRO, so that only ReadBatch can tell packets apart")

// ReadFromUDPAddrPort receives one packet into b and returns its size and its sender. What
// does not fit into b is lost, as it is in package net, but counted (Stats.PacketsTruncated);
// ReadBatch says of which packet.
func (c *PacketConn) ReadFromUDPAddrPort(b []byte) (n int, from netip.AddrPort, err error) {
	n, from, err = c.readOne(b)
	return n, from, c.fail("read", err)
}

func (c *PacketConn) readOne(b []byte) (n int, from netip.AddrPort, err error) {
	co, err := c.enterRead()
	if err != nil {
		return 0, from, err
	}
	defer c.in.leave()
	if c.cfg.GRO {
		return 0, from, errGRO
	}
	for {
		if err := c.awaitRead(co); err != nil {
			return 0, from, err
		}
		size, from, errno := sysReceivePacket(c.fd, b)
		c.r.counters[cReads]++
		switch errno {
		case 0:
			n = min(size, len(b))
			c.r.packetIn(&Packet{Data: b[:n], Truncated: n < size})
			return n, from, nil
		case syscall.EAGAIN:
			c.in.may = false
		default:
			return 0, from, sysError("recvfrom", errno)
		}
	}
}

// WriteToUDPAddrPort sends one packet, and waits while the kernel takes no more. The error is
// net.ErrWriteToConnected on a connected socket.
func (c *PacketConn) WriteToUDPAddrPort(b []byte, to netip.AddrPort) (n int, err error) {
	switch {
	case c.ends.remote.IsValid():
		return 0, c.fail("write", net.ErrWriteToConnected)
	case !to.IsValid():
		return 0, c.fail("write", c.sendable(&Packet{}))
	}
	return c.writeOne(b, to)
}

func (c *PacketConn) writeOne(b []byte, to netip.AddrPort) (n int, err error) {
	co, err := c.enter(&c.out)
	if err != nil {
		return 0, c.fail("write", err)
	}
	defer c.out.leave()
	for {
		for c.out.may {
			errno := sysSendPacket(c.fd, b, to)
			c.r.counters[cWrites]++
			switch errno {
			case 0:
				c.r.packetOut(1, len(b))
				return len(b), nil
			case syscall.EAGAIN:
				c.full()
			default:
				c.r.counters[cPacketErrors]++
				return 0, c.fail("write", sysError("sendto", errno))
			}
		}
		c.r.counters[cHeld]++
		if err := c.await(co, &c.out); err != nil {
			return 0, c.fail("write", err)
		}
	}
}

// ReadFrom is ReadFromUDPAddrPort for a net.PacketConn. The address is a *net.UDPAddr.
func (c *PacketConn) ReadFrom(b []byte) (int, net.Addr, error) {
	n, from, err := c.ReadFromUDPAddrPort(b)
	if err != nil {
		return n, nil, err
	}
	return n, net.UDPAddrFromAddrPort(from), nil
}

// WriteTo is WriteToUDPAddrPort for a net.PacketConn. The address must be a *net.UDPAddr.
func (c *PacketConn) WriteTo(b []byte, to net.Addr) (int, error) {
	a, ok := to.(*net.UDPAddr)
	if !ok || a == nil {
		return 0, c.fail("write", syscall.EINVAL)
	}
	return c.WriteToUDPAddrPort(b, a.AddrPort())
}

// Read receives one packet, from the address that the socket is connected to.
func (c *PacketConn) Read(b []byte) (int, error) {
	n, _, err := c.ReadFromUDPAddrPort(b)
	return n, err
}

// Write sends one packet to the address that the socket is connected to.
func (c *PacketConn) Write(b []byte) (int, error) {
	if !c.ends.remote.IsValid() {
		return 0, c.fail("write", syscall.EDESTADDRREQ)
	}
	return c.writeOne(b, netip.AddrPort{})
}

var (
	_ net.PacketConn = (*PacketConn)(nil)
	_ net.Conn       = (*PacketConn)(nil)
)
