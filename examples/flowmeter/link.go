package main

import (
	"fmt"

	"github.com/gopacket/gopacket/layers"
)

// link is how a packet's first bytes are to be read: the capture formats have many link type
// numbers for few layouts. It fits in a byte so that every packet carries its own: one pcapng
// file may hold several kinds.
type link uint8

const (
	linkEthernet link = iota
	linkSLL           // Linux "cooked" capture, 16-byte header
	linkSLL2          // Linux "cooked" capture, 20-byte header
	linkLoopback      // BSD loopback: 4 bytes of address family, in either byte order
	linkRaw           // IPv4 or IPv6, told apart by the version in the first byte
	linkCount
)

// supportedLinks is what linkOf accepts, for people.
const supportedLinks = "Ethernet (1), BSD loopback (0, 108), raw IP (12, 14, 101, 228, 229), Linux cooked (113, 276)"

// linkOf translates a link type number of a capture file.
// The numbers are those of https://www.tcpdump.org/linktypes.html.
func linkOf(t layers.LinkType) (link, error) {
	switch t {
	case layers.LinkTypeEthernet:
		return linkEthernet, nil
	case layers.LinkTypeLinuxSLL:
		return linkSLL, nil
	case layers.LinkTypeLinuxSLL2:
		return linkSLL2, nil
	case layers.LinkTypeNull, layers.LinkTypeLoop:
		return linkLoopback, nil
	case layers.LinkTypeRaw, 12, 14, layers.LinkTypeIPv4, layers.LinkTypeIPv6:
		return linkRaw, nil
	}
	return 0, fmt.Errorf("link type %s is not supported (supported: %s)", linkName(t), supportedLinks)
}

// linkName returns a link type's name, where gopacket has one, and its number.
func linkName(t layers.LinkType) string {
	if n := t.String(); n != "UnknownLinkType" {
		return fmt.Sprintf("%d (%s)", uint16(t), n)
	}
	return fmt.Sprintf("%d", uint16(t))
}
