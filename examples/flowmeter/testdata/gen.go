//go:build ignore

// Command gen writes captures of made-up traffic: the same bytes for the same flags, always.
// The committed ones are made by
//
//	go run testdata/gen.go -o testdata/demo.pcap
//	go run testdata/gen.go -o testdata/demo.pcapng
//
// and one to measure with, of whole packets and many flows, by
//
//	go run testdata/gen.go -packets 200000 -flows 5000 -snaplen 65535 -o /tmp/big.pcap
package main

import (
	"encoding/binary"
	"flag"
	"fmt"
	"log"
	"math/rand/v2"
	"net"
	"os"
	"strings"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
)

var (
	out     = flag.String("o", "demo.pcap", "file to write; a name ending in ng gets pcapng")
	packets = flag.Int("packets", 1500, "number of packets")
	flows   = flag.Int("flows", 60, "number of conversations")
	snaplen = flag.Int("snaplen", 96, "most bytes kept of a packet")
)

// talk is one conversation.
type talk struct {
	v6     bool
	proto  layers.IPProtocol
	vlans  []uint16
	client net.IP
	server net.IP
	cport  uint16
	sport  uint16
	step   int // packets so far
	seq    [2]uint32
}

type writer interface {
	WritePacket(ci gopacket.CaptureInfo, data []byte) error
}

type gen struct {
	rng *rand.Rand
	buf gopacket.SerializeBuffer
	now time.Time
}

func main() {
	log.SetFlags(0)
	flag.Parse()
	f, err := os.Create(*out)
	check(err)
	var w writer
	if strings.HasSuffix(*out, "ng") {
		ng, err := pcapgo.NewNgWriterInterface(f, pcapgo.NgInterface{
			Name: "gen0", LinkType: layers.LinkTypeEthernet, SnapLength: uint32(*snaplen), TimestampResolution: 9,
		}, pcapgo.NgWriterOptions{})
		check(err)
		defer func() { check(ng.Flush()); check(f.Close()) }()
		w = ng
	} else {
		p := pcapgo.NewWriterNanos(f)
		check(p.WriteFileHeader(uint32(*snaplen), layers.LinkTypeEthernet))
		defer func() { check(f.Close()) }()
		w = p
	}
	g := &gen{
		rng: rand.New(rand.NewPCG(1, 2)),
		buf: gopacket.NewSerializeBuffer(),
		now: time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC),
	}
	talks := make([]*talk, *flows)
	for i := range talks {
		talks[i] = g.talk(i)
	}
	for n := range *packets {
		var b []byte
		if n%50 == 49 {
			b = g.oddity(n / 50)
		} else {
			// A few conversations carry most of the traffic, as everywhere.
			i := int(g.rng.Float64() * g.rng.Float64() * g.rng.Float64() * float64(len(talks)))
			b = g.next(talks[i])
		}
		g.now = g.now.Add(time.Duration(20+g.rng.IntN(2000)) * time.Microsecond)
		kept := b[:min(len(b), *snaplen)]
		check(w.WritePacket(gopacket.CaptureInfo{Timestamp: g.now, CaptureLength: len(kept), Length: len(b)}, kept))
	}
}

// talk makes up the i-th conversation.
func (g *gen) talk(i int) *talk {
	t := &talk{
		v6: i%5 == 3, proto: layers.IPProtocolTCP,
		cport: uint16(32768 + g.rng.IntN(28000)), sport: []uint16{443, 80, 22, 8080, 5432}[i%5],
		seq: [2]uint32{g.rng.Uint32(), g.rng.Uint32()},
	}
	switch {
	case i%7 == 5:
		t.proto, t.sport = layers.IPProtocolUDP, []uint16{53, 443, 123}[i%3]
	case i%20 == 12:
		t.proto = layers.IPProtocolICMPv4
		if t.v6 {
			t.proto = layers.IPProtocolICMPv6
		}
	}
	if i%6 == 2 {
		t.vlans = []uint16{uint16(100 + i%4)}
	}
	if i%12 == 8 {
		t.vlans = []uint16{10, uint16(200 + i%4)}
	}
	if t.v6 {
		t.client = net.ParseIP(fmt.Sprintf("2001:db8::%x:%x", 1+i%9, 1+i))
		t.server = net.ParseIP(fmt.Sprintf("2001:db8:ffff::%x", 1+i%4))
	} else {
		t.client = net.IPv4(10, 1, byte(i>>8), byte(1+i)).To4()
		t.server = net.IPv4(192, 0, 2, byte(1+i%9)).To4()
	}
	return t
}

