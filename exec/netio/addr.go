package netio

import (
	"net"
	"net/netip"
)

// ends are the two addresses of a connection. They do not change, so that any goroutine may
// look at them.
type ends struct {
	local, remote         netip.AddrPort // zero for Unix domain sockets
	unixLocal, unixRemote string
}

// LocalAddr returns the address of this side. Any goroutine may call it.
func (c *socket) LocalAddr() net.Addr {
	if c.kind == kindUnix {
		return &net.UnixAddr{Name: c.ends.unixLocal, Net: "unix"}
	}
	return netAddr(c.ends.local, c.kind)
}

// RemoteAddr returns the address of the other side, which is nil for a PacketConn that is not
// connected. Any goroutine may call it.
func (c *socket) RemoteAddr() net.Addr {
	switch {
	case c.kind == kindUnix:
		return &net.UnixAddr{Name: c.ends.unixRemote, Net: "unix"}
	case c.kind == kindUDP && !c.ends.remote.IsValid():
		return nil
	}
	return netAddr(c.ends.remote, c.kind)
}

// LocalAddrPort is LocalAddr without an allocation. It is the zero AddrPort for a Unix domain
// socket.
func (c *socket) LocalAddrPort() netip.AddrPort { return c.ends.local }

// RemoteAddrPort is RemoteAddr without an allocation. It is the zero AddrPort for a Unix domain
// socket, and for a PacketConn that is not connected.
func (c *socket) RemoteAddrPort() netip.AddrPort { return c.ends.remote }

func netAddr(a netip.AddrPort, k kind) net.Addr {
	switch {
	case k == kindUDP && a.IsValid():
		return net.UDPAddrFromAddrPort(a)
	case k == kindUDP:
		return &net.UDPAddr{}
	case a.IsValid():
		return net.TCPAddrFromAddrPort(a)
	}
	return &net.TCPAddr{}
}
