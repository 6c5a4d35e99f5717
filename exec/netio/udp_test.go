package netio_test

import (
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// payloads are of many sizes, none among them.
func payloads(least int) (p []string) {
	for i := range 100 {
		p = append(p, strings.Repeat(string(rune('a'+i%26)), least+i*17))
	}
	return p
}

func TestPacketHandlerEcho(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	for _, cfg := range []netio.PacketConfig{{}, {GSO: true}, {GSO: true, GRO: true}} {
		cfg.Handle = echoPackets
		c := h.packets("udp4", "127.0.0.1:0", cfg)
		pingPong(t, dialUDP(t, c.LocalAddrPort()), payloads(0)...)
		require.NoError(t, c.Close())
	}
	eventually(t, "all is counted", func() bool { return h.r.Stats().PacketsOut == 300 })
	s := h.r.Stats()
	require.EqualValues(t, []uint64{300, 0, 0, 0}, []uint64{s.PacketsIn, s.PacketsTruncated, s.PacketsDropped, s.PacketErrors})
	require.Equal(t, s.BytesIn, s.BytesOut)
	eventually(t, "all are closed", func() bool { return h.r.Stats().Conns == 0 })
}

// A client with batches of many sizes, and a server of package net.
func TestPacketClient(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	server := listenUDP(t, "udp4", "127.0.0.1:0")
	go func() {
		b := make([]byte, 10_000)
		for {
			n, from, err := server.ReadFromUDPAddrPort(b)
			if err != nil {
				return
			}
			_, _ = server.WriteToUDPAddrPort(b[:n], from)
		}
	}()
	rng := rand.New(rand.NewPCG(3, 4))
	h.co(func(*exec.Co) {
		c, err := h.r.DialPacket("udp", fmt.Sprintf("localhost:%d", addrOf(server).Port()), netio.PacketConfig{})
		require.NoError(t, err)
		require.Equal(t, server.LocalAddr().String(), c.RemoteAddr().String())
		got := netio.NewPackets(5, 1500)
		for range 50 {
			ps := netio.NewPackets(1+rng.IntN(30), 1+rng.IntN(1400))
			for i := range ps {
				for j := range ps[i].Data {
					ps[i].Data[j] = byte(rng.Uint32())
				}
			}
			n, err := c.WriteBatch(ps)
			require.NoError(t, err)
			require.Equal(t, len(ps), n)
			for at := 0; at < len(ps); {
				n, err := c.ReadBatch(got[:1+rng.IntN(len(got))])
				require.NoError(t, err)
				for _, p := range got[:n] {
					require.Equal(t, ps[at].Data, p.Data)
					require.Equal(t, addrOf(server), p.Addr)
					at++
				}
			}
		}
		require.NoError(t, c.Close())
	})
}

// A handler is given what has come at once, and its answers are all sent: in any number.
func TestPacketHandlerBatches(t *testing.T) {
	for _, gso := range []bool{false, true} {
		for _, n := range []int{1, 2, 63, 64, 65, 150} {
			t.Run(fmt.Sprintf("GSO=%v/%d", gso, n), func(t *testing.T) {
				h := begin(t, exec.Config{}, netio.Config{})
				calls := 0
				c := h.packets("udp4", "127.0.0.1:0", netio.PacketConfig{GSO: gso, ReadBuffer: 1 << 20,
					Handle: func(c *netio.PacketConn, in []netio.Packet, out *netio.Batch) {
						calls++
						echoPackets(c, in, out)
					}})
				client := dialUDP(t, c.LocalAddrPort())
				h.do(func(*exec.Local) { // the loop is busy with this, so all of them wait
					for i := range n {
						_, err := client.Write([]byte(strings.Repeat("x", i%3) + fmt.Sprint(i)))
						require.NoError(t, err)
					}
				})
				b := make([]byte, 100)
				for i := range n {
					m, err := client.Read(b)
					require.NoError(t, err)
					require.Equal(t, strings.Repeat("x", i%3)+fmt.Sprint(i), string(b[:m]))
				}
				h.do(func(*exec.Local) { require.Equal(t, (n+netio.PacketBatch-1)/netio.PacketBatch, calls) })
			})
		}
	}
}

// An answer in place may be longer than the question, and more may be sent than has come.
func TestPacketHandlerAnswers(t *testing.T) {
	const answers = 3 * netio.PacketBatch / 2
	h := begin(t, exec.Config{}, netio.Config{})
	c := h.packets("udp4", "127.0.0.1:0", netio.PacketConfig{
		Handle: func(_ *netio.PacketConn, in []netio.Packet, out *netio.Batch) {
			for _, p := range in {
				p.Data = append(p.Data, " is what you said"...)
				for range answers {
					out.Send(&p)
				}
			}
		}})
	client := dialUDP(t, c.LocalAddrPort())
	_, err := client.Write([]byte("hello"))
	require.NoError(t, err)
	b := make([]byte, 100)
	for range answers {
		n, err := client.Read(b)
		require.NoError(t, err)
		require.Equal(t, "hello is what you said", string(b[:n]))
	}
}

// Handlers that say goodbye are heard.
func TestPacketHandlerCloses(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	c := h.packets("udp4", "127.0.0.1:0", netio.PacketConfig{
		Handle: func(c *netio.PacketConn, in []netio.Packet, out *netio.Batch) {
			out.Send(&in[0])
			require.NoError(t, c.Close())
			out.Send(&in[0])
		}})
	pingPong(t, dialUDP(t, c.LocalAddrPort()), "goodbye")
	eventually(t, "it is closed", func() bool { s := h.r.Stats(); return s.Conns == 0 && s.PacketsDropped == 1 })
	require.ErrorIs(t, c.Close(), net.ErrClosed)
}

// A panic of a handler costs the packets that it had in hand, and no others.
func TestPacketHandlerPanics(t *testing.T) {
	panics := make(chan any, 1)
	h := begin(t, exec.Config{OnPanic: func(p exec.Panic) { panics <- p.Value }}, netio.Config{})
	first := true
	c := h.packets("udp4", "127.0.0.1:0", netio.PacketConfig{
		Handle: func(c *netio.PacketConn, in []netio.Packet, out *netio.Batch) {
			echoPackets(c, in, out)
			if first {
				first = false
				panic("sorry")
			}
		}})
	client := dialUDP(t, c.LocalAddrPort())
	h.do(func(*exec.Local) {
		for i := range netio.PacketBatch + 1 {
			_, err := client.Write([]byte{byte(i)})
			require.NoError(t, err)
		}
	})
	b := make([]byte, 10)
	n, err := client.Read(b)
	require.NoError(t, err)
	require.Equal(t, []byte{netio.PacketBatch}, b[:n])
	require.Equal(t, "sorry", take(t, panics))
	eventually(t, "what it would have sent is counted", func() bool { return h.r.Stats().PacketsDropped == netio.PacketBatch })
}

func TestPacketTruncation(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	got := make(chan netio.Packet, 2)
	c := h.packets("udp4", "127.0.0.1:0", netio.PacketConfig{
		Handle: func(_ *netio.PacketConn, in []netio.Packet, _ *netio.Batch) {
			for _, p := range in {
				got <- p
			}
		}})
	client := dialUDP(t, c.LocalAddrPort())
	for _, size := range []int{netio.DefaultMaxPacket, netio.DefaultMaxPacket + 1} {
		_, err := client.Write(make([]byte, size))
		require.NoError(t, err)
		p := take(t, got)
		require.Len(t, p.Data, netio.DefaultMaxPacket)
		require.Equal(t, size > netio.DefaultMaxPacket, p.Truncated)
	}
	reader := h.packets("udp4", "127.0.0.1:0", netio.PacketConfig{})
	client = dialUDP(t, reader.LocalAddrPort())
	h.co(func(*exec.Co) {
		ps := netio.NewPackets(2, 10)
		for _, size := range []int{10, 11} {
			_, err := client.Write(make([]byte, size))
			require.NoError(t, err)
			n, err := reader.ReadBatch(ps)
			require.NoError(t, err)
			require.Equal(t, 1, n)
			require.Len(t, ps[0].Data, 10)
			require.Equal(t, size == 11, ps[0].Truncated)
		}
		_, err := client.Write(make([]byte, 12))
		require.NoError(t, err)
		n, _, err := reader.ReadFromUDPAddrPort(make([]byte, 5))
		require.NoError(t, err)
		require.Equal(t, 5, n)
	})
	eventually(t, "it is counted", func() bool { return h.r.Stats().PacketsTruncated == 3 })
}