// next makes the conversation's next packet.
func (g *gen) next(t *talk) []byte {
	dir, payload := 0, 0
	switch {
	case t.proto != layers.IPProtocolTCP:
		dir = t.step % 2
		payload = 20 + g.rng.IntN(80) + dir*g.rng.IntN(400)
	case t.step < 3:
		dir = t.step % 2 // handshake
	case t.step%8 == 3:
		payload = 80 + g.rng.IntN(500) // request
	case t.step%8 == 6:
		// acknowledgement
	default:
		dir, payload = 1, 1000+g.rng.IntN(449) // response
	}
	t.step++
	return g.packet(t, dir, payload)
}

// packet makes a packet of t in one direction with so many bytes of payload.
func (g *gen) packet(t *talk, dir, payload int) []byte {
	src, dst, sp, dp := t.client, t.server, t.cport, t.sport
	if dir == 1 {
		src, dst, sp, dp = dst, src, dp, sp
	}
	ls := g.link(t)
	var ip gopacket.NetworkLayer
	if t.v6 {
		h := &layers.IPv6{Version: 6, NextHeader: t.proto, HopLimit: 60, SrcIP: src, DstIP: dst}
		ls, ip = append(ls, h), h
	} else {
		h := &layers.IPv4{Version: 4, IHL: 5, Protocol: t.proto, TTL: 60, Id: uint16(t.step), SrcIP: src, DstIP: dst}
		ls, ip = append(ls, h), h
	}
	switch t.proto {
	case layers.IPProtocolTCP:
		h := &layers.TCP{SrcPort: layers.TCPPort(sp), DstPort: layers.TCPPort(dp), Seq: t.seq[dir], Ack: t.seq[1-dir],
			SYN: t.step <= 2, ACK: t.step != 1, PSH: payload > 0, Window: 502,
			Options: []layers.TCPOption{{OptionType: layers.TCPOptionKindNop}, {OptionType: layers.TCPOptionKindNop},
				{OptionType: layers.TCPOptionKindTimestamps, OptionLength: 10, OptionData: make([]byte, 8)}}}
		t.seq[dir] += uint32(payload)
		check(h.SetNetworkLayerForChecksum(ip))
		ls = append(ls, h)
	case layers.IPProtocolUDP:
		h := &layers.UDP{SrcPort: layers.UDPPort(sp), DstPort: layers.UDPPort(dp)}
		check(h.SetNetworkLayerForChecksum(ip))
		ls = append(ls, h)
	case layers.IPProtocolICMPv4:
		ls = append(ls, &layers.ICMPv4{TypeCode: layers.CreateICMPv4TypeCode(uint8(8-8*dir), 0), Id: t.cport, Seq: uint16(t.step)})
	case layers.IPProtocolICMPv6:
		h := &layers.ICMPv6{TypeCode: layers.CreateICMPv6TypeCode(uint8(128+dir), 0)}
		check(h.SetNetworkLayerForChecksum(ip))
		ls = append(ls, h, &layers.ICMPv6Echo{Identifier: t.cport, SeqNumber: uint16(t.step)})
	}
	return g.serialize(append(ls, gopacket.Payload(make([]byte, payload)))...)
}

// link makes the Ethernet header and VLAN tags.
func (g *gen) link(t *talk) []gopacket.SerializableLayer {
	proto := layers.EthernetTypeIPv4
	if t.v6 {
		proto = layers.EthernetTypeIPv6
	}
	eth := &layers.Ethernet{
		SrcMAC: net.HardwareAddr{2, 0, 0, 0, 0, 1}, DstMAC: net.HardwareAddr{2, 0, 0, 0, 0, 2}, EthernetType: proto,
	}
	ls := []gopacket.SerializableLayer{eth}
	for i, id := range t.vlans {
		tag := &layers.Dot1Q{VLANIdentifier: id, Type: proto}
		if i < len(t.vlans)-1 {
			tag.Type = layers.EthernetTypeDot1Q
		}
		ls = append(ls, tag)
	}
	switch len(t.vlans) {
	case 1:
		eth.EthernetType = layers.EthernetTypeDot1Q
	case 2:
		eth.EthernetType = layers.EthernetTypeQinQ
	}
	return ls
}

