package netio_test

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// What a connected socket is told by the network is an error of its next call.
func TestPacketRefused(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	gone := listenUDP(t, "udp4", "127.0.0.1:0")
	to := addrOf(gone)
	require.NoError(t, gone.Close())
	errs := make(chan error, 1)
	handler := h.packets("udp4", "", netio.PacketConfig{Remote: to,
		Handle:  func(*netio.PacketConn, []netio.Packet, *netio.Batch) {},
		OnError: func(_ *netio.PacketConn, err error) { errs <- err }})
	h.co(func(co *exec.Co) {
		c, err := h.r.DialPacket("udp4", to.String(), netio.PacketConfig{})
		require.NoError(t, err)
		_, err = c.Write([]byte("anyone?"))
		require.NoError(t, err)
		_, err = c.Read(make([]byte, 10))
		require.ErrorIs(t, err, syscall.ECONNREFUSED)
		n, err := c.WriteBatch([]netio.Packet{{Data: []byte("really?")}})
		require.NoError(t, err)
		require.Equal(t, 1, n)
		_, err = c.ReadBatch(netio.NewPackets(1, 10))
		require.ErrorIs(t, err, syscall.ECONNREFUSED)
		require.NoError(t, c.Close())

		_, err = handler.TryWriteBatch([]netio.Packet{{Data: []byte("anyone?")}})
		require.NoError(t, err)
	})
	require.ErrorIs(t, take(t, errs), syscall.ECONNREFUSED)
	eventually(t, "it is counted", func() bool { return h.r.Stats().PacketErrors == 1 })
}

// One that cannot be sent is named, and those behind it can be sent.
func TestPacketWriteErrors(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	peer := listenUDP(t, "udp4", "127.0.0.1:0")
	c := h.packets("udp4", "127.0.0.1:0", netio.PacketConfig{})
	to := addrOf(peer)
	ps := make([]netio.Packet, 150)
	for i := range ps {
		ps[i] = netio.Packet{Data: []byte{byte(i)}, Addr: to}
	}
	ps[0].Data = make([]byte, 66_000)
	ps[70].Addr = netip.AddrPort{}
	ps[71].Segment = -1
	ps[149].Data = ps[0].Data
	var failed []int
	h.co(func(*exec.Co) {
		for at := 0; at < len(ps); {
			n, err := c.WriteBatch(ps[at:])
			if at += n; err == nil {
				break
			}
			switch at {
			case 0, 149:
				require.ErrorIs(t, err, syscall.EMSGSIZE)
			case 70:
				require.ErrorContains(t, err, "needs an address")
			case 71:
				require.ErrorContains(t, err, "Segment is -1")
			}
			failed = append(failed, at)
			at++
		}
	})
	require.Equal(t, []int{0, 70, 71, 149}, failed)
	b := make([]byte, 10)
	for i := 1; i < 149; i++ {
		if i == 70 || i == 71 {
			continue
		}
		n, err := peer.Read(b)
		require.NoError(t, err)
		require.Equal(t, []byte{byte(i)}, b[:n])
	}
	// A handler's, too: the others are sent, and it is told.
	var errs []error
	s := h.packets("udp4", "127.0.0.1:0", netio.PacketConfig{
		OnError: func(_ *netio.PacketConn, err error) { errs = append(errs, err) },
		Handle: func(_ *netio.PacketConn, in []netio.Packet, out *netio.Batch) {
			for _, p := range ps[:73] {
				out.Send(&p)
			}
			out.Send(&in[0])
		}})
	pingPong(t, dialUDP(t, s.LocalAddrPort()), "done")
	for i := 1; i < 70; i++ {
		n, err := peer.Read(b)
		require.NoError(t, err)
		require.Equal(t, []byte{byte(i)}, b[:n])
	}
	h.do(func(*exec.Local) { require.Len(t, errs, 3) })
}

// What anybody may call, and what only coroutines.
func TestPacketOnLoop(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	c := h.packets("udp4", "127.0.0.1:0", netio.PacketConfig{})
	self := c.LocalAddrPort()
	ps := []netio.Packet{{Data: make([]byte, 10), Addr: self}}
	calls := map[string]func() error{
		"ReadBatch":  func() error { _, err := c.ReadBatch(ps); return err },
		"WriteBatch": func() error { _, err := c.WriteBatch(ps); return err },
		"Read":       func() error { _, err := c.Read(ps[0].Data); return err },
		"ReadFrom":   func() error { _, _, err := c.ReadFrom(ps[0].Data); return err },
		"WriteTo":    func() error { _, err := c.WriteTo(ps[0].Data, c.LocalAddr()); return err },
	}
	for name, f := range calls {
		require.ErrorIs(t, f(), netio.ErrNotOnLoop, name)
		h.do(func(*exec.Local) { require.ErrorIs(t, f(), netio.ErrNotOnLoop, name) })
	}
	_, err := c.TryWriteBatch(ps)
	require.ErrorIs(t, err, netio.ErrNotOnLoop)
	_, err = c.Drops()
	require.ErrorIs(t, err, netio.ErrNotOnLoop)
	_, err = h.r.DialPacket("udp", "localhost:9", netio.PacketConfig{})
	require.ErrorIs(t, err, netio.ErrNotOnLoop)
	h.co(func(*exec.Co) {
		_, err := c.Write([]byte("x"))
		require.ErrorIs(t, err, syscall.EDESTADDRREQ)
		n, err := c.TryWriteBatch(ps)
		require.NoError(t, err)
		require.Equal(t, 1, n)
		n, from, err := c.ReadFrom(ps[0].Data)
		require.NoError(t, err)
		require.Equal(t, 10, n)
		require.Equal(t, c.LocalAddr().String(), from.String())
		d, err := h.r.DialPacket("udp", c.LocalAddr().String(), netio.PacketConfig{})
		require.NoError(t, err)
		_, err = d.WriteTo([]byte("x"), c.LocalAddr())
		require.ErrorIs(t, err, net.ErrWriteToConnected)
	})
}

