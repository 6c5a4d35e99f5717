//go:build linux

package netio_test

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	osexec "os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// BenchmarkUDP compares what a packet costs a server, in nanoseconds of processor time of the
// whole process (cpu-ns/packet), with a loop over a net.UDPConn. The other side is another
// process, whose time does not count. To give each a processor of its own:
//
//	PUSHCORE_LOAD_CPU=1 taskset -c 0 go test -bench UDP ./exec/netio
func BenchmarkUDP(b *testing.B) {
	const small, large = 64, 1400
	for _, c := range []struct {
		name, load string
		size       int
		serve      server
	}{
		{"echo/size=64/peer=net", "echo", small, netEcho},
		{"echo/size=64/peer=netio", "echo", small, handlerServer(echoPackets, netio.PacketConfig{})},
		{"echo/size=64/peer=netio-gso", "echo", small, handlerServer(echoPackets, netio.PacketConfig{GSO: true})},
		{"echo/size=64/peer=netio-co", "echo", small, coEcho},
		{"ping/size=64/peer=net", "ping", small, netEcho},
		{"ping/size=64/peer=netio", "ping", small, handlerServer(echoPackets, netio.PacketConfig{})},
		{"receive/size=1400/peer=net", "flow", large, netSink},
		{"receive/size=1400/peer=netio", "flow", large, handlerServer(sink, netio.PacketConfig{ReadBuffer: flowBuffer})},
		{"receive/size=1400/peer=netio-gro", "flow", large, handlerServer(sink, netio.PacketConfig{ReadBuffer: flowBuffer, GRO: true})},
		{"flow/size=1400/peer=net", "flow-echo", large, netEcho},
		{"flow/size=1400/peer=netio-gro-gso", "flow-echo", large, handlerServer(echoPackets, netio.PacketConfig{ReadBuffer: flowBuffer, GRO: true})},
	} {
		b.Run(c.name, func(b *testing.B) {
			done := make(chan struct{})
			w := &window{packets: b.N, done: done, b: b}
			addr := c.serve(b, w)
			load(b, c.load, addr, c.size)
			await(b, done)
		})
	}
}

const flowBuffer = 4 << 20

// server starts one that counts packets with w, and ends with the benchmark.
type server func(b *testing.B, w *window) netip.AddrPort

// window measures from the first packet to the last one that is wanted.
type window struct {
	b       *testing.B
	packets int
	seen    int
	cpu     time.Duration
	done    chan struct{}
}

