package netio_test

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// No packet costs an allocation: not in batches, not one by one, and not in handlers.
func TestPacketsDoNotAllocate(t *testing.T) {
	native(t)
	countable(t)
	const batch = 32
	for _, address := range []string{"127.0.0.1:0", "[::1]:0"} {
		t.Run(address, func(t *testing.T) {
			h := begin(t, exec.Config{StallAfter: -1}, netio.Config{})
			var c *netio.PacketConn
			var err error
			h.do(func(*exec.Local) { c, err = h.r.ListenPacket("udp", address, netio.PacketConfig{}) })
			if err != nil {
				t.Skip(err)
			}
			handled := 0
			count := func(_ *netio.PacketConn, in []netio.Packet, out *netio.Batch) {
				handled += len(in)
				for i := range in {
					out.Send(&in[i])
				}
			}
			echo := h.packets("udp", address, netio.PacketConfig{Handle: count})
			merge := h.packets("udp", address, netio.PacketConfig{Handle: count, GSO: true})
			ps, got := make([]netio.Packet, batch), netio.NewPackets(batch, 100)
			b := make([]byte, 100)
			self := c.LocalAddrPort()
			to := func(a netip.AddrPort) {
				for i := range ps {
					ps[i] = netio.Packet{Data: b[:50], Addr: a}
				}
			}
			read := func() {
				for n := 0; n < batch; {
					m, err := c.ReadBatch(got)
					if err != nil {
						panic(err)
					}
					n += m
				}
			}
			h.co(func(*exec.Co) {
				to(self)
				require.Zero(t, testing.AllocsPerRun(100, func() {
					if n, err := c.WriteBatch(ps); n != batch || err != nil {
						panic(err)
					}
					read()
				}), "batches")
				require.Zero(t, testing.AllocsPerRun(100, func() {
					if _, err := c.WriteToUDPAddrPort(b, self); err != nil {
						panic(err)
					}
					if n, from, err := c.ReadFromUDPAddrPort(b); n != len(b) || from != self || err != nil {
						panic(err)
					}
				}), "one by one")
				for _, s := range []*netio.PacketConn{echo, merge} {
					to(s.LocalAddrPort())
					handled = 0
					require.Zero(t, testing.AllocsPerRun(100, func() {
						if n, err := c.WriteBatch(ps); n != batch || err != nil {
							panic(err)
						}
						read()
					}), "a handler")
					require.Equal(t, 101*batch, handled)
				}
			})
		})
	}
}
