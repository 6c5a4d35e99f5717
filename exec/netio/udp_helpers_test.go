package netio_test

import (
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// packets opens a UDP socket on the loop.
func (h *host) packets(network, address string, cfg netio.PacketConfig) *netio.PacketConn {
	h.t.Helper()
	var c *netio.PacketConn
	h.do(func(*exec.Local) {
		var err error
		c, err = h.r.ListenPacket(network, address, cfg)
		require.NoError(h.t, err)
	})
	return c
}

// echoPackets is a PacketHandler that sends back what comes.
func echoPackets(_ *netio.PacketConn, in []netio.Packet, out *netio.Batch) {
	for i := range in {
		out.Send(&in[i])
	}
}

// dialUDP returns a socket of package net that is connected to an address.
func dialUDP(t testing.TB, to netip.AddrPort) *net.UDPConn {
	t.Helper()
	c, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(to))
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	require.NoError(t, c.SetDeadline(time.Now().Add(20*time.Second)))
	return c
}

// listenUDP returns one that is not.
func listenUDP(t testing.TB, network, address string) *net.UDPConn {
	t.Helper()
	a, err := net.ResolveUDPAddr(network, address)
	require.NoError(t, err)
	c, err := net.ListenUDP(network, a)
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	require.NoError(t, c.SetDeadline(time.Now().Add(20*time.Second)))
	return c
}

// addrOf returns the address of a socket of package net.
func addrOf(c *net.UDPConn) netip.AddrPort {
	return c.LocalAddr().(*net.UDPAddr).AddrPort()
}

// pingPong sends each of some payloads over c, and wants it back before the next.
func pingPong(t testing.TB, c *net.UDPConn, payloads ...string) {
	t.Helper()
	b := make([]byte, 70_000)
	for _, p := range payloads {
		_, err := c.Write([]byte(p))
		require.NoError(t, err)
		n, err := c.Read(b)
		require.NoError(t, err)
		require.Equal(t, p, string(b[:n]))
	}
}
