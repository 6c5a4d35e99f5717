package netio

import (
	"errors"
	"fmt"
	"net/netip"
)

// Defaults and limits of the fields of [PacketConfig].
const (
	DefaultMaxPacket = 2 << 10  // bytes
	maxPacket        = 64 << 10 // and with GRO the default
)

// PacketConfig says how a PacketConn is opened. The zero value works.
type PacketConfig struct {
	// Handle is given what comes in. Without it coroutines read.
	Handle PacketHandler
	// OnError, if set, is told what goes wrong in receiving for Handle, and in sending what
	// it sends. It is called on the loop. Such errors are counted (Stats.PacketErrors).
	OnError func(c *PacketConn, err error)
	// MaxPacket is the size in bytes of the largest packet that Handle is given whole, from
	// 1 to 65536. The rest of a larger one is cut off (Packet.Truncated). The default is 2048
	// and with GRO 65536. A Reactor has buffers for PacketBatch packets of the largest
	// MaxPacket, which its handlers share.
	MaxPacket int

	// Remote connects the socket: it receives from that address alone, sends to it, and is
	// told when nobody listens there (ECONNREFUSED).
	Remote netip.AddrPort
	// ReusePort lets several sockets have the same address, one for each worker of a group,
	// and has the kernel spread the packets over them by a hash of the addresses.
	ReusePort bool
	// Steer, with ReusePort, has the kernel pick the socket in another way. See SteerByKey.
	Steer Steering
	// ReadBuffer and WriteBuffer are the sizes of the kernel's buffers of the socket, in
	// bytes. The kernel doubles them for what it keeps beside the data, and has limits of its
	// own (net.core.rmem_max). 0 is what the system has as the default.
	ReadBuffer, WriteBuffer int

	// GRO lets the kernel hand over packets of one sender and one size as one Packet: see
	// Packet.Segment.
	GRO bool
	// GSO lets what a handler sends leave as one, where consecutive packets have one size and
	// one destination. It is turned off again when the way out cannot do it.
	GSO bool
}

func (c PacketConfig) withDefaults() (PacketConfig, error) {
	most := DefaultMaxPacket
	if c.GRO {
		most = maxPacket
	}
	if c.MaxPacket == 0 {
		c.MaxPacket = most
	}
	switch {
	case c.MaxPacket < 1 || c.MaxPacket > maxPacket:
		return c, fmt.Errorf("PacketConfig.MaxPacket is %d: it must be from 1 to %d, or 0 for the default of %d", c.MaxPacket, maxPacket, most)
	case c.ReadBuffer < 0 || c.WriteBuffer < 0:
		return c, fmt.Errorf("PacketConfig has a ReadBuffer of %d and a WriteBuffer of %d: they must not be negative, and 0 is the system's default", c.ReadBuffer, c.WriteBuffer)
	case !c.ReusePort && c.Steer != nil:
		return c, errors.New("PacketConfig.Steer is for sockets with ReusePort")
	}
	return c, nil
}
