package main

import (
	"testing"

	"github.com/gopacket/gopacket/layers"
	"github.com/stretchr/testify/require"
)

const (
	etht4 = layers.EthernetTypeIPv4
	etht6 = layers.EthernetTypeIPv6
	tcpp  = layers.IPProtocolTCP
	udpp  = layers.IPProtocolUDP
	icmp4 = layers.IPProtocolICMPv4
	icmp6 = layers.IPProtocolICMPv6
)

// sample is a packet and what must be found in it.
type sample struct {
	name   string
	link   link
	data   []byte
	kind   kind
	attrs  uint8
	proto  uint8 // of the key, with ap, bp and dir; kinds without a flow have none
	ap, bp uint16
	dir    int
}

// samples makes a packet of each kind. The smaller address always sends to the larger, unless a
// name says back.
func samples(t testing.TB) []sample {
	frag := func(flags layers.IPv4Flag, offset uint16) []byte {
		h := ip4(a1, b1, udpp)
		h.Flags, h.FragOffset = flags, offset
		return frame(t, eth(etht4), h, udp(10, 20), data(64))
	}
	with6 := func(p layers.IPProtocol, ext ...raw) []byte {
		h := ip6(a6, b6, p)
		b := append([]byte{}, frame(t, eth(etht6), h, raw{})...)[:54]
		n := 0
		for _, e := range ext {
			b, n = append(b, e...), n+len(e)
		}
		b[18], b[19] = byte(n>>8), byte(n)
		return b
	}
	udp8 := raw{0, 10, 0, 20, 0, 8, 0, 0}
	noVersion := frame(t, eth(etht4), ip4(a1, b1, tcpp), tcp(10, 20))
	noVersion[14] = 0x65
	badOffset := frame(t, eth(etht4), ip4(a1, b1, tcpp), tcp(10, 20))
	badOffset[14+20+12] = 0x10
	options := ip4(a1, b1, tcpp)
	options.Options = []layers.IPv4Option{{OptionType: 148, OptionLength: 4, OptionData: []byte{0, 0}}}
	whole := frame(t, eth(etht4), ip4(a1, b1, tcpp), tcp(10, 20), data(10))
	const k4, k6 = attrV4, attrV6
	return []sample{
		{"tcp", linkEthernet, whole, kindTCP, k4, 6, 10, 20, aToB},
		{"tcp back", linkEthernet, frame(t, eth(etht4), ip4(b1, a1, tcpp), tcp(20, 10)), kindTCP, k4, 6, 10, 20, bToA},
		{"tcp to itself", linkEthernet, frame(t, eth(etht4), ip4(a1, a1, tcpp), tcp(20, 10)), kindTCP, k4, 6, 10, 20, bToA},
		{"tcp over ip options", linkEthernet, frame(t, eth(etht4), options, tcp(10, 20)), kindTCP, k4, 6, 10, 20, aToB},
		{"udp", linkEthernet, frame(t, eth(etht4), ip4(a1, b1, udpp), udp(10, 20), data(1400)), kindUDP, k4, 17, 10, 20, aToB},
		{"udp to a tunnel's port", linkEthernet, frame(t, eth(etht4), ip4(a1, b1, udpp), udp(10, 4789), data(64)), kindUDP, k4, 17, 10, 4789, aToB},
		{"ping", linkEthernet, frame(t, eth(etht4), ip4(a1, b1, icmp4), ping(8, 77)), kindICMP, k4, 1, 77, 77, aToB},
		{"ping back", linkEthernet, frame(t, eth(etht4), ip4(b1, a1, icmp4), ping(0, 77)), kindICMP, k4, 1, 77, 77, bToA},
		{"icmp error", linkEthernet, frame(t, eth(etht4), ip4(a1, b1, icmp4), ping(3, 77)), kindICMP, k4, 1, 0, 0, aToB},
		{"ipv6 tcp", linkEthernet, frame(t, eth(etht6), ip6(a6, b6, tcpp), tcp(10, 20)), kindTCP, k6, 6, 10, 20, aToB},
		{"ipv6 udp back", linkEthernet, frame(t, eth(etht6), ip6(b6, a6, udpp), udp(20, 10)), kindUDP, k6, 17, 10, 20, bToA},
		{"ping6", linkEthernet, frame(t, eth(etht6), ip6(a6, b6, icmp6), ping6(128, 77)), kindICMP, k6, 58, 77, 77, aToB},
		{"ping6 back", linkEthernet, frame(t, eth(etht6), ip6(b6, a6, icmp6), ping6(129, 77)), kindICMP, k6, 58, 77, 77, bToA},
		{"neighbour solicitation", linkEthernet, frame(t, eth(etht6), ip6(a6, b6, icmp6), ping6(135, 77)), kindICMP, k6, 58, 0, 0, aToB},

		{"vlan", linkEthernet, frame(t, eth(layers.EthernetTypeDot1Q), vlan(5, etht4), ip4(a1, b1, tcpp), tcp(10, 20)), kindTCP, k4 | attrVLAN, 6, 10, 20, aToB},
		{"qinq", linkEthernet, frame(t, eth(layers.EthernetTypeQinQ), vlan(5, layers.EthernetTypeDot1Q), vlan(6, etht6), ip6(a6, b6, udpp), udp(10, 20)), kindUDP, k6 | attrVLAN, 17, 10, 20, aToB},
		{"sll", linkSLL, frame(t, sll(etht4), ip4(a1, b1, tcpp), tcp(10, 20)), kindTCP, k4, 6, 10, 20, aToB},
		{"sll vlan", linkSLL, frame(t, sll(layers.EthernetTypeDot1Q), vlan(5, etht4), ip4(a1, b1, tcpp), tcp(10, 20)), kindTCP, k4 | attrVLAN, 6, 10, 20, aToB},
		{"sll2", linkSLL2, frame(t, sll2(etht6), ip6(a6, b6, tcpp), tcp(10, 20)), kindTCP, k6, 6, 10, 20, aToB},
		{"loopback", linkLoopback, frame(t, raw{2, 0, 0, 0}, ip4(a1, b1, tcpp), tcp(10, 20)), kindTCP, k4, 6, 10, 20, aToB},
		{"loopback, other byte order", linkLoopback, frame(t, raw{0, 0, 0, 30}, ip6(a6, b6, tcpp), tcp(10, 20)), kindTCP, k6, 6, 10, 20, aToB},
		{"raw 4", linkRaw, frame(t, ip4(a1, b1, tcpp), tcp(10, 20)), kindTCP, k4, 6, 10, 20, aToB},
		{"raw 6", linkRaw, frame(t, ip6(a6, b6, tcpp), tcp(10, 20)), kindTCP, k6, 6, 10, 20, aToB},

		{"first fragment", linkEthernet, frag(layers.IPv4MoreFragments, 0), kindUDP, k4 | attrFrag, 17, 0, 0, aToB},
		{"later fragment", linkEthernet, frag(0, 9), kindUDP, k4 | attrFrag, 17, 0, 0, aToB},
		{"ipv6 first fragment", linkEthernet, with6(44, frag6(udpp, 0, true), udp8), kindUDP, k6 | attrFrag, 17, 0, 0, aToB},
		{"ipv6 later fragment", linkEthernet, with6(44, frag6(udpp, 9, false), udp8), kindUDP, k6 | attrFrag, 17, 0, 0, aToB},
		{"ipv6 atomic fragment", linkEthernet, with6(44, frag6(udpp, 0, false), udp8), kindUDP, k6, 17, 10, 20, aToB},
		{"ipv6 all extensions", linkEthernet, with6(0, raw{43, 0, 1, 4, 0, 0, 0, 0}, append(raw{60, 2, 0, 0}, make([]byte, 20)...),
			raw{44, 0, 1, 4, 0, 0, 0, 0}, frag6(udpp, 0, false), udp8), kindUDP, k6, 17, 10, 20, aToB},
		{"ipv6 extension cut short", linkEthernet, with6(60, raw{17, 9, 1, 4, 0, 0, 0, 0}), kindMalformed, k6, 0, 0, 0, 0},
		{"ipv6 extension missing", linkEthernet, with6(60), kindMalformed, k6, 0, 0, 0, 0},

		{"arp", linkEthernet, frame(t, eth(layers.EthernetTypeARP), data(28)), kindOther, 0, 0, 0, 0, 0},
		{"802.3", linkEthernet, frame(t, eth(layers.EthernetTypeLLC), data(40)), kindOther, 0, 0, 0, 0, 0},
		{"gre", linkEthernet, frame(t, eth(etht4), ip4(a1, b1, layers.IPProtocolGRE), data(40)), kindOther, k4, 0, 0, 0, 0},
		{"ip in ip", linkEthernet, frame(t, eth(etht4), ip4(a1, b1, layers.IPProtocolIPv4), ip4(b1, a1, tcpp), tcp(1, 2)), kindOther, k4, 0, 0, 0, 0},
		{"icmpv6 over ipv4", linkEthernet, frame(t, eth(etht4), ip4(a1, b1, icmp6), data(40)), kindOther, k4, 0, 0, 0, 0},
		{"ipv6 no next header", linkEthernet, with6(59), kindOther, k6, 0, 0, 0, 0},

		{"empty", linkEthernet, nil, kindMalformed, 0, 0, 0, 0, 0},
		{"empty raw", linkRaw, nil, kindMalformed, 0, 0, 0, 0, 0},
		{"runt", linkEthernet, whole[:13], kindMalformed, 0, 0, 0, 0, 0},
		{"ethernet header only", linkEthernet, whole[:14], kindMalformed, 0, 0, 0, 0, 0},
		{"ip header cut short", linkEthernet, whole[:30], kindMalformed, 0, 0, 0, 0, 0},
		{"ip header only", linkEthernet, whole[:34], kindMalformed, k4, 0, 0, 0, 0},
		{"tcp header cut short", linkEthernet, whole[:46], kindMalformed, k4, 0, 0, 0, 0},
		{"tcp data offset", linkEthernet, badOffset, kindMalformed, k4, 0, 0, 0, 0},
		{"wrong version", linkEthernet, noVersion, kindMalformed, k4, 0, 0, 0, 0},
		{"raw of no version", linkRaw, make([]byte, 60), kindMalformed, 0, 0, 0, 0, 0},
		{"payload not captured", linkEthernet, whole[:54], kindTCP, k4, 6, 10, 20, aToB},
	}
}

