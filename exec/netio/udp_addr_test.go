package netio_test

import (
	"net"
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// Sockets of all kinds talk to each other, and addresses look as they do in package net.
func TestPacketAddresses(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	for _, c := range []struct{ network, address, server, from string }{
		{"udp", "127.0.0.1:0", "127.0.0.1", "127.0.0.1"},
		{"udp", ":0", "127.0.0.1", "127.0.0.1"},
		{"udp", ":0", "::1", "::1"},
		{"udp4", ":0", "127.0.0.1", "127.0.0.1"},
		{"udp6", "[::1]:0", "::1", "::1"},
		{"udp", "[::]:0", "::1", "::1"},
	} {
		t.Run(c.network+" "+c.address+" "+c.server, func(t *testing.T) {
			if strings.Contains(c.server, ":") {
				if probe, err := net.ListenPacket("udp6", "[::1]:0"); err != nil {
					t.Skip(err)
				} else {
					_ = probe.Close()
				}
			}
			from := make(chan netip.AddrPort, 1)
			s := h.packets(c.network, c.address, netio.PacketConfig{
				Handle: func(_ *netio.PacketConn, in []netio.Packet, out *netio.Batch) {
					from <- in[0].Addr
					out.Send(&in[0])
				}})
			client := dialUDP(t, netip.AddrPortFrom(netip.MustParseAddr(c.server), s.LocalAddrPort().Port()))
			pingPong(t, client, "hello")
			require.Equal(t, netip.AddrPortFrom(netip.MustParseAddr(c.from), addrOf(client).Port()), take(t, from))
		})
	}
}

func TestPacketAddressErrors(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	any4 := netip.MustParseAddrPort("127.0.0.1:9")
	for _, c := range []struct {
		network, address, wrong string
		cfg                     netio.PacketConfig
	}{
		{"tcp", "127.0.0.1:0", "udp, udp4 or udp6", netio.PacketConfig{}},
		{"udp", "example.org:0", "needs an IP address", netio.PacketConfig{}},
		{"udp", "127.0.0.1:x", `the port is "x"`, netio.PacketConfig{}},
		{"udp6", "127.0.0.1:0", "no IPv6 address", netio.PacketConfig{}},
		{"udp6", "", "no IPv6 address", netio.PacketConfig{Remote: any4}},
		{"udp", "", "missing port", netio.PacketConfig{}},
		{"udp", ":0", "MaxPacket is -1", netio.PacketConfig{MaxPacket: -1}},
		{"udp", ":0", "MaxPacket is 65537", netio.PacketConfig{MaxPacket: 65537}},
		{"udp", ":0", "ReadBuffer of -5", netio.PacketConfig{ReadBuffer: -5}},
		{"udp", ":0", "ReusePort", netio.PacketConfig{Steer: netio.SteerByByte(0, 2)}},
	} {
		h.do(func(*exec.Local) {
			_, err := h.r.ListenPacket(c.network, c.address, c.cfg)
			require.ErrorContains(t, err, c.wrong)
		})
	}
	require.Zero(t, h.r.Stats().Conns)
	small := begin(t, exec.Config{}, netio.Config{MaxConns: 1})
	small.packets("udp", ":0", netio.PacketConfig{})
	small.do(func(*exec.Local) {
		_, err := small.r.ListenPacket("udp", ":0", netio.PacketConfig{})
		require.ErrorIs(t, err, netio.ErrTooMany)
	})
}
