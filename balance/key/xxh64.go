package key

import (
	"encoding/binary"
	"math/bits"
)

// The primes of XXH64.
const (
	xxh1 = 0x9e3779b185ebca87
	xxh2 = 0xc2b2ae3d27d4eb4f
	xxh3 = 0x165667b19e3779f9
	xxh4 = 0x85ebca77c2b2ae63
	xxh5 = 0x27d4eb2f165667c5
)

// XXH64 returns the 64-bit xxHash of data with a seed (Yann Collet, "xxHash fast digest algorithm", specification
// 0.1.1).
func XXH64(data []byte, seed uint64) uint64 {
	size := uint64(len(data))
	h := seed + xxh5
	if len(data) >= 32 {
		// Four lanes, which a processor computes side by side.
		a, b, c, d := seed+xxh1, seed, seed, seed // in two steps, since constants must not overflow
		a, b, d = a+xxh2, b+xxh2, d-xxh1
		for ; len(data) >= 32; data = data[32:] {
			a = xxhRound(a, binary.LittleEndian.Uint64(data))
			b = xxhRound(b, binary.LittleEndian.Uint64(data[8:]))
			c = xxhRound(c, binary.LittleEndian.Uint64(data[16:]))
			d = xxhRound(d, binary.LittleEndian.Uint64(data[24:]))
		}
		h = bits.RotateLeft64(a, 1) + bits.RotateLeft64(b, 7) + bits.RotateLeft64(c, 12) + bits.RotateLeft64(d, 18)
		for _, lane := range [...]uint64{a, b, c, d} {
			h = (h^xxhRound(0, lane))*xxh1 + xxh4
		}
	}
	h += size
	for ; len(data) >= 8; data = data[8:] {
		h ^= xxhRound(0, binary.LittleEndian.Uint64(data))
		h = bits.RotateLeft64(h, 27)*xxh1 + xxh4
	}
	if len(data) >= 4 {
		h ^= uint64(binary.LittleEndian.Uint32(data)) * xxh1
		h = bits.RotateLeft64(h, 23)*xxh2 + xxh3
		data = data[4:]
	}
	for _, b := range data {
		h ^= uint64(b) * xxh5
		h = bits.RotateLeft64(h, 11) * xxh1
	}
	h = (h ^ h>>33) * xxh2
	h = (h ^ h>>29) * xxh3
	return h ^ h>>32
}

func xxhRound(acc, lane uint64) uint64 { return bits.RotateLeft64(acc+lane*xxh2, 31) * xxh1 }
