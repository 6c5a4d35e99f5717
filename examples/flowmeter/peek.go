package main

import "encoding/binary"

// prefixLen is how many bytes of a packet are kept at most. Flows are told apart by headers
// alone, and 256 bytes hold an Ethernet header, two VLAN tags, IPv6 with extension headers and a
// TCP header with room to spare, so a 64 KB loopback frame is as cheap as a 60-byte one. Bytes
// are counted from the packet's length on the wire, not from what was kept.
const prefixLen = 256

// Numbers of the protocols that are looked at.
const (
	etherIPv4  = 0x0800
	etherIPv6  = 0x86dd
	etherVLAN  = 0x8100 // 802.1Q
	etherQinQ  = 0x88a8 // 802.1ad
	protoHopBy = 0
	protoICMP  = 1
	protoTCP   = 6
	protoUDP   = 17
	protoRoute = 43
	protoFrag  = 44
	protoICMP6 = 58
	protoDest  = 60
	headTCP    = 20 // without options: a flow needs none of them
	headUDP    = 8
	headICMP   = 8
)

// peek is all the reader does with a packet: it finds the flow's hash, which is the same for
// both directions and for every fragment, and how many of the packet's bytes a worker needs to
// come to the same answer by decoding. It works on any bytes. What is not IP, or is cut short,
// has hash 0 and needs whatever there is: no flow depends on which worker counts it.
//
// For every packet that a decoder finds a key in, peek's hash is that key's hash; a fuzz test
// holds the two together.
func peek(l link, b []byte) (hash uint64, need int) {
	b = b[:min(len(b), prefixLen)]
	at, proto := 0, uint16(0)
	switch l {
	case linkEthernet:
		if len(b) >= 14 {
			at, proto = peekVLAN(b, 14, binary.BigEndian.Uint16(b[12:]))
		}
	case linkSLL:
		if len(b) >= 16 {
			at, proto = peekVLAN(b, 16, binary.BigEndian.Uint16(b[14:]))
		}
	case linkSLL2:
		if len(b) >= 20 {
			at, proto = peekVLAN(b, 20, binary.BigEndian.Uint16(b))
		}
	case linkLoopback:
		at, proto = 4, peekFamily(b)
	case linkRaw:
		if len(b) > 0 && b[0]>>4 == 4 {
			proto = etherIPv4
		} else if len(b) > 0 && b[0]>>4 == 6 {
			proto = etherIPv6
		}
	}
	switch proto {
	case etherIPv4:
		return peek4(b, at)
	case etherIPv6:
		return peek6(b, at)
	}
	return 0, len(b)
}

// peekVLAN skips VLAN tags, however many the prefix holds.
func peekVLAN(b []byte, at int, proto uint16) (int, uint16) {
	for (proto == etherVLAN || proto == etherQinQ) && len(b) >= at+4 {
		proto = binary.BigEndian.Uint16(b[at+2:])
		at += 4
	}
	return at, proto
}

// peekFamily returns the EtherType for a BSD loopback header. The family is in the byte order
// of the machine that captured, and IPv6 has a different number on each BSD.
func peekFamily(b []byte) uint16 {
	if len(b) < 4 {
		return 0
	}
	f := binary.LittleEndian.Uint32(b)
	if b[0] == 0 && b[1] == 0 {
		f = binary.BigEndian.Uint32(b)
	}
	switch f {
	case 2:
		return etherIPv4
	case 10, 24, 28, 30:
		return etherIPv6
	}
	return 0
}

// peek4 hashes the IPv4 packet at b[at:].
func peek4(b []byte, at int) (uint64, int) {
	if len(b) < at+20 {
		return 0, len(b)
	}
	ip := b[at:]
	// A total length of 0 is a packet that the network card was still to cut up.
	if n := int(binary.BigEndian.Uint16(ip[2:])); n != 0 && n < len(ip) {
		ip = ip[:n]
	}
	head := int(ip[0]&15) * 4
	if head < 20 || head > len(ip) {
		return 0, len(b)
	}
	proto, form, need := ip[9], uint8(formV4), head
	var sp, dp uint16
	if binary.BigEndian.Uint16(ip[6:])&0x3fff != 0 {
		form |= formFrag
	} else {
		sp, dp, need = peekPorts(ip, head, proto, protoICMP)
	}
	e1 := uint64(binary.BigEndian.Uint32(ip[12:]))<<16 | uint64(sp)
	e2 := uint64(binary.BigEndian.Uint32(ip[16:]))<<16 | uint64(dp)
	if e1 > e2 {
		e1, e2 = e2, e1
	}
	return hash4(e1, e2, proto, form), at + need
}

// peek6 hashes the IPv6 packet at b[at:]. The walk along extension headers is bounded by the
// prefix: each is at least 8 bytes.
func peek6(b []byte, at int) (uint64, int) {
	if len(b) < at+40 {
		return 0, len(b)
	}
	ip := b[at:]
	if n := int(binary.BigEndian.Uint16(ip[4:])); n != 0 && 40+n < len(ip) {
		ip = ip[:40+n]
	}
	proto, form, head := ip[6], uint8(formV6), 40
walk:
	for {
		switch proto {
		case protoHopBy, protoRoute, protoDest:
			if len(ip) < head+8 {
				return 0, len(b)
			}
			proto, head = ip[head], head+8+8*int(ip[head+1])
			if head > len(ip) {
				return 0, len(b)
			}
		case protoFrag:
			if len(ip) < head+8 {
				return 0, len(b)
			}
			// Offset 0 and no more to come is a whole packet in a fragment's clothes.
			frag := binary.BigEndian.Uint16(ip[head+2:])&0xfff9 != 0
			proto, head = ip[head], head+8
			if frag {
				form |= formFrag
				break walk
			}
		default:
			break walk
		}
	}
	need := head
	var sp, dp uint16
	if form&formFrag == 0 {
		sp, dp, need = peekPorts(ip, head, proto, protoICMP6)
	}
	aHi, aLo := binary.BigEndian.Uint64(ip[8:]), binary.BigEndian.Uint64(ip[16:])
	bHi, bLo := binary.BigEndian.Uint64(ip[24:]), binary.BigEndian.Uint64(ip[32:])
	if after(aHi, aLo, sp, bHi, bLo, dp) {
		aHi, aLo, sp, bHi, bLo, dp = bHi, bLo, dp, aHi, aLo, sp
	}
	return hash6(aHi, aLo, bHi, bLo, sp, dp, proto, form), at + need
}

// peekPorts reads the ports, or the echo identifier, of the transport header at ip[head:], and
// returns how many bytes of ip a decoder needs. icmp is the ICMP that belongs to this IP.
func peekPorts(ip []byte, head int, proto, icmp uint8) (sp, dp uint16, need int) {
	t := ip[head:]
	switch {
	case proto == protoTCP && len(t) >= headTCP:
		return binary.BigEndian.Uint16(t), binary.BigEndian.Uint16(t[2:]), head + headTCP
	case proto == protoUDP && len(t) >= headUDP:
		return binary.BigEndian.Uint16(t), binary.BigEndian.Uint16(t[2:]), head + headUDP
	case proto == icmp && len(t) >= 6:
		need = head + min(len(t), headICMP)
		if echo(icmp, t[0]) {
			sp = binary.BigEndian.Uint16(t[4:])
		}
		return sp, sp, need
	}
	return 0, 0, head + min(len(t), headTCP)
}

// echo reports whether an ICMP message of this type carries an echo identifier.
func echo(icmp, typ uint8) bool {
	if icmp == protoICMP {
		return typ == 8 || typ == 0
	}
	return typ == 128 || typ == 129
}