func TestPacketDeadlinesAndClose(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	c := h.packets("udp4", "127.0.0.1:0", netio.PacketConfig{})
	reads := []func() error{
		func() error { _, err := c.ReadBatch(netio.NewPackets(1, 10)); return err },
		func() error { _, _, err := c.ReadFrom(make([]byte, 10)); return err },
	}
	for _, read := range reads {
		h.co(func(co *exec.Co) {
			require.NoError(t, c.SetReadDeadline(time.Now().Add(10*time.Millisecond)))
			require.ErrorIs(t, read(), os.ErrDeadlineExceeded)
			require.NoError(t, c.SetReadDeadline(time.Time{}))
			go func() { time.Sleep(5 * time.Millisecond); _ = c.SetDeadline(time.Now().Add(-1)) }()
			require.ErrorIs(t, read(), os.ErrDeadlineExceeded)
			require.NoError(t, c.SetDeadline(time.Time{}))
			require.ErrorIs(t, co.Within(5*time.Millisecond, read), exec.ErrTimeout)
		})
	}
	h.co(func(*exec.Co) {
		require.NoError(t, c.SetWriteDeadline(time.Now().Add(-1)))
		_, err := c.WriteBatch([]netio.Packet{{Data: []byte("x"), Addr: c.LocalAddrPort()}})
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	})
	// A coroutine that is cancelled, and one whose socket is closed from elsewhere.
	ended := make(chan error, 2)
	var join *exec.Join[struct{}]
	h.do(func(l *exec.Local) {
		var err error
		join, err = exec.Go(l, func(*exec.Co) (struct{}, error) { ended <- reads[0](); return struct{}{}, nil })
		require.NoError(t, err)
	})
	h.do(func(*exec.Local) { join.Abort() })
	require.ErrorIs(t, take(t, ended), exec.ErrCancelled)
	h.do(func(l *exec.Local) {
		for _, read := range reads {
			require.NoError(t, l.Go(func(*exec.Co) { ended <- read() }))
		}
	})
	require.NoError(t, c.Close())
	require.ErrorIs(t, take(t, ended), net.ErrClosed)
	require.ErrorIs(t, take(t, ended), net.ErrClosed)
	require.ErrorIs(t, c.SetDeadline(time.Time{}), net.ErrClosed)
	var op *net.OpError
	require.True(t, errors.As(c.Close(), &op))
	require.Equal(t, "udp", op.Net)
}

// A drain closes sockets that have handlers, ends the waits of servers, and leaves clients
// their answers.
func TestPacketDrain(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	peer := listenUDP(t, "udp4", "127.0.0.1:0")
	handled := h.packets("udp4", "127.0.0.1:0", netio.PacketConfig{Handle: echoPackets})
	pingPong(t, dialUDP(t, handled.LocalAddrPort()), "x")
	server := h.packets("udp4", "127.0.0.1:0", netio.PacketConfig{})
	client := h.packets("udp4", "", netio.PacketConfig{Remote: addrOf(peer)})
	served, answered := make(chan error, 1), make(chan error, 1)
	h.do(func(l *exec.Local) {
		require.NoError(t, l.Go(func(*exec.Co) { _, err := server.ReadBatch(netio.NewPackets(1, 10)); served <- err }))
		require.NoError(t, l.Go(func(*exec.Co) { _, err := client.Read(make([]byte, 10)); answered <- err }))
	})
	drained := make(chan error, 1)
	go func() { drained <- drain(t, h.x, time.Minute) }()
	require.ErrorIs(t, take(t, served), netio.ErrDraining)
	_, err := peer.WriteToUDPAddrPort([]byte("answer"), client.LocalAddrPort())
	require.NoError(t, err)
	require.NoError(t, take(t, answered))
	require.NoError(t, take(t, drained))
	s := h.r.Stats()
	require.EqualValues(t, []uint64{1, 2}, []uint64{s.Drained, s.Abandoned})
	require.Zero(t, s.Conns)
}

// An OnError that closes the socket does not have sent again what was sent before.
func TestPacketErrorCloses(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	peer := listenUDP(t, "udp4", "127.0.0.1:0")
	to := addrOf(peer)
	c := h.packets("udp4", "127.0.0.1:0", netio.PacketConfig{
		Handle: func(_ *netio.PacketConn, _ []netio.Packet, out *netio.Batch) {
			out.Send(&netio.Packet{Data: []byte("1"), Addr: to})
			out.Send(&netio.Packet{Data: []byte("2"), Addr: netip.AddrPortFrom(to.Addr(), 0)})
			out.Send(&netio.Packet{Data: []byte("3"), Addr: to})
		},
		OnError: func(c *netio.PacketConn, _ error) { _ = c.Close() },
	})
	_, err := peer.WriteTo([]byte("go"), c.LocalAddr())
	require.NoError(t, err)
	eventually(t, "it is closed", func() bool { s := h.r.Stats(); return s.PacketsDropped > 0 && s.Conns == 0 })
	s := h.r.Stats()
	require.Equal(t, []uint64{1, 1, 1}, []uint64{s.PacketsOut, s.PacketErrors, s.PacketsDropped})
}
