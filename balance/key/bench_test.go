package key_test

import (
	"net/netip"
	"testing"

	"github.com/pushcore/pushcore/balance/key"
)

var sink uint64

// BenchmarkKey is the hash of 12 bytes, which is what the addresses and ports of IPv4 take.
func BenchmarkKey(b *testing.B) {
	t := toeplitz(b, key.MicrosoftKey)
	src, dst := netip.MustParseAddrPort("192.0.2.1:4711"), netip.MustParseAddrPort("198.51.100.7:443")
	for _, f := range []struct {
		name string
		hash func(data []byte) uint64
	}{
		{"Toeplitz", func(data []byte) uint64 { return uint64(t.Hash(data)) }},
		{"Toeplitz/AddrPorts", func([]byte) uint64 { return uint64(t.AddrPorts(src, dst)) }},
		{"XXH64", func(data []byte) uint64 { return key.XXH64(data, 0) }},
		{"FNV1a32", func(data []byte) uint64 { return uint64(key.FNV1a32(data)) }},
		{"Murmur2", func(data []byte) uint64 { return uint64(key.Murmur2(data)) }},
		{"RedisSlot", func(data []byte) uint64 { return uint64(key.RedisSlot(data)) }},
	} {
		b.Run("hash="+f.name, func(b *testing.B) {
			data := make([]byte, 1024+12)
			for i := range data {
				data[i] = byte(i * 157)
			}
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				at := i & 1023
				sink += f.hash(data[at : at+12])
				i++
			}
		})
	}
}
