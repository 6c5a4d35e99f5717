package netio_test

import (
	"bufio"
	"io"
	"net"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// idleServer starts a server that answers bytes, and returns its port, and how many
// connections are idle.
type idleServer func(t testing.TB) (port int, idle func() int)

// idleServers are the ways to have a connection that does nothing.
var idleServers = []struct {
	name  string
	start idleServer
}{
	{"netio.Wait", onReactor(func(_ *exec.Co, c *netio.Conn) error {
		b, err := c.Peek(1)
		if err != nil {
			return err
		}
		_, err = c.Write(b)
		c.Discard(len(b))
		if err != nil {
			return err
		}
		return netio.Wait
	}, func(s netio.Stats) int { return s.Waiting })},
	{"coroutine in Read", onReactor(func(_ *exec.Co, c *netio.Conn) error {
		var b [1]byte
		return answer(c, c, b[:])
	}, func(s netio.Stats) int { return int(s.BytesOut) })},
	{"goroutine", onNet(func(c net.Conn) error {
		var b [1]byte
		return answer(c, c, b[:])
	})},
	{"goroutine with bufio", onNet(func(c net.Conn) error {
		var b [1]byte
		r, w := bufio.NewReader(c), bufio.NewWriter(c)
		for {
			if _, err := io.ReadFull(r, b[:]); err != nil {
				return err
			}
			_, _ = w.Write(b[:])
			if err := w.Flush(); err != nil {
				return err
			}
		}
	})},
}

func answer(r io.Reader, w io.Writer, b []byte) error {
	for {
		if _, err := r.Read(b); err != nil {
			return err
		}
		if _, err := w.Write(b); err != nil {
			return err
		}
	}
}

func onReactor(h netio.Handler, idle func(netio.Stats) int) idleServer {
	return func(t testing.TB) (int, func() int) {
		var r *netio.Reactor
		var ln *netio.Listener
		x, err := exec.New(exec.Config{Spin: -1, OnStart: func(l *exec.Local) (err error) {
			if r, err = netio.New(l, netio.Config{}); err == nil {
				ln, err = r.Listen("tcp", "127.0.0.1:0", netio.ListenConfig{Handle: h})
			}
			return err
		}})
		require.NoError(t, err)
		require.NoError(t, x.Start())
		t.Cleanup(func() {
			x.Stop()
			require.NoError(t, x.Wait())
		})
		return ln.Addr().(*net.TCPAddr).Port, func() int { return idle(r.Stats()) }
	}
}

func onNet(h func(c net.Conn) error) idleServer {
	return func(t testing.TB) (int, func() int) {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		var n atomic.Int32
		var open atomic.Int32
		go func() {
			for {
				c, err := ln.Accept()
				if err != nil {
					return
				}
				n.Add(1)
				open.Add(1)
				go func() {
					defer open.Add(-1)
					defer c.Close()
					_ = h(c)
				}()
			}
		}()
		t.Cleanup(func() {
			require.NoError(t, ln.Close())
			eventually(t, "all have ended", func() bool { return open.Load() == 0 })
		})
		return ln.Addr().(*net.TCPAddr).Port, func() int { return int(n.Load()) }
	}
}

// idlers are clients that do not count: descriptors, and nothing on the heap.
type idlers []int

// ping sends a byte over client i, and waits for the answer.
func (c idlers) ping(t testing.TB, i int) {
	var b [1]byte
	if _, err := unix.Write(c[i], b[:]); err != nil {
		t.Fatal(err)
	}
	if n, err := unix.Read(c[i], b[:]); n != 1 || err != nil {
		t.Fatal(n, err)
	}
}

// connect makes n clients, each of which has been answered once.
func connect(t testing.TB, port, n int) idlers {
	c := make(idlers, 0, n)
	t.Cleanup(func() {
		for _, fd := range c {
			_ = unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
			_ = unix.Close(fd)
		}
	})
	for i := range n {
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		require.NoError(t, err)
		c = append(c, fd)
		require.NoError(t, unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Sec: 20}))
		require.NoError(t, unix.Connect(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}, Port: port}))
		c.ping(t, i)
	}
	return c
}

// footprint is what n idle connections of a server cost this process, in bytes each: its
// heap and stacks, and all that the runtime has from the system.
func footprint(t testing.TB, start idleServer, n int) (inUse, sys float64, clients idlers) {
	port, idle := start(t)
	connect(t, port, 20) // what is made once is there
	base := idle()
	before := memory()
	clients = connect(t, port, n)
	eventually(t, "all are idle", func() bool { return idle() >= base+n })
	after := memory()
	runtime.KeepAlive(clients)
	each := func(a, b uint64) float64 { return (float64(b) - float64(a)) / float64(n) }
	return each(before.HeapInuse+before.StackInuse, after.HeapInuse+after.StackInuse), each(before.Sys, after.Sys), clients
}

func memory() (m runtime.MemStats) {
	runtime.GC()
	debug.FreeOSMemory()
	time.Sleep(20 * time.Millisecond) // stacks are shrunk, and finalizers run
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m
}

// most returns how many connections there can be, n at most: each is two descriptors here.
func most(t testing.TB, n int) int {
	var lim unix.Rlimit
	require.NoError(t, unix.Getrlimit(unix.RLIMIT_NOFILE, &lim))
	lim.Cur = lim.Max
	_ = unix.Setrlimit(unix.RLIMIT_NOFILE, &lim)
	return min(n, int(min(lim.Cur, 1<<20)-100)/2)
}

// BenchmarkIdleConn shows what an idle connection costs: B/conn are heap and stack, sys-B/conn
// what the process has got for it. What the kernel has for it is the same for all, and not
// in it. An operation is a byte to and fro over one of them.
func BenchmarkIdleConn(b *testing.B) {
	for _, s := range idleServers {
		b.Run("server="+s.name, func(b *testing.B) {
			n := most(b, 10_000)
			inUse, sys, clients := footprint(b, s.start, n)
			i := 0
			for b.Loop() {
				clients.ping(b, i)
				if i++; i == n {
					i = 0
				}
			}
			b.ReportMetric(inUse, "B/conn")
			b.ReportMetric(sys, "sys-B/conn")
			b.ReportMetric(float64(n), "conns")
		})
	}
}

// Through Wait an idle connection has less than half of the memory that it has with a
// goroutine.
func TestIdleConnIsSmall(t *testing.T) {
	n := most(t, 1000)
	got := map[string]float64{}
	for _, s := range idleServers {
		t.Run(s.name, func(t *testing.T) {
			inUse, sys, _ := footprint(t, s.start, n)
			t.Logf("%.0f bytes each of heap and stack, %.0f from the system", inUse, sys)
			got[s.name] = inUse
		})
	}
	require.Less(t, got["netio.Wait"], got["goroutine"]/2)
}
