package netio_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// Where the kernel cannot be asked to tell of room, it is tried again in each turn, and not at once
// for as long as there is none.
func TestPacketFullAndUnwatched(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	peer := listenUDP(t, "udp4", "127.0.0.1:0")
	c := h.packets("udp4", "127.0.0.1:0", netio.PacketConfig{})
	ps := []netio.Packet{{Data: []byte("a"), Addr: addrOf(peer)}}
	h.do(func(*exec.Local) {
		netio.Unwatch(c)
		netio.Full(c)
		netio.Full(c)
		require.Equal(t, 1, h.r.GoingOn())
		n, err := c.TryWriteBatch(ps)
		require.NoError(t, err)
		require.Zero(t, n)
	})
	h.co(func(*exec.Co) {
		netio.Full(c)
		n, err := c.WriteBatch(ps)
		require.NoError(t, err)
		require.Equal(t, 1, n)
	})
	n, err := peer.Read(make([]byte, 10))
	require.NoError(t, err)
	require.Equal(t, 1, n)
	s := h.packets("udp4", "127.0.0.1:0", netio.PacketConfig{
		Handle: func(c *netio.PacketConn, in []netio.Packet, out *netio.Batch) {
			netio.Unwatch(c)
			netio.Full(c)
			echoPackets(c, in, out)
		}})
	client := dialUDP(t, s.LocalAddrPort())
	_, err = client.Write([]byte("full"))
	require.NoError(t, err)
	eventually(t, "it is dropped, and counted", func() bool { return h.r.Stats().PacketsDropped == 1 })
}