func (w *window) add(n int) {
	if w.seen == 0 {
		w.b.ResetTimer()
		w.cpu = cpuTime()
	}
	before := w.seen
	w.seen += n
	if before < w.packets && w.seen >= w.packets {
		w.b.StopTimer()
		w.b.ReportMetric(float64(cpuTime()-w.cpu)/float64(w.seen), "cpu-ns/packet")
		close(w.done)
	}
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func netServer(b *testing.B, w *window, answer bool) netip.AddrPort {
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	require.NoError(b, err)
	_ = c.SetReadBuffer(flowBuffer)
	var wg sync.WaitGroup
	wg.Go(func() {
		buf := make([]byte, 2048)
		for {
			n, from, err := c.ReadFromUDPAddrPort(buf)
			if err != nil {
				return
			}
			if answer {
				_, _ = c.WriteToUDPAddrPort(buf[:n], from)
			}
			w.add(1)
		}
	})
	b.Cleanup(func() { _ = c.Close(); wg.Wait() })
	return addrOf(c)
}

func netEcho(b *testing.B, w *window) netip.AddrPort { return netServer(b, w, true) }
func netSink(b *testing.B, w *window) netip.AddrPort { return netServer(b, w, false) }

func sink(*netio.PacketConn, []netio.Packet, *netio.Batch) {}

// onExec runs an Exec whose OnStart opens a socket.
func onExec(b *testing.B, open func(r *netio.Reactor) (*netio.PacketConn, error)) netip.AddrPort {
	var addr netip.AddrPort
	x, err := exec.New(exec.Config{Spin: -1, OnStart: func(l *exec.Local) error {
		r, err := netio.New(l, netio.Config{})
		if err != nil {
			return err
		}
		c, err := open(r)
		if err == nil {
			addr = c.LocalAddrPort()
		}
		return err
	}})
	require.NoError(b, err)
	require.NoError(b, x.Start())
	b.Cleanup(func() { x.Stop(); require.NoError(b, x.Wait()) })
	return addr
}

func handlerServer(h netio.PacketHandler, cfg netio.PacketConfig) server {
	return func(b *testing.B, w *window) netip.AddrPort {
		cfg.Handle = func(c *netio.PacketConn, in []netio.Packet, out *netio.Batch) {
			h(c, in, out)
			n := 0
			for i := range in {
				n++
				if size := in[i].Segment; size > 0 {
					n += (len(in[i].Data) - 1) / size
				}
			}
			w.add(n)
		}
		return onExec(b, func(r *netio.Reactor) (*netio.PacketConn, error) {
			return r.ListenPacket("udp4", "127.0.0.1:0", cfg)
		})
	}
}

func coEcho(b *testing.B, w *window) netip.AddrPort {
	return onExec(b, func(r *netio.Reactor) (*netio.PacketConn, error) {
		c, err := r.ListenPacket("udp4", "127.0.0.1:0", netio.PacketConfig{})
		if err != nil {
			return nil, err
		}
		return c, r.Local().Go(func(*exec.Co) {
			ps := netio.NewPackets(netio.PacketBatch, 2048)
			for {
				n, err := c.ReadBatch(ps)
				if err != nil {
					return
				}
				_, _ = c.WriteBatch(ps[:n])
				w.add(n)
			}
		})
	})
}

// load starts the other side, for as long as the benchmark runs.
func load(b *testing.B, kind string, addr netip.AddrPort, size int) {
	args := []string{os.Args[0], "-test.run=^TestUDPLoad$"}
	if cpu := os.Getenv("PUSHCORE_LOAD_CPU"); cpu != "" {
		args = append([]string{"taskset", "-c", cpu}, args...)
	}
	cmd := osexec.Command(args[0], args[1:]...)
	cmd.Env = append(os.Environ(), fmt.Sprintf("PUSHCORE_UDP_LOAD=%s %s %d", kind, addr, size))
	require.NoError(b, cmd.Start())
	b.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
}

// TestUDPLoad is the other side of BenchmarkUDP.
func TestUDPLoad(t *testing.T) {
	plan := strings.Fields(os.Getenv("PUSHCORE_UDP_LOAD"))
	if len(plan) != 3 {
		t.Skip("it is for BenchmarkUDP")
	}
	var size int
	_, err := fmt.Sscan(plan[2], &size)
	require.NoError(t, err)
	h := begin(t, exec.Config{}, netio.Config{})
	c := h.packets("udp4", "", netio.PacketConfig{Remote: netip.MustParseAddrPort(plan[1]), ReadBuffer: flowBuffer})
	stop := make(chan struct{})
	h.do(func(l *exec.Local) {
		require.NoError(t, l.Go(func(*exec.Co) {
			defer close(stop)
			switch plan[0] {
			case "echo":
				echoLoad(c, netio.PacketBatch, size)
			case "ping":
				echoLoad(c, 1, size)
			case "flow":
				flowLoad(c, 0, size)
			case "flow-echo":
				flowLoad(c, 4, size)
			}
		}))
	})
	<-stop
}

// echoLoad keeps some packets under way.
func echoLoad(c *netio.PacketConn, under, size int) {
	ps := netio.NewPackets(under, size)
	n := under
	for {
		if _, err := c.WriteBatch(ps[:n]); err != nil {
			return
		}
		_ = c.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
		var err error
		if n, err = c.ReadBatch(ps); err != nil {
			n = under // some were lost
		}
		for i := range ps[:n] {
			ps[i].Addr = netip.AddrPort{}
		}
	}
}

// flowLoad sends messages of many datagrams, and has some of them under way if answers come.
func flowLoad(c *netio.PacketConn, under, size int) {
	const datagrams = 40
	one := []netio.Packet{{Data: make([]byte, datagrams*size), Segment: size}}
	got := netio.NewPackets(netio.PacketBatch, 2048)
	for owed := 0; ; {
		if _, err := c.WriteBatch(one); err != nil {
			continue
		}
		owed += datagrams
		for under > 0 && owed > (under-1)*datagrams {
			_ = c.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
			n, err := c.ReadBatch(got)
			if owed -= n; err != nil {
				owed = 0
			}
		}
	}
}
