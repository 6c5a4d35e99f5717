package netio_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

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
	require.Equal(t, "sorry", <-panics)
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
		p := <-got
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

// Sockets of all kinds talk to each other, and addresses look as they do in package net.
func TestPacketAddresses(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	for _, c := range []struct{ network, address, server, from string }{
		{"udp", "127.0.0.1:0", "127.0.0.1", "127.0.0.1"},
		{"udp", ":0", "127.0.0.1", "127.0.0.1"},
		{"udp", ":0", "::1", "::1"},
		{"udp4", ":0", "127.0.0.1", "127.0.0.1"},
		{"udp6", "[::1]:0", "::1", "::1"},
		{"udp", "[::]:0", "::1", "::1"},
	} {
		t.Run(c.network+" "+c.address+" "+c.server, func(t *testing.T) {
			if strings.Contains(c.server, ":") {
				if probe, err := net.ListenPacket("udp6", "[::1]:0"); err != nil {
					t.Skip(err)
				} else {
					_ = probe.Close()
				}
			}
			from := make(chan netip.AddrPort, 1)
			s := h.packets(c.network, c.address, netio.PacketConfig{
				Handle: func(_ *netio.PacketConn, in []netio.Packet, out *netio.Batch) {
					from <- in[0].Addr
					out.Send(&in[0])
				}})
			client := dialUDP(t, netip.AddrPortFrom(netip.MustParseAddr(c.server), s.LocalAddrPort().Port()))
			pingPong(t, client, "hello")
			require.Equal(t, netip.AddrPortFrom(netip.MustParseAddr(c.from), addrOf(client).Port()), <-from)
		})
	}
}

func TestPacketAddressErrors(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	any4 := netip.MustParseAddrPort("127.0.0.1:9")
	for _, c := range []struct {
		network, address, wrong string
		cfg                     netio.PacketConfig
	}{
		{"tcp", "127.0.0.1:0", "udp, udp4 or udp6", netio.PacketConfig{}},
		{"udp", "example.org:0", "needs an IP address", netio.PacketConfig{}},
		{"udp", "127.0.0.1:x", `the port is "x"`, netio.PacketConfig{}},
		{"udp6", "127.0.0.1:0", "no IPv6 address", netio.PacketConfig{}},
		{"udp6", "", "no IPv6 address", netio.PacketConfig{Remote: any4}},
		{"udp", "", "missing port", netio.PacketConfig{}},
		{"udp", ":0", "MaxPacket is -1", netio.PacketConfig{MaxPacket: -1}},
		{"udp", ":0", "MaxPacket is 65537", netio.PacketConfig{MaxPacket: 65537}},
		{"udp", ":0", "ReadBuffer of -5", netio.PacketConfig{ReadBuffer: -5}},
		{"udp", ":0", "ReusePort", netio.PacketConfig{Steer: netio.SteerByByte(0, 2)}},
	} {
		h.do(func(*exec.Local) {
			_, err := h.r.ListenPacket(c.network, c.address, c.cfg)
			require.ErrorContains(t, err, c.wrong)
		})
	}
	require.Zero(t, h.r.Stats().Conns)
	small := begin(t, exec.Config{}, netio.Config{MaxConns: 1})
	small.packets("udp", ":0", netio.PacketConfig{})
	small.do(func(*exec.Local) {
		_, err := small.r.ListenPacket("udp", ":0", netio.PacketConfig{})
		require.ErrorIs(t, err, netio.ErrTooMany)
	})
}

// The kernel picks the socket by a byte of the packet, always.
func TestPacketSteering(t *testing.T) {
	const sockets, each = 3, 100
	h := begin(t, exec.Config{}, netio.Config{})
	var got [sockets][256]int
	address := "127.0.0.1:0"
	for i := range sockets {
		c := h.packets("udp4", address, netio.PacketConfig{ReusePort: true, Steer: netio.SteerByByte(1, sockets),
			Handle: func(c *netio.PacketConn, in []netio.Packet, out *netio.Batch) {
				for _, p := range in {
					got[i][p.Data[1]]++
				}
				echoPackets(c, in, out)
			}})
		address = c.LocalAddr().String()
	}
	for range 5 { // several sources: without the program they would be spread by these
		client := dialUDP(t, netip.MustParseAddrPort(address))
		for k := range each {
			pingPong(t, client, string([]byte{0, byte(k), 0}))
		}
	}
	h.do(func(*exec.Local) {
		for i := range sockets {
			for k := range each {
				want := 0
				if k%sockets == i {
					want = 5
				}
				require.Equal(t, want, got[i][k], "socket %d, key %d", i, k)
			}
		}
	})
}

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
	require.ErrorIs(t, <-errs, syscall.ECONNREFUSED)
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
	require.ErrorIs(t, <-ended, exec.ErrCancelled)
	h.do(func(l *exec.Local) {
		for _, read := range reads {
			require.NoError(t, l.Go(func(*exec.Co) { ended <- read() }))
		}
	})
	require.NoError(t, c.Close())
	require.ErrorIs(t, <-ended, net.ErrClosed)
	require.ErrorIs(t, <-ended, net.ErrClosed)
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
	require.ErrorIs(t, <-served, netio.ErrDraining)
	_, err := peer.WriteToUDPAddrPort([]byte("answer"), client.LocalAddrPort())
	require.NoError(t, err)
	require.NoError(t, <-answered)
	require.NoError(t, <-drained)
	s := h.r.Stats()
	require.EqualValues(t, []uint64{1, 2}, []uint64{s.Drained, s.Abandoned})
	require.Zero(t, s.Conns)
}
