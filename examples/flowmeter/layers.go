package main

import (
	"encoding/binary"
	"errors"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// This file holds the decoding layers that differ from gopacket's own. They stop where a flow
// meter has seen enough, so that a packet inside a tunnel does not overwrite the packet that
// carries it, and they do not allocate: gopacket's IPv6 allocates for each hop-by-hop option and
// its TCP for each Multipath TCP option.

// ethLayer is gopacket's Ethernet that goes on to IP and VLAN tags only.
type ethLayer struct{ layers.Ethernet }

// NextLayerType implements gopacket.DecodingLayer.
func (e *ethLayer) NextLayerType() gopacket.LayerType { return afterLink(e.EthernetType) }

// vlanLayer is gopacket's VLAN tag that goes on to IP and more tags only.
type vlanLayer struct{ layers.Dot1Q }

// NextLayerType implements gopacket.DecodingLayer.
func (v *vlanLayer) NextLayerType() gopacket.LayerType { return afterLink(v.Type) }

// sllLayer is gopacket's Linux cooked header that goes on to IP and VLAN tags only.
type sllLayer struct{ layers.LinuxSLL }

// NextLayerType implements gopacket.DecodingLayer.
func (s *sllLayer) NextLayerType() gopacket.LayerType { return afterLink(s.EthernetType) }

// sll2Layer is the same for version 2. A GRE device's protocol number is an EtherType as well, so
// that, unlike in gopacket, it needs no case of its own.
type sll2Layer struct{ layers.LinuxSLL2 }

// NextLayerType implements gopacket.DecodingLayer.
func (s *sll2Layer) NextLayerType() gopacket.LayerType { return afterLink(s.ProtocolType) }

// afterLink is what follows a link header that names t.
func afterLink(t layers.EthernetType) gopacket.LayerType {
	switch t {
	case layers.EthernetTypeIPv4:
		return layers.LayerTypeIPv4
	case layers.EthernetTypeIPv6:
		return layers.LayerTypeIPv6
	case layers.EthernetTypeDot1Q, layers.EthernetTypeQinQ:
		return layers.LayerTypeDot1Q
	}
	return gopacket.LayerTypeZero
}

var (
	errShortIPv6 = errors.New("IPv6 header cut short")
	errShortTCP  = errors.New("TCP header cut short")
	errBadTCP    = errors.New("TCP data offset below 5")
)

// ip4Layer is gopacket's IPv4 that goes on to nothing but the transports of IPv4 that are metered.
type ip4Layer struct{ layers.IPv4 }

// NextLayerType implements gopacket.DecodingLayer.
func (ip *ip4Layer) NextLayerType() gopacket.LayerType {
	if ip.fragment() {
		return gopacket.LayerTypeFragment
	}
	switch ip.Protocol {
	case layers.IPProtocolTCP:
		return layers.LayerTypeTCP
	case layers.IPProtocolUDP:
		return layers.LayerTypeUDP
	case layers.IPProtocolICMPv4:
		return layers.LayerTypeICMPv4
	}
	return gopacket.LayerTypeZero
}

// fragment reports whether the packet is any part of a fragmented one, the first included.
func (ip *ip4Layer) fragment() bool {
	return ip.Flags&layers.IPv4MoreFragments != 0 || ip.FragOffset != 0
}

// ip6Layer decodes the fixed IPv6 header; extension headers are layers of their own.
type ip6Layer struct {
	layers.BaseLayer
	version  uint8
	next     layers.IPProtocol
	src, dst []byte // 16 bytes each, in the packet
}

// DecodeFromBytes implements gopacket.DecodingLayer.
func (ip *ip6Layer) DecodeFromBytes(data []byte, df gopacket.DecodeFeedback) error {
	if len(data) < 40 {
		df.SetTruncated()
		return errShortIPv6
	}
	ip.version = data[0] >> 4
	ip.next = layers.IPProtocol(data[6])
	ip.src, ip.dst = data[8:24], data[24:40]
	ip.BaseLayer = layers.BaseLayer{Contents: data[:40], Payload: data[40:]}
	// Length 0 is a jumbogram or a packet that the network card was still to cut up.
	if n := int(binary.BigEndian.Uint16(data[4:])); n != 0 && n < len(ip.Payload) {
		ip.Payload = ip.Payload[:n]
	}
	return nil
}

// CanDecode implements gopacket.DecodingLayer.
func (ip *ip6Layer) CanDecode() gopacket.LayerClass { return layers.LayerTypeIPv6 }

// NextLayerType implements gopacket.DecodingLayer.
func (ip *ip6Layer) NextLayerType() gopacket.LayerType { return after6(ip.next) }

// extLayer is gopacket's skipper of IPv6 extension headers.
type extLayer struct{ layers.IPv6ExtensionSkipper }

// NextLayerType implements gopacket.DecodingLayer.
func (e *extLayer) NextLayerType() gopacket.LayerType { return after6(e.NextHeader) }

// fragLayer is gopacket's IPv6 fragment header.
type fragLayer struct{ layers.IPv6Fragment }

// NextLayerType implements gopacket.DecodingLayer.
func (f *fragLayer) NextLayerType() gopacket.LayerType {
	if f.fragment() {
		return gopacket.LayerTypeFragment
	}
	return after6(f.NextHeader)
}

// fragment reports whether the packet is a part of another; offset 0 with nothing to follow is a
// whole packet (RFC 6946).
func (f *fragLayer) fragment() bool { return f.MoreFragments || f.FragmentOffset != 0 }

// after6 is what follows an IPv6 header, or an extension header, that names p.
func after6(p layers.IPProtocol) gopacket.LayerType {
	switch p {
	case layers.IPProtocolTCP, layers.IPProtocolUDP, layers.IPProtocolICMPv6,
		layers.IPProtocolIPv6HopByHop, layers.IPProtocolIPv6Routing,
		layers.IPProtocolIPv6Fragment, layers.IPProtocolIPv6Destination:
		return p.LayerType()
	}
	return gopacket.LayerTypeZero
}

// tcpLayer decodes the ports of a TCP header. Options are not looked at, and a capture that cut
// them off still counts: the fixed 20 bytes must be there.
type tcpLayer struct {
	layers.BaseLayer
	src, dst uint16
}

// DecodeFromBytes implements gopacket.DecodingLayer.
func (t *tcpLayer) DecodeFromBytes(data []byte, df gopacket.DecodeFeedback) error {
	if len(data) < headTCP {
		df.SetTruncated()
		return errShortTCP
	}
	if data[12]>>4 < 5 {
		return errBadTCP
	}
	t.src, t.dst = binary.BigEndian.Uint16(data), binary.BigEndian.Uint16(data[2:])
	t.BaseLayer = layers.BaseLayer{Contents: data[:headTCP], Payload: data[headTCP:]}
	return nil
}

// CanDecode implements gopacket.DecodingLayer.
func (t *tcpLayer) CanDecode() gopacket.LayerClass { return layers.LayerTypeTCP }

// NextLayerType implements gopacket.DecodingLayer.
func (t *tcpLayer) NextLayerType() gopacket.LayerType { return gopacket.LayerTypePayload }

// udpLayer is gopacket's UDP that looks no further, whatever the ports suggest.
type udpLayer struct{ layers.UDP }

// NextLayerType implements gopacket.DecodingLayer.
func (u *udpLayer) NextLayerType() gopacket.LayerType { return gopacket.LayerTypePayload }