// oddity makes the i-th packet of the kind that breaks naive meters.
func (g *gen) oddity(i int) []byte {
	t4 := &talk{proto: layers.IPProtocolUDP, client: net.IPv4(10, 9, 0, 1).To4(), server: net.IPv4(10, 9, 0, 2).To4(), cport: 4000, sport: 5000}
	t6 := &talk{v6: true, proto: layers.IPProtocolUDP, client: net.ParseIP("2001:db8::9:1"), server: net.ParseIP("2001:db8::9:2"), cport: 4000, sport: 5000}
	switch i % 9 {
	case 0: // ARP
		return g.serialize(
			&layers.Ethernet{SrcMAC: net.HardwareAddr{2, 0, 0, 0, 0, 1}, DstMAC: layers.EthernetBroadcast, EthernetType: layers.EthernetTypeARP},
			&layers.ARP{AddrType: layers.LinkTypeEthernet, Protocol: layers.EthernetTypeIPv4, HwAddressSize: 6, ProtAddressSize: 4, Operation: 1,
				SourceHwAddress: []byte{2, 0, 0, 0, 0, 1}, SourceProtAddress: []byte{10, 9, 0, 1},
				DstHwAddress: make([]byte, 6), DstProtAddress: []byte{10, 9, 0, 2}})
	case 1, 2: // the first and a later IPv4 fragment
		b := g.packet(t4, 0, 1400)
		ip := b[14:]
		binary.BigEndian.PutUint16(ip[6:], []uint16{0x2000, 175}[i%9-1])
		fixChecksum(ip[:20])
		return b
	case 3, 4: // the same in IPv6
		b := g.packet(t6, 0, 1400)
		ip := b[14:]
		ext := []byte{ip[6], 0, 0, 1, 0, 0, 0, 7}
		if i%9 == 4 {
			binary.BigEndian.PutUint16(ext[2:], 175<<3)
		}
		return insert6(b, uint8(layers.IPProtocolIPv6Fragment), ext)
	case 5: // hop-by-hop options with a router alert
		return insert6(g.packet(t6, 1, 40), uint8(layers.IPProtocolIPv6HopByHop), []byte{b6next, 0, 5, 2, 0, 0, 1, 0})
	case 6: // IPv4 in IPv4
		b := g.packet(t4, 0, 100)
		outer := append([]byte{}, b[:34]...)
		outer[14+9] = byte(layers.IPProtocolIPv4)
		binary.BigEndian.PutUint16(outer[16:], uint16(20+len(b)-14))
		fixChecksum(outer[14:34])
		return append(outer, b[14:]...)
	case 7: // a TCP header that ends early
		t4.proto = layers.IPProtocolTCP
		b := g.packet(t4, 0, 0)[:14+20+12]
		binary.BigEndian.PutUint16(b[16:], 32)
		fixChecksum(b[14:34])
		return b
	default: // an ICMP error, which has no identifier
		t4.proto = layers.IPProtocolICMPv4
		b := g.packet(t4, 1, 28)
		b[34], b[35] = 3, 3
		return b
	}
}

// b6next is replaced by the header's own successor.
const b6next = 0

// insert6 puts an extension header behind the IPv6 header of an Ethernet frame.
func insert6(frame []byte, typ uint8, ext []byte) []byte {
	b := append([]byte{}, frame[:54]...)
	ext[0], b[20] = b[20], typ
	binary.BigEndian.PutUint16(b[18:], binary.BigEndian.Uint16(b[18:])+uint16(len(ext)))
	return append(append(b, ext...), frame[54:]...)
}

// fixChecksum corrects an IPv4 header's checksum.
func fixChecksum(ip []byte) {
	ip[10], ip[11] = 0, 0
	binary.BigEndian.PutUint16(ip[10:], gopacket.FoldChecksum(gopacket.ComputeChecksum(ip, 0)))
}

func (g *gen) serialize(ls ...gopacket.SerializableLayer) []byte {
	check(g.buf.Clear())
	check(gopacket.SerializeLayers(g.buf, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}, ls...))
	return append([]byte{}, g.buf.Bytes()...)
}

func check(err error) {
	if err != nil {
		log.Fatal("gen: ", err)
	}
}
