package netio_test

import (
	"bytes"
	"io"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// flood sends to c as fast as it can, until the test is over.
func flood(t *testing.T, c *netio.PacketConn) {
	var wg sync.WaitGroup
	stop := make(chan struct{})
	client := dialUDP(t, c.LocalAddrPort())
	wg.Go(func() {
		b := make([]byte, 64)
		for {
			select {
			case <-stop:
				return
			default:
				_, _ = client.Write(b)
			}
		}
	})
	t.Cleanup(func() { close(stop); wg.Wait() })
}

// A TCP echo, and tasks, go on while packets come faster than they are handled.
func TestPacketFlood(t *testing.T) {
	native(t)
	slow := func() {
		for began := time.Now(); time.Since(began) < 20*time.Microsecond; {
		}
	}
	for _, style := range []string{"handler", "coroutine"} {
		t.Run(style, func(t *testing.T) {
			h := begin(t, exec.Config{}, netio.Config{})
			var cfg netio.PacketConfig
			if style == "handler" {
				cfg.Handle = func(c *netio.PacketConn, in []netio.Packet, out *netio.Batch) {
					for range in {
						slow()
					}
				}
			}
			c := h.packets("udp4", "127.0.0.1:0", cfg)
			if cfg.Handle == nil {
				h.do(func(l *exec.Local) {
					require.NoError(t, l.Go(func(*exec.Co) {
						ps := netio.NewPackets(4, 100)
						for {
							n, err := c.ReadBatch(ps)
							if err != nil {
								return
							}
							for range n {
								slow()
							}
						}
					}))
				})
			}
			_, addr := h.listen(netio.ListenConfig{Handle: echo})
			flood(t, c)
			drops := func() (n uint32) {
				h.do(func(*exec.Local) {
					var err error
					n, err = c.Drops()
					require.NoError(t, err)
				})
				return n
			}
			eventually(t, "it is a flood", func() bool { return drops() > 100 })
			tcp := dial(t, addr)
			got := make([]byte, 100)
			for i := range 100 {
				msg := bytes.Repeat([]byte{byte(i)}, len(got))
				_, err := tcp.Write(msg)
				require.NoError(t, err)
				_, err = io.ReadFull(tcp, got)
				require.NoError(t, err)
				require.Equal(t, msg, got)
			}
			before := drops()
			eventually(t, "it still is one", func() bool { return drops() > before })
		})
	}
}

// Batches that need not wait let others have their turn.
func TestPacketBatchesInARow(t *testing.T) {
	native(t)
	const batches = 10
	h := begin(t, exec.Config{}, netio.Config{})
	c := h.packets("udp4", "127.0.0.1:0", netio.PacketConfig{ReadBuffer: 2 << 20})
	ps := make([]netio.Packet, batches*netio.PacketBatch)
	for i := range ps {
		ps[i] = netio.Packet{Data: []byte("x"), Addr: c.LocalAddrPort()}
	}
	h.co(func(co *exec.Co) {
		turns, over := 0, false
		require.NoError(t, co.Local().Go(func(co *exec.Co) {
			for ; !over && co.Yield() == nil; turns++ {
			}
		}))
		_, err := c.WriteBatch(ps)
		require.NoError(t, err)
		require.GreaterOrEqual(t, turns, batches-2)
		turns = 0
		got := netio.NewPackets(netio.PacketBatch, 10)
		for range batches {
			n, err := c.ReadBatch(got)
			require.NoError(t, err)
			require.Equal(t, netio.PacketBatch, n)
		}
		require.GreaterOrEqual(t, turns, batches-2)
		over = true
	})
}

// A writer waits while the kernel takes no more. A handler drops, and is given nothing until
// there is room.
func TestPacketFull(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	peer := listenUDP(t, "udp4", "127.0.0.1:0")
	c := h.packets("udp4", "127.0.0.1:0", netio.PacketConfig{})
	ps := []netio.Packet{{Data: []byte("a"), Addr: addrOf(peer)}, {Data: []byte("b"), Addr: addrOf(peer)}}
	b := make([]byte, 10)
	h.co(func(*exec.Co) {
		netio.Full(c)
		n, err := c.TryWriteBatch(ps)
		require.NoError(t, err)
		require.Zero(t, n)
		n, err = c.WriteBatch(ps)
		require.NoError(t, err)
		require.Equal(t, 2, n)
		netio.Full(c)
		_, err = c.WriteTo([]byte("c"), peer.LocalAddr())
		require.NoError(t, err)
		netio.Full(c)
		require.NoError(t, c.SetWriteDeadline(time.Now().Add(-1)))
		_, err = c.WriteBatch(ps)
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	})
	for _, want := range "abc" {
		n, err := peer.Read(b)
		require.NoError(t, err)
		require.Equal(t, string(want), string(b[:n]))
	}
	eventually(t, "the wait is counted", func() bool { return h.r.Stats().Held == 2 })
	s := h.packets("udp4", "127.0.0.1:0", netio.PacketConfig{
		Handle: func(c *netio.PacketConn, in []netio.Packet, out *netio.Batch) {
			if string(in[0].Data) == "full" {
				netio.Full(c)
			}
			echoPackets(c, in, out)
		}})
	client := dialUDP(t, s.LocalAddrPort())
	_, err := client.Write([]byte("full"))
	require.NoError(t, err)
	eventually(t, "it is dropped, and counted", func() bool { return h.r.Stats().PacketsDropped == 1 })
	pingPong(t, client, "room")
}
