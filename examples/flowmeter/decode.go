package main

import (
	"encoding/binary"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// kind is what a packet was counted as. Every packet has exactly one.
type kind uint8

const (
	kindTCP       kind = iota
	kindUDP            // over IPv4 or IPv6, as the others
	kindICMP           // ICMP and ICMPv6
	kindOther          // not IP, a transport that is not metered, or a tunnel
	kindMalformed      // a header that contradicts itself or is cut short
	kindCount
)

// Attributes of a decoded packet, beside its kind.
const (
	attrVLAN = 1 << iota
	attrV4
	attrV6
	attrFrag
)

// decoded is what a decoder found out about one packet. key and dir are valid for the kinds TCP,
// UDP and ICMP only: those have a flow.
type decoded struct {
	key   key
	dir   int
	kind  kind
	attrs uint8
}

// decoder finds the flow of a packet with gopacket's DecodingLayerParser: its layers are
// allocated once and overwritten by each packet. It is used by one goroutine.
type decoder struct {
	eth  ethLayer
	vlan vlanLayer
	sll  sllLayer
	sll2 sll2Layer
	loop layers.Loopback
	ip4  ip4Layer
	ip6  ip6Layer
	ext  extLayer
	frag fragLayer
	tcp  tcpLayer
	udp  udpLayer
	icmp layers.ICMPv4
	icm6 layers.ICMPv6

	byLink [linkCount]*gopacket.DecodingLayerParser // linkRaw: IPv4
	raw6   *gopacket.DecodingLayerParser
	types  []gopacket.LayerType // layers of the packet at hand, outermost first
}

// newDecoder returns a decoder that is ready for every link type.
func newDecoder() *decoder {
	d := &decoder{types: make([]gopacket.LayerType, 0, 64)}
	// The skipper first: it claims the fragment header too, which then gets its own layer.
	all := gopacket.DecodingLayerContainer(gopacket.DecodingLayerSparse(nil))
	for _, l := range []gopacket.DecodingLayer{&d.ext, &d.eth, &d.vlan, &d.sll, &d.sll2, &d.loop,
		&d.ip4, &d.ip6, &d.frag, &d.tcp, &d.udp, &d.icmp, &d.icm6} {
		all = all.Put(l)
	}
	parser := func(first gopacket.LayerType) *gopacket.DecodingLayerParser {
		p := gopacket.NewDecodingLayerParser(first)
		p.SetDecodingLayerContainer(all)
		p.IgnoreUnsupported = true
		return p
	}
	d.byLink = [linkCount]*gopacket.DecodingLayerParser{
		linkEthernet: parser(layers.LayerTypeEthernet),
		linkSLL:      parser(layers.LayerTypeLinuxSLL),
		linkSLL2:     parser(layers.LayerTypeLinuxSLL2),
		linkLoopback: parser(layers.LayerTypeLoopback),
		linkRaw:      parser(layers.LayerTypeIPv4),
	}
	d.raw6 = parser(layers.LayerTypeIPv6)
	return d
}

// decode finds out what the packet in data is. It keeps no reference to data past the next call.
// It allocates only for malformed packets, and then nothing but gopacket's error.
func (d *decoder) decode(l link, data []byte, out *decoded) {
	p := d.byLink[l]
	if l == linkRaw && len(data) > 0 && data[0]>>4 == 6 {
		p = d.raw6
	}
	*out = decoded{}
	if err := p.DecodeLayers(data, &d.types); err != nil {
		out.kind = kindMalformed
	} else {
		out.kind = kindOther
	}
	d.classify(out)
}

// classify reads the layers of the packet from the outside in. A packet that could not be
// decoded to its end keeps the attributes found up to there.
func (d *decoder) classify(out *decoded) {
	var proto layers.IPProtocol
	last := gopacket.LayerTypeZero
	for _, t := range d.types {
		last = t
		switch t {
		case layers.LayerTypeDot1Q:
			out.attrs |= attrVLAN
		case layers.LayerTypeIPv4:
			out.attrs |= attrV4
			proto = d.ip4.Protocol
			if d.ip4.fragment() {
				out.attrs |= attrFrag
			}
			if d.ip4.Version != 4 {
				out.kind = kindMalformed
			}
		case layers.LayerTypeIPv6:
			out.attrs |= attrV6
			proto = d.ip6.next
			if d.ip6.version != 6 {
				out.kind = kindMalformed
			}
		case layers.LayerTypeIPv6HopByHop, layers.LayerTypeIPv6Routing, layers.LayerTypeIPv6Destination:
			proto = d.ext.NextHeader
		case layers.LayerTypeIPv6Fragment:
			proto = d.frag.NextHeader
			if d.frag.fragment() {
				out.attrs |= attrFrag
			}
		}
	}
	if out.kind == kindMalformed {
		return
	}
	switch {
	case out.attrs&(attrV4|attrV6) == 0:
		if d.wantsIP(last) {
			out.kind = kindMalformed // the link header promised IP, and nothing follows
		}
	case out.attrs&attrFrag != 0:
		d.flow(out, proto, 0, 0, formFrag)
	default:
		d.transport(out, last, proto)
	}
}

// transport fills in the flow of an unfragmented IP packet whose innermost layer is last.
func (d *decoder) transport(out *decoded, last gopacket.LayerType, proto layers.IPProtocol) {
	switch last {
	case layers.LayerTypeTCP:
		d.flow(out, proto, d.tcp.src, d.tcp.dst, 0)
	case layers.LayerTypeUDP:
		d.flow(out, proto, uint16(d.udp.SrcPort), uint16(d.udp.DstPort), 0)
	case layers.LayerTypeICMPv4:
		id := uint16(0)
		if echo(protoICMP, d.icmp.TypeCode.Type()) {
			id = d.icmp.Id
		}
		d.flow(out, proto, id, id, 0)
	case layers.LayerTypeICMPv6:
		id := uint16(0)
		if echo(protoICMP6, d.icm6.TypeCode.Type()) && len(d.icm6.Payload) >= 2 {
			id = binary.BigEndian.Uint16(d.icm6.Payload)
		}
		d.flow(out, proto, id, id, 0)
	default:
		if d.metered(out, proto) != kindOther || extension(out, proto) {
			out.kind = kindMalformed // the IP header promised a transport, and nothing follows
		}
	}
}

// flow sets the kind for proto and, if it is one that has flows, the key.
func (d *decoder) flow(out *decoded, proto layers.IPProtocol, sp, dp uint16, frag uint8) {
	if out.kind = d.metered(out, proto); out.kind == kindOther {
		return
	}
	if out.attrs&attrV4 != 0 {
		out.key, out.dir = key4(d.ip4.SrcIP, d.ip4.DstIP, sp, dp, uint8(proto), frag)
	} else {
		out.key, out.dir = key6(d.ip6.src, d.ip6.dst, sp, dp, uint8(proto), frag)
	}
}

// metered is the kind of a transport protocol. Each IP version has an ICMP of its own.
func (d *decoder) metered(out *decoded, proto layers.IPProtocol) kind {
	switch {
	case proto == layers.IPProtocolTCP:
		return kindTCP
	case proto == layers.IPProtocolUDP:
		return kindUDP
	case proto == layers.IPProtocolICMPv4 && out.attrs&attrV4 != 0,
		proto == layers.IPProtocolICMPv6 && out.attrs&attrV6 != 0:
		return kindICMP
	}
	return kindOther
}

// extension reports whether proto is an IPv6 extension header that should have followed.
func extension(out *decoded, proto layers.IPProtocol) bool {
	switch proto {
	case protoHopBy, protoRoute, protoFrag, protoDest:
		return out.attrs&attrV6 != 0
	}
	return false
}

// wantsIP reports whether the link layer that ended the packet announced IP or a VLAN tag. Those
// layers name nothing else.
func (d *decoder) wantsIP(last gopacket.LayerType) bool {
	next := gopacket.LayerTypeZero
	switch last {
	case layers.LayerTypeEthernet:
		next = d.eth.NextLayerType()
	case layers.LayerTypeDot1Q:
		next = d.vlan.NextLayerType()
	case layers.LayerTypeLinuxSLL:
		next = d.sll.NextLayerType()
	case layers.LayerTypeLinuxSLL2:
		next = d.sll2.NextLayerType()
	case layers.LayerTypeLoopback:
		next = d.loop.NextLayerType()
	}
	return next != gopacket.LayerTypeZero
}
