package netio_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"net/netip"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// offload returns a socket with GRO, or skips the test.
func offload(h *host, cfg netio.PacketConfig) *netio.PacketConn {
	h.t.Helper()
	cfg.GRO = true
	var c *netio.PacketConn
	var err error
	h.do(func(*exec.Local) { c, err = h.r.ListenPacket("udp4", "127.0.0.1:0", cfg) })
	if errors.Is(err, syscall.ENOPROTOOPT) {
		h.t.Skip(err)
	}
	require.NoError(h.t, err)
	return c
}

func TestPacketSegments(t *testing.T) {
	for _, c := range []struct {
		data    string
		segment int
		want    []string
	}{
		{"", 0, []string{""}},
		{"abc", 0, []string{"abc"}},
		{"abc", 3, []string{"abc"}},
		{"abcd", 3, []string{"abc", "d"}},
		{"abcdef", 3, []string{"abc", "def"}},
		{"abcdef", 9, []string{"abcdef"}},
	} {
		var got []string
		p := netio.Packet{Data: []byte(c.data), Segment: c.segment}
		for s := range p.Segments() {
			got = append(got, string(s))
		}
		require.Equal(t, c.want, got, "%+v", c)
		for range p.Segments() {
			break
		}
	}
}

// Several datagrams go and come as one Packet, to sockets that know of it and to others.
func TestPacketOffload(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	c := offload(h, netio.PacketConfig{})
	plain := listenUDP(t, "udp4", "127.0.0.1:0")
	rng := rand.New(rand.NewPCG(1, 2))
	datagrams := 0
	for _, size := range []struct{ segment, total int }{{100, 1000}, {100, 1050}, {1000, 64_000}, {1, 64}, {500, 499}, {500, 500}, {700, 701}} {
		data := make([]byte, size.total)
		for i := range data {
			data[i] = byte(rng.Uint32())
		}
		segments := (size.total + size.segment - 1) / size.segment
		datagrams += 2 * segments
		h.co(func(*exec.Co) {
			n, err := c.WriteBatch([]netio.Packet{
				{Data: data, Addr: c.LocalAddrPort(), Segment: size.segment},
				{Data: data, Addr: addrOf(plain), Segment: size.segment},
			})
			require.NoError(t, err)
			require.Equal(t, 2, n)
			var got []byte
			count, ps := 0, netio.NewPackets(4, 65536)
			for len(got) < len(data) {
				n, err := c.ReadBatch(ps)
				require.NoError(t, err)
				for i := range ps[:n] {
					require.False(t, ps[i].Truncated)
					for s := range ps[i].Segments() {
						require.LessOrEqual(t, len(s), size.segment)
						got = append(got, s...)
						count++
					}
				}
			}
			require.True(t, bytes.Equal(data, got))
			require.Equal(t, segments, count)
		})
		b := make([]byte, 2000)
		for rest := data; len(rest) > 0; {
			n, err := plain.Read(b)
			require.NoError(t, err)
			require.True(t, bytes.Equal(rest[:n], b[:n]))
			require.Equal(t, min(size.segment, len(rest)), n)
			rest = rest[n:]
		}
	}
	eventually(t, "datagrams are counted, and not Packets", func() bool { return h.r.Stats().PacketsOut == uint64(datagrams) })
	require.EqualValues(t, datagrams/2, h.r.Stats().PacketsIn)
	h.co(func(*exec.Co) {
		_, _, err := c.ReadFrom(make([]byte, 10))
		require.ErrorContains(t, err, "only ReadBatch")
		n, err := c.WriteBatch([]netio.Packet{{Data: make([]byte, 1000), Addr: addrOf(plain), Segment: 1}})
		require.ErrorIs(t, err, syscall.EINVAL)
		require.Zero(t, n)
	})
}

// What a handler sends to one address leaves in few messages: datagrams of one size, until
// one is shorter. Where the kernel refuses such a message they leave one by one.
func TestPacketMerge(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	a, b := listenUDP(t, "udp4", "127.0.0.1:0"), listenUDP(t, "udp4", "127.0.0.1:0")
	type sending struct {
		size int
		to   netip.AddrPort
	}
	var plan []sending
	s := h.packets("udp4", "127.0.0.1:0", netio.PacketConfig{GSO: true,
		Handle: func(_ *netio.PacketConn, _ []netio.Packet, out *netio.Batch) {
			for i, p := range plan {
				out.Send(&netio.Packet{Data: bytes.Repeat([]byte{byte(i)}, p.size), Addr: p.to})
			}
		}})
	client := dialUDP(t, s.LocalAddrPort())
	send := func(sizes ...int) {
		var next []sending
		want := map[netip.AddrPort][][]byte{}
		for i, size := range sizes {
			to := addrOf(a)
			if size < 0 {
				to, size = addrOf(b), -size
			}
			next = append(next, sending{size, to})
			want[to] = append(want[to], bytes.Repeat([]byte{byte(i)}, size))
		}
		h.do(func(*exec.Local) { plan = next })
		_, err := client.Write(nil)
		require.NoError(t, err)
		buf := make([]byte, 70_000)
		for _, sock := range []interface {
			Read([]byte) (int, error)
		}{a, b} {
			to := addrOf(a)
			if sock == any(b) {
				to = addrOf(b)
			}
			for _, w := range want[to] {
				n, err := sock.Read(buf)
				require.NoError(t, err)
				require.True(t, bytes.Equal(w, buf[:n]), "%d bytes in the place of %d", n, len(w))
			}
		}
	}
	send(10, 10, 10, 10)
	send(10, 10, 5, 10, 10, 20, 0, 10, 0)
	send(10, -10, -10, 10, 10, -3)
	many := make([]int, 200)
	for i := range many {
		many[i] = 100
	}
	send(many...)
	send(1000, 1000, 1000)
	var before uint64
	h.do(func(*exec.Local) {})
	eventually(t, "runs were sent as one", func() bool { before = h.r.Stats().Writes; return before > 0 })
	send(40_000, 30_000) // too much for one message
	send(65_000, 10)
	require.Zero(t, h.r.Stats().PacketErrors)
}