func TestDecode(t *testing.T) {
	d := newDecoder() // one for all: nothing of a packet may stay behind for the next
	for range 2 {
		for _, s := range samples(t) {
			var got decoded
			d.decode(s.link, s.data, &got)
			require.Equal(t, s.kind, got.kind, s.name)
			require.Equal(t, s.attrs, got.attrs, s.name)
			if s.kind >= kindOther {
				require.Zero(t, got.key, s.name)
				continue
			}
			require.Equal(t, s.proto, got.key.proto, s.name)
			require.Equal(t, []uint16{s.ap, s.bp}, []uint16{got.key.ap, got.key.bp}, s.name)
			require.Equal(t, s.dir, got.dir, s.name)
			require.Equal(t, s.attrs&attrFrag != 0, got.key.form&formFrag != 0, s.name)
			a, b := got.key.addrs()
			if s.attrs&attrV4 != 0 {
				require.Equal(t, "10.0.0.1", a.String(), s.name)
			} else {
				require.Equal(t, "2001:db8::1 2001:db8::2", a.String()+" "+b.String(), s.name)
			}
		}
	}
}

// The reader's hash and the worker's key are made by different code from the same bytes.
func TestPeekAgreesWithDecode(t *testing.T) {
	d := newDecoder()
	for _, s := range samples(t) {
		agree(t, d, s.link, s.data)
	}
}

