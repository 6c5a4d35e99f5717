package main

import (
	"bytes"
	"encoding/binary"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
	"github.com/stretchr/testify/require"
)

// Addresses of the packets that tests make: a1 < b1 and a6 < b6.
var (
	a1 = net.IPv4(10, 0, 0, 1).To4()
	b1 = net.IPv4(10, 0, 0, 2).To4()
	a6 = net.ParseIP("2001:db8::1")
	b6 = net.ParseIP("2001:db8::2")
)

func eth(t layers.EthernetType) *layers.Ethernet {
	return &layers.Ethernet{SrcMAC: net.HardwareAddr{2, 0, 0, 0, 0, 1}, DstMAC: net.HardwareAddr{2, 0, 0, 0, 0, 2}, EthernetType: t}
}

func vlan(id uint16, t layers.EthernetType) *layers.Dot1Q {
	return &layers.Dot1Q{VLANIdentifier: id, Type: t}
}

func ip4(src, dst net.IP, p layers.IPProtocol) *layers.IPv4 {
	return &layers.IPv4{Version: 4, IHL: 5, TTL: 64, Protocol: p, SrcIP: src, DstIP: dst}
}

func ip6(src, dst net.IP, p layers.IPProtocol) *layers.IPv6 {
	return &layers.IPv6{Version: 6, HopLimit: 64, NextHeader: p, SrcIP: src, DstIP: dst}
}

func tcp(sp, dp layers.TCPPort) *layers.TCP {
	return &layers.TCP{SrcPort: sp, DstPort: dp, ACK: true, Window: 100}
}

func udp(sp, dp layers.UDPPort) *layers.UDP { return &layers.UDP{SrcPort: sp, DstPort: dp} }

func ping(typ uint8, id uint16) *layers.ICMPv4 {
	return &layers.ICMPv4{TypeCode: layers.CreateICMPv4TypeCode(typ, 0), Id: id}
}

// ping6 is an ICMPv6 header with an identifier behind it.
func ping6(typ uint8, id uint16) raw { return raw{typ, 0, 0, 0, byte(id >> 8), byte(id), 0, 1} }

func data(n int) gopacket.Payload { return make([]byte, n) }

// raw is bytes to be put into a packet as they are.
type raw []byte

func (r raw) LayerType() gopacket.LayerType { return gopacket.LayerTypePayload }
func (r raw) SerializeTo(b gopacket.SerializeBuffer, _ gopacket.SerializeOptions) error {
	to, err := b.PrependBytes(len(r))
	copy(to, r)
	return err
}

// frame puts layers together, outermost first, and fills in lengths.
func frame(t testing.TB, ls ...gopacket.SerializableLayer) []byte {
	t.Helper()
	b := gopacket.NewSerializeBuffer()
	require.NoError(t, gopacket.SerializeLayers(b, gopacket.SerializeOptions{FixLengths: true}, ls...))
	return bytes.Clone(b.Bytes())
}

// sll and sll2 are Linux cooked headers.
func sll(t layers.EthernetType) raw {
	return binary.BigEndian.AppendUint16([]byte{0, 4, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0}, uint16(t))
}

func sll2(t layers.EthernetType) raw {
	return append(binary.BigEndian.AppendUint16(nil, uint16(t)), 0, 0, 0, 0, 0, 1, 0, 1, 4, 6, 2, 0, 0, 0, 0, 1, 0, 0)
}

// frag6 is an IPv6 fragment header.
func frag6(next layers.IPProtocol, offset uint16, more bool) raw {
	f := offset << 3
	if more {
		f |= 1
	}
	return append(binary.BigEndian.AppendUint16([]byte{byte(next), 0}, f), 0, 0, 0, 9)
}

// writePcap writes packets, a millisecond apart, to a pcap file in a temporary directory.
func writePcap(t testing.TB, l layers.LinkType, packets ...[]byte) string {
	t.Helper()
	var b bytes.Buffer
	w := pcapgo.NewWriterNanos(&b)
	require.NoError(t, w.WriteFileHeader(65535, l))
	for i, p := range packets {
		require.NoError(t, w.WritePacket(info(i, p), p))
	}
	return writeFile(t, "test.pcap", b.Bytes())
}

// info is the capture info of the i-th packet.
func info(i int, p []byte) gopacket.CaptureInfo {
	return gopacket.CaptureInfo{Timestamp: time.Unix(1_700_000_000, int64(i)*1e6), CaptureLength: len(p), Length: len(p)}
}

func writeFile(t testing.TB, name string, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, b, 0o600))
	return path
}

func readFile(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	return b
}
