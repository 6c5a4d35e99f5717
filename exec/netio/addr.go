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

// addr returns one of the two as package net does.
func (c *Conn) addr(a netip.AddrPort, unix string) net.Addr {
	if c.kind == kindUnix {
		return &net.UnixAddr{Name: unix, Net: "unix"}
	}
	return netAddr(a, c.kind)
}

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
