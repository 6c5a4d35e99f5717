package serve

import (
	"encoding/binary"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/exec/netio"
)

// ByIP is the key of a connection's source address, without the port: all connections of one
// client have the same. It is 0 for a Unix domain socket.
func ByIP(a netio.Accepted) uint64 {
	from := a.RemoteAddrPort()
	if !from.IsValid() {
		return 0
	}
	ip := from.Addr().As16() // so that 1.2.3.4 is ::ffff:1.2.3.4, which it is to a listener for both
	return balance.Mix(balance.Mix(binary.BigEndian.Uint64(ip[:8])) + binary.BigEndian.Uint64(ip[8:]))
}

// ByAddrPort is the key of the source address with the port: each connection has another.
func ByAddrPort(a netio.Accepted) uint64 {
	return balance.Mix(ByIP(a) + uint64(a.RemoteAddrPort().Port()))
}