// Both directions, and all fragments, of a flow have one hash; other flows have another.
func TestPeekIsSymmetric(t *testing.T) {
	hashes := map[uint64][]string{}
	for _, s := range samples(t) {
		if s.kind < kindOther {
			h, _ := peek(s.link, s.data)
			hashes[h] = append(hashes[h], s.name)
		}
	}
	var groups [][]string
	for _, names := range hashes {
		groups = append(groups, names)
	}
	require.ElementsMatch(t, [][]string{
		{"tcp", "tcp back", "tcp over ip options", "vlan", "sll", "sll vlan", "loopback", "raw 4", "payload not captured"},
		{"tcp to itself"}, {"udp"}, {"udp to a tunnel's port"},
		{"ping", "ping back"}, {"icmp error"}, {"ping6", "ping6 back"}, {"neighbour solicitation"},
		{"ipv6 tcp", "sll2", "loopback, other byte order", "raw 6"},
		{"ipv6 udp back", "qinq", "ipv6 atomic fragment", "ipv6 all extensions"},
		{"first fragment", "later fragment"}, {"ipv6 first fragment", "ipv6 later fragment"},
	}, groups)
}

// Hashes must spread over workers whatever part of the 5-tuple differs.
func TestHashSpreads(t *testing.T) {
	const workers, n = 8, 8000
	for name, k := range map[string]func(i uint64) key{
		"ports":          func(i uint64) key { return key{aLo: 1, bLo: 2, ap: uint16(i), bp: 80, proto: 6, form: formV4} },
		"addresses":      func(i uint64) key { return key{aLo: 1 + i, bLo: 1 << 30, ap: 9, bp: 80, proto: 6, form: formV4} },
		"ipv6 ports":     func(i uint64) key { return key{aHi: 1, bHi: 2, ap: uint16(i), bp: 80, proto: 6, form: formV6} },
		"ipv6 addresses": func(i uint64) key { return key{aHi: 1, aLo: i, bHi: 2, ap: 9, bp: 80, proto: 6, form: formV6} },
	} {
		for _, shift := range []int{0, 32, 61} {
			var per [workers]int
			for i := range uint64(n) {
				k := k(i)
				per[k.hash()>>shift%workers]++
			}
			for _, c := range per {
				require.InDelta(t, n/workers, c, n/workers/4, "%s, bits from %d", name, shift)
			}
		}
	}
}
