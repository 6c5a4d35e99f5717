package main

import (
	"cmp"
	"encoding/binary"
	"math/bits"
	"net/netip"
)

// key names one flow: its 5-tuple with the two endpoints put in order, so that both
// directions have the same key. It is comparable and holds no pointers: it is hashed and
// compared as one run of bytes.
//
// VLAN tags are no part of it. A flow that is tagged in one direction only, or that is seen on
// both sides of a tagging port, stays one flow.
type key struct {
	aHi, aLo uint64 // the smaller endpoint's address; IPv4 is in the low 32 bits of aLo
	bHi, bLo uint64 // the larger endpoint's
	ap, bp   uint16 // ports; for ICMP echo both are the echo identifier; otherwise 0
	proto    uint8  // IP protocol number
	form     uint8  // formV4 or formV6, and formFrag
}

// Bits of key.form.
const (
	formV4   = 1 << iota // addresses are IPv4
	formV6               // addresses are IPv6
	formFrag             // fragments: only the first carries ports, so none of them has any here
)

// Directions of a packet within its flow.
const (
	aToB = 0
	bToA = 1
)

// key4 returns the key of an IPv4 packet and the packet's direction. src and dst hold 4 bytes.
func key4(src, dst []byte, sp, dp uint16, proto, frag uint8) (key, int) {
	s, d := uint64(binary.BigEndian.Uint32(src)), uint64(binary.BigEndian.Uint32(dst))
	if s<<16|uint64(sp) > d<<16|uint64(dp) {
		return key{aLo: d, bLo: s, ap: dp, bp: sp, proto: proto, form: formV4 | frag}, bToA
	}
	return key{aLo: s, bLo: d, ap: sp, bp: dp, proto: proto, form: formV4 | frag}, aToB
}

// key6 returns the key of an IPv6 packet and the packet's direction. src and dst hold 16 bytes.
func key6(src, dst []byte, sp, dp uint16, proto, frag uint8) (key, int) {
	k := key{
		aHi: binary.BigEndian.Uint64(src), aLo: binary.BigEndian.Uint64(src[8:]), ap: sp,
		bHi: binary.BigEndian.Uint64(dst), bLo: binary.BigEndian.Uint64(dst[8:]), bp: dp,
		proto: proto, form: formV6 | frag,
	}
	if after(k.aHi, k.aLo, k.ap, k.bHi, k.bLo, k.bp) {
		k.aHi, k.aLo, k.ap, k.bHi, k.bLo, k.bp = k.bHi, k.bLo, k.bp, k.aHi, k.aLo, k.ap
		return k, bToA
	}
	return k, aToB
}

// after reports whether endpoint (hi, lo, port) sorts after endpoint (hi2, lo2, port2).
func after(hi, lo uint64, port uint16, hi2, lo2 uint64, port2 uint16) bool {
	if hi != hi2 {
		return hi > hi2
	}
	if lo != lo2 {
		return lo > lo2
	}
	return port > port2
}

// Odd 64-bit constants without structure: the fraction bits of the square roots of 2, 3 and 5.
const (
	mix0 = 0x6a09e667f3bcc909
	mix1 = 0xbb67ae8584caa73b
	mix2 = 0x3c6ef372fe94f82b
)

// fold multiplies to 128 bits and folds the halves together: every input bit reaches every
// output bit in two rounds of it.
func fold(x, y uint64) uint64 {
	hi, lo := bits.Mul64(x, y)
	return hi ^ lo
}

// hash4 mixes two IPv4 endpoints (address<<16 | port, the smaller first) and what they speak.
func hash4(e1, e2 uint64, proto, form uint8) uint64 {
	return fold(fold(e1^mix0, e2^mix1)^uint64(proto)<<8^uint64(form), mix2)
}

// hash6 mixes two IPv6 endpoints, the smaller first, and what they speak.
func hash6(aHi, aLo, bHi, bLo uint64, ap, bp uint16, proto, form uint8) uint64 {
	h := fold(aHi^mix0, aLo^mix1)
	h = fold(h^bHi, bLo^mix2)
	return fold(h^uint64(ap)<<32^uint64(bp)<<16^uint64(proto)<<8^uint64(form), mix0)
}

// hash is what [peek] finds for the packets of this flow without decoding them.
func (k *key) hash() uint64 {
	if k.form&formV4 != 0 {
		return hash4(k.aLo<<16|uint64(k.ap), k.bLo<<16|uint64(k.bp), k.proto, k.form)
	}
	return hash6(k.aHi, k.aLo, k.bHi, k.bLo, k.ap, k.bp, k.proto, k.form)
}

// shortHash is the part of a hash that a packet carries, and that balancers and tables see.
func shortHash(h uint64) uint32 { return uint32(h >> 32) }

// compare orders keys, for reports that do not depend on the order of maps.
func (k *key) compare(o *key) int {
	return cmp.Or(
		cmp.Compare(k.form, o.form),
		cmp.Compare(k.aHi, o.aHi), cmp.Compare(k.aLo, o.aLo), cmp.Compare(k.ap, o.ap),
		cmp.Compare(k.bHi, o.bHi), cmp.Compare(k.bLo, o.bLo), cmp.Compare(k.bp, o.bp),
		cmp.Compare(k.proto, o.proto),
	)
}

// addrs returns the two addresses for printing.
func (k *key) addrs() (a, b netip.Addr) {
	return k.addr(k.aHi, k.aLo), k.addr(k.bHi, k.bLo)
}

func (k *key) addr(hi, lo uint64) netip.Addr {
	if k.form&formV4 != 0 {
		return netip.AddrFrom4([4]byte(binary.BigEndian.AppendUint32(nil, uint32(lo))))
	}
	b := binary.BigEndian.AppendUint64(nil, hi)
	return netip.AddrFrom16([16]byte(binary.BigEndian.AppendUint64(b, lo)))
}
