package netio

import (
	"fmt"
	"net"

	"github.com/pushcore/pushcore/exec"
)

// ListenPacket opens a UDP socket on this loop. The network is "udp", "udp4" or "udp6"; the
// address is that of net.ListenPacket, with a port in numbers, or "" if there is a
// PacketConfig.Remote: then the kernel picks one.
func (r *Reactor) ListenPacket(network, address string, cfg PacketConfig) (*PacketConn, error) {
	c, err := r.listenPacket(network, address, cfg)
	if err != nil {
		return nil, &net.OpError{Op: "listen", Net: network, Err: fmt.Errorf("%s: %w", address, err)}
	}
	return c, nil
}

func (r *Reactor) listenPacket(network, address string, cfg PacketConfig) (*PacketConn, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	if r.draining {
		return nil, ErrDraining
	}
	if err := r.full(); err != nil {
		return nil, err
	}
	fd, err := sysPacketSocket(network, address, &cfg)
	if err != nil {
		return nil, err
	}
	c := &PacketConn{cfg: cfg}
	if err := c.open(r, c, fd, kindUDP, readable); err != nil {
		return nil, err
	}
	c.in.may, c.out.may = true, true
	c.ends = ends{local: localAddrPort(fd), remote: cfg.Remote}
	if cfg.Handle != nil {
		r.packets.fit(cfg.MaxPacket)
		c.goOn() // something may have come since it was bound
	}
	return c, nil
}

// DialPacket opens a UDP socket that is connected to an address, which is that of net.Dial.
// It is called by a coroutine of the loop: a name is resolved on the Exec's goroutines for
// blocking work.
func (r *Reactor) DialPacket(network, address string, cfg PacketConfig) (*PacketConn, error) {
	co := r.l.Current()
	if co == nil {
		return nil, &net.OpError{Op: "dial", Net: network, Err: fmt.Errorf("%s: %w", address, ErrNotOnLoop)}
	}
	c, err := r.dialPacket(co, network, address, cfg)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: network, Err: fmt.Errorf("%s: %w", address, err)}
	}
	return c, nil
}

func (r *Reactor) dialPacket(co *exec.Co, network, address string, cfg PacketConfig) (c *PacketConn, err error) {
	switch network {
	case "udp", "udp4", "udp6":
	default:
		return nil, net.UnknownNetworkError(network)
	}
	addrs, err := resolve(co, network, address)
	if err != nil {
		return nil, err
	}
	for _, cfg.Remote = range addrs {
		if c, err = r.listenPacket(network, "", cfg); err == nil {
			return c, nil
		}
	}
	return nil, err
}
