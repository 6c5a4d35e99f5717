package key_test

import (
	"math/rand/v2"
	"net/netip"
	"testing"

	"github.com/pushcore/pushcore/balance/key"
	"github.com/stretchr/testify/require"
)

func toeplitz(t testing.TB, k string) *key.Toeplitz {
	t.Helper()
	h, err := key.NewToeplitz(k)
	require.NoError(t, err)
	return h
}

// Microsoft, "Verifying the RSS Hash Calculation"; the IPv4 half is in the data sheet of Intel's 82599 (7.1.2.8.3) as
// well.
func TestToeplitzVectors(t *testing.T) {
	h := toeplitz(t, key.MicrosoftKey)
	for _, x := range []struct {
		dst, src  string
		two, four uint32
	}{
		{"161.142.100.80:1766", "66.9.149.187:2794", 0x323e8fc2, 0x51ccc178},
		{"65.69.140.83:4739", "199.92.111.2:14230", 0xd718262a, 0xc626b0ea},
		{"12.22.207.184:38024", "24.19.198.95:12898", 0xd2d0a5de, 0x5c2b394a},
		{"209.142.163.6:2217", "38.27.205.30:48228", 0x82989176, 0xafc7327f},
		{"202.188.127.2:1303", "153.39.163.191:44251", 0x5d1809c5, 0x10e828a2},
		{"[3ffe:2501:200:3::1]:1766", "[3ffe:2501:200:1fff::7]:2794", 0x2cc18cd5, 0x40207d3d},
		{"[ff02::1]:4739", "[3ffe:501:8::260:97ff:fe40:efab]:14230", 0x0f0c461c, 0xdde51bbf},
		{"[fe80::200:f8ff:fe21:67cf]:38024", "[3ffe:1900:4545:3:200:f8ff:fe21:67cf]:44251", 0x4b61e985, 0x02d1feef},
	} {
		src, dst := netip.MustParseAddrPort(x.src), netip.MustParseAddrPort(x.dst)
		require.Equal(t, x.two, h.Addrs(src.Addr(), dst.Addr()), "%s to %s", x.src, x.dst)
		require.Equal(t, x.four, h.AddrPorts(src, dst), "%s to %s", x.src, x.dst)
	}
}

// bitwise is the definition: each bit of the input that is set adds the 32 bits of the key that begin at its position.
func bitwise(k string, data []byte) (h uint32) {
	bit := func(i int) uint32 { return uint32(k[i/8]>>(7-i%8)) & 1 }
	for i := range 8 * len(data) {
		if data[i/8]>>(7-i%8)&1 == 0 {
			continue
		}
		for j := range 32 {
			h ^= bit(i+j) << (31 - j)
		}
	}
	return h
}

func TestToeplitzAgainstDefinition(t *testing.T) {
	rng := rand.New(rand.NewPCG(41, 42))
	random := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(rng.Uint32())
		}
		return b
	}
	for _, k := range []string{key.MicrosoftKey, key.SymmetricKey, string(random(40)), string(random(52)), string(random(256))} {
		h := toeplitz(t, k)
		require.Equal(t, len(k)-4, h.Max())
		for range 300 {
			data := random(rng.IntN(h.Max() + 1))
			require.Equal(t, bitwise(k, data), h.Hash(data), "%x with %x", data, k)
		}
		require.Equal(t, bitwise(k, []byte(k[4:])), h.Hash([]byte(k[4:])), "the longest input")
	}
}

func TestToeplitzSymmetry(t *testing.T) {
	rng := rand.New(rand.NewPCG(43, 44))
	symmetric, plain := toeplitz(t, key.SymmetricKey), toeplitz(t, key.MicrosoftKey)
	differ := 0
	for range 500 {
		address := func() netip.AddrPort {
			var a [16]byte
			for i := range a {
				a[i] = byte(rng.Uint32())
			}
			port := uint16(rng.Uint32())
			return netip.AddrPortFrom(netip.AddrFrom16(a), port)
		}
		x, y := address(), address()
		if rng.IntN(2) == 0 {
			v4 := func(p netip.AddrPort) netip.AddrPort {
				a := p.Addr().As16()
				return netip.AddrPortFrom(netip.AddrFrom4([4]byte(a[:4])), p.Port())
			}
			x, y = v4(x), v4(y)
		}
		require.Equal(t, symmetric.AddrPorts(x, y), symmetric.AddrPorts(y, x), "%v %v", x, y)
		require.Equal(t, symmetric.Addrs(x.Addr(), y.Addr()), symmetric.Addrs(y.Addr(), x.Addr()))
		if plain.AddrPorts(x, y) != plain.AddrPorts(y, x) {
			differ++
		}
	}
	require.Greater(t, differ, 490, "other keys tell directions apart")
}

func TestToeplitzAddresses(t *testing.T) {
	h := toeplitz(t, key.MicrosoftKey)
	a, b, six := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("198.51.100.7"), netip.MustParseAddr("2001:db8::1")
	mapped := netip.AddrFrom16(a.As16())
	require.True(t, mapped.Is4In6())
	require.Equal(t, h.Addrs(a, b), h.Addrs(mapped, b), "however it is written")
	require.Equal(t, h.Addrs(six, b), h.Addrs(six.WithZone("eth0"), b))
	require.Equal(t, h.Addrs(six, a), h.Addrs(six, mapped), "a mixed pair is one of IPv6")
	require.NotEqual(t, h.Addrs(six, a), h.Addrs(six, b))
	require.Zero(t, h.AddrPorts(netip.AddrPort{}, netip.AddrPort{}), "no address: all zeros")
}

func TestToeplitzRefusesNonsense(t *testing.T) {
	for _, n := range []int{0, 16, 39, 257} {
		_, err := key.NewToeplitz(string(make([]byte, n)))
		require.ErrorContains(t, err, "want 40, or up to 256", n)
	}
	_, err := key.NewToeplitz("short")
	require.ErrorContains(t, err, "of 5 bytes")
	require.PanicsWithValue(t, "balance/key: Toeplitz hash of 37 bytes with a key for 36", func() {
		toeplitz(t, key.MicrosoftKey).Hash(make([]byte, 37))
	})
}
