package key_test

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"

	"github.com/pushcore/pushcore/balance/key"
	"github.com/stretchr/testify/require"
)

// The first is in the specification of xxHash; the others are in the tests of github.com/cespare/xxhash.
func TestXXH64Vectors(t *testing.T) {
	for data, want := range map[string]uint64{
		"":     0xef46db3751d8e999,
		"a":    0xd24ec4f1a98c6e5b,
		"as":   0x1c330fb2d66be179,
		"asd":  0x631c37ce72a97393,
		"asdf": 0x415872f599cea71e,
		"Call me Ishmael. Some years ago--never mind how long precisely-": 0x02a2e85470d6fd96,
	} {
		require.Equal(t, want, key.XXH64([]byte(data), 0), data)
	}
	require.NotEqual(t, key.XXH64(nil, 1), key.XXH64(nil, 2))
}

// Each bit of the input, and each of the seed, flips half of the result, whatever the length.
func TestXXH64Avalanche(t *testing.T) {
	rng := rand.New(rand.NewPCG(51, 52))
	for _, size := range []int{1, 3, 4, 7, 8, 12, 31, 32, 33, 63, 64, 100} {
		data := make([]byte, size)
		flips, trials := 0, 0
		for range 60 {
			for i := range data {
				data[i] = byte(rng.Uint32())
			}
			seed, h := rng.Uint64(), uint64(0)
			h = key.XXH64(data, seed)
			for bit := range 8 * size {
				data[bit/8] ^= 1 << (bit % 8)
				flips, trials = flips+ones(h^key.XXH64(data, seed)), trials+1
				data[bit/8] ^= 1 << (bit % 8)
			}
			flips, trials = flips+ones(h^key.XXH64(data, seed^1<<rng.IntN(64))), trials+1
		}
		require.InDelta(t, 32, float64(flips)/float64(trials), 1, "%d bytes", size)
	}
}

func ones(x uint64) (n int) {
	for ; x != 0; x &= x - 1 {
		n++
	}
	return n
}

// "foo" is from the tests of github.com/twmb/franz-go (pkg/kgo/partitioner_test.go); the others of FNV's own test
// suite.
func TestFNVVectors(t *testing.T) {
	for data, want := range map[string]uint32{"foo": 2851307223, "": 0x811c9dc5, "a": 0xe40c292c, "foobar": 0xbf9cf968} {
		require.Equal(t, want, key.FNV1a32([]byte(data)), data)
	}
	rng := rand.New(rand.NewPCG(53, 54))
	for range 200 {
		data := make([]byte, rng.IntN(40))
		for i := range data {
			data[i] = byte(rng.Uint32())
		}
		h := fnv.New32a()
		_, _ = h.Write(data)
		require.Equal(t, h.Sum32(), key.FNV1a32(data))
	}
}

// From the tests of Kafka's Java client (UtilsTest.testMurmur2), as github.com/twmb/franz-go has them, too.
func TestMurmur2Vectors(t *testing.T) {
	for data, want := range map[string]int32{
		"21": -973932308, "foobar": -790332482, "a-little-bit-long-string": -985981536, "a-little-bit-longer-string": -1486304829,
		"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971, "abc": 479470107,
	} {
		require.Equal(t, want, key.Murmur2([]byte(data)), data)
		positive := int(want) & math.MaxInt32
		for _, n := range []int{1, 3, 12, 1000, math.MaxInt32} {
			require.Equal(t, positive%n, key.KafkaPartition([]byte(data), n), "%s among %d", data, n)
		}
	}
	require.PanicsWithValue(t, "balance/key: a Kafka topic of 0 partitions: there must be at least 1", func() { key.KafkaPartition(nil, 0) })
}

// The check value is of the Redis cluster specification, appendix A; slots are what a server's CLUSTER KEYSLOT says.
func TestRedisVectors(t *testing.T) {
	require.EqualValues(t, 0x31c3, key.CRC16([]byte("123456789")))
	for k, want := range map[string]int{
		"foo": 12182, "{user1000}.following": 3443, "": 0, "foo{}{bar}": 8363, "foo{{bar}}zap": 4015, "foo{bar}{zap}": 5061,
		"{": 4092, "}{": 12793, "{}": 15257, "foo}bar{": 11073, "a{b}c}": 3300,
	} {
		require.Equal(t, want, key.RedisSlot([]byte(k)), k)
	}
	slot := func(k string) int { return key.RedisSlot([]byte(k)) }
	whole := func(k string) int { return int(key.CRC16([]byte(k))) % key.RedisSlots }
	// The rules of the specification, and its examples.
	require.Equal(t, slot("{user1000}.following"), slot("{user1000}.followers"))
	require.Equal(t, whole("user1000"), slot("{user1000}.following"))
	require.Equal(t, whole("foo{}{bar}"), slot("foo{}{bar}"), "an empty tag is none")
	require.Equal(t, whole("{bar"), slot("foo{{bar}}zap"), "from the first { to the first }")
	require.Equal(t, whole("bar"), slot("foo{bar}{zap}"))
	for _, k := range []string{"{", "}", "}{", "foo{bar", "foo}bar{", "{}"} {
		require.Equal(t, whole(k), slot(k), k)
	}
}

func TestCRC16AgainstDefinition(t *testing.T) {
	rng := rand.New(rand.NewPCG(55, 56))
	for range 200 {
		data := make([]byte, rng.IntN(60))
		crc := uint16(0)
		for i := range data {
			data[i] = byte(rng.Uint32())
			for bit := 7; bit >= 0; bit-- { // division by x^16 + x^12 + x^5 + 1, a bit at a time
				carry := crc>>15 ^ uint16(data[i]>>bit&1)
				crc = crc<<1 ^ carry*0x1021
			}
		}
		require.Equal(t, crc, key.CRC16(data))
	}
}

func TestNothingAllocates(t *testing.T) {
	h, s := toeplitz(t, key.MicrosoftKey), strings.Repeat("{user1000}.following", 3)
	a, b := netip.MustParseAddrPort("[2001:db8::1]:443"), netip.MustParseAddrPort("192.0.2.1:80")
	var sum uint64
	require.Zero(t, testing.AllocsPerRun(10, func() {
		sum += key.XXH64([]byte(s), 1) + uint64(key.FNV1a32([]byte(s))) + uint64(key.Murmur2([]byte(s)))
		sum += uint64(key.RedisSlot([]byte(s))) + uint64(h.AddrPorts(a, b)) + uint64(h.Addrs(b.Addr(), b.Addr()))
	}))
	require.NotZero(t, sum)
}
