package key

import (
	"encoding/binary"
	"fmt"
	"net/netip"
)

// Keys of the Toeplitz hash, 40 bytes each: enough for the addresses and ports of IPv6.
const (
	// MicrosoftKey is the key of Microsoft's specification of receive side scaling, which its verification suite uses,
	// and the default of many network cards.
	MicrosoftKey = "\x6d\x5a\x56\xda\x25\x5b\x0e\xc2\x41\x67\x25\x3d\x43\xa3\x8f\xb0\xd0\xca\x2b\xcb" +
		"\xae\x7b\x30\xb4\x77\xcb\x2d\xa3\x80\x30\xf2\x0c\x6a\x42\xb7\x3b\xbe\xac\x01\xfa"

	// SymmetricKey repeats every 16 bits, so that both directions of a flow have the same hash: swapping two addresses,
	// or two ports, moves their bits by multiples of 16. (Woo and Park, "Scalable TCP session monitoring with symmetric
	// receive-side scaling", KAIST, 2012.) Its price: a flow between equal addresses and ports hashes to 0, and hashes
	// have 16 bits' worth of difference only.
	SymmetricKey = "\x6d\x5a\x6d\x5a\x6d\x5a\x6d\x5a\x6d\x5a\x6d\x5a\x6d\x5a\x6d\x5a\x6d\x5a\x6d\x5a" +
		"\x6d\x5a\x6d\x5a\x6d\x5a\x6d\x5a\x6d\x5a\x6d\x5a\x6d\x5a\x6d\x5a\x6d\x5a\x6d\x5a"
)

// Bounds of the length of a Toeplitz key in bytes.
const (
	minToeplitzKey = 40  // 36 bytes of input, which the longest tuple has, and the 32 bits of a window
	maxToeplitzKey = 256 // tables take 1 KB for each byte of input
)

// Toeplitz is the hash of receive side scaling with one key: what a network card computes to choose a queue. It is safe
// for concurrent use.
type Toeplitz struct {
	// tables[i][b] is what byte b at position i adds to the hash, by exclusive or. One load per byte of input, where
	// the definition takes a step per bit.
	tables [][256]uint32
}

// NewToeplitz returns the hash with a key of 40 to 256 bytes, such as MicrosoftKey. Its tables take a kilobyte for each
// byte of the key but the last four.
func NewToeplitz(key string) (*Toeplitz, error) {
	if len(key) < minToeplitzKey || len(key) > maxToeplitzKey {
		return nil, fmt.Errorf("balance/key: a Toeplitz key of %d bytes (want %d, or up to %d)", len(key), minToeplitzKey, maxToeplitzKey)
	}
	t := &Toeplitz{make([][256]uint32, len(key)-4)}
	for i := range t.tables {
		table := &t.tables[i]
		// Bit b of a byte, counted from the highest, adds the 32 bits of the key that begin 8*i + b bits from its
		// start.
		window := uint64(binary.BigEndian.Uint32([]byte(key[i:])))<<8 | uint64(key[i+4])
		for bit := range 8 {
			top := 0x80 >> bit
			table[top] = uint32(window >> (8 - bit))
		}
		for b := range table {
			low := b & -b
			table[b] = table[b^low] ^ table[low] // table[0] is 0
		}
	}
	return t, nil
}

// Max returns how many bytes Hash takes: the key's length less 4.
func (t *Toeplitz) Max() int { return len(t.tables) }

// Hash returns the hash of data, which are the fields of a packet in network order: source address, destination
// address, and then, if ports are hashed, source port and destination port. It panics if data is longer than Max.
func (t *Toeplitz) Hash(data []byte) (h uint32) {
	if len(data) > len(t.tables) {
		panic(fmt.Sprintf("balance/key: Toeplitz hash of %d bytes with a key for %d", len(data), len(t.tables)))
	}
	tables := t.tables[:len(data)]
	for i, b := range data {
		h ^= tables[i][b]
	}
	return h
}

// Addrs returns the hash of a pair of addresses: what a card computes for IP packets that are neither TCP nor UDP, or
// are fragments. An IPv4 address is hashed as such, however it is written, unless the other one is of IPv6; zones are
// not hashed.
func (t *Toeplitz) Addrs(src, dst netip.Addr) uint32 {
	var buf [36]byte
	return t.Hash(appendAddrs(buf[:0], src, dst))
}

// AddrPorts returns the hash of addresses and ports: what a card computes for TCP, and for UDP if it was told so.
func (t *Toeplitz) AddrPorts(src, dst netip.AddrPort) uint32 {
	var buf [36]byte
	b := appendAddrs(buf[:0], src.Addr(), dst.Addr())
	b = binary.BigEndian.AppendUint16(b, src.Port())
	return t.Hash(binary.BigEndian.AppendUint16(b, dst.Port()))
}

func appendAddrs(b []byte, src, dst netip.Addr) []byte {
	src, dst = src.Unmap(), dst.Unmap()
	if src.Is4() && dst.Is4() {
		s, d := src.As4(), dst.As4()
		return append(append(b, s[:]...), d[:]...)
	}
	s, d := src.As16(), dst.As16() // an invalid address is all zeros
	return append(append(b, s[:]...), d[:]...)
}
