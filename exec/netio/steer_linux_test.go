package netio_test

import (
	"encoding/binary"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// The kernel picks the socket by a byte of the packet, always.
func TestSteerByByte(t *testing.T) {
	native(t)
	const sockets = 3
	got := steered(t, sockets, netio.SteerByByte(1, sockets), func(key int) []byte { return []byte{0, byte(key), 0} })
	for key, at := range got {
		for i, n := range at {
			want := 0
			if key%sockets == i {
				want = sources
			}
			require.Equal(t, want, n, "socket %d, key %d", i, key)
		}
	}
}

// All packets of a key come to one socket, whoever sends them, and each socket has its share
// of keys that follow each other; so do packets that are too short for one.
func TestSteerByKey(t *testing.T) {
	native(t)
	const sockets = 4
	for _, step := range []int{1, sockets, 1 << 16} {
		got := steered(t, sockets, netio.SteerByKey(2, sockets), func(key int) []byte {
			return binary.BigEndian.AppendUint32([]byte{0, 0}, uint32(key*step))
		})
		var share [sockets]int
		for key, at := range got {
			home := -1
			for i, n := range at {
				if n > 0 {
					require.Equal(t, sources, n, "step %d, key %d, socket %d", step, key, i)
					home = i
				}
			}
			share[home]++
		}
		for i, n := range share { // a quarter of 100 is expected, with a deviation of 4.3
			require.Greater(t, n, 25-22, "step %d, socket %d of %v", step, i, share)
		}
	}
	got := steered(t, sockets, netio.SteerByKey(2, sockets), func(int) []byte { return []byte{1, 2, 3, 4, 5} })
	for key, at := range got {
		require.Equal(t, [sockets]int{sources}, [sockets]int(at), "key %d", key)
	}
}

// sources is how many sockets send each packet: without a program they would be spread by these.
const sources = 5

// steered sends the packets of 100 keys to sockets that share an address, and returns how
// many of each key came to each socket.
func steered(t *testing.T, sockets int, s netio.Steering, packet func(key int) []byte) (got [100][]int) {
	for key := range got {
		got[key] = make([]int, sockets)
	}
	h := begin(t, exec.Config{}, netio.Config{})
	key, address := 0, "127.0.0.1:0" // of the packet on its way: there is one at a time
	for i := range sockets {
		c := h.packets("udp4", address, netio.PacketConfig{ReusePort: true, Steer: s,
			Handle: func(c *netio.PacketConn, in []netio.Packet, out *netio.Batch) {
				got[key][i] += len(in)
				echoPackets(c, in, out)
			}})
		address = c.LocalAddr().String()
	}
	for range sources {
		client := dialUDP(t, netip.MustParseAddrPort(address))
		for k := range got {
			h.do(func(*exec.Local) { key = k })
			pingPong(t, client, string(packet(k)))
		}
	}
	h.do(func(*exec.Local) {}) // what the loop has written is seen from here on
	return got
}
