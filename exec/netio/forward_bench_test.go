//go:build linux

package netio_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	osexec "os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// BenchmarkForward compares what a proxy costs, in processor time of the whole process, that
// forwards in several ways. Client and upstream are another process, whose time does not
// count. See BenchmarkUDP for how to give each a processor of its own.
func BenchmarkForward(b *testing.B) {
	for _, load := range []string{"echo/size=1024", "echo/size=16384", "echo/size=65536", "stream/size=1048576"} {
		for _, way := range []struct {
			name    string
			forward func(dst, src *netio.Conn) (int64, error)
		}{
			{"forward", netio.Forward},
			{"copy64k", copy64k},
			{"splice", netio.ForwardSpliced},
		} {
			b.Run(load+"/way="+way.name, func(b *testing.B) { benchForward(b, load, way.forward) })
		}
	}
}

// copy64k reads and writes with a buffer of 64 KiB.
func copy64k(dst, src *netio.Conn) (n int64, err error) {
	buf := make([]byte, 64<<10)
	for {
		m, err := src.Read(buf)
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			return n, err
		}
		m, err = dst.Write(buf[:m])
		if n += int64(m); err != nil {
			return n, err
		}
	}
}

func benchForward(b *testing.B, load string, forward func(dst, src *netio.Conn) (int64, error)) {
	kind, size, _ := strings.Cut(load, "/size=")
	var bytes int
	_, err := fmt.Sscan(size, &bytes)
	require.NoError(b, err)

	// The other side says where its upstream is, and is told where the proxy is.
	args := []string{os.Args[0], "-test.run=^TestForwardLoad$"}
	if cpu := os.Getenv("PUSHCORE_LOAD_CPU"); cpu != "" {
		args = append([]string{"taskset", "-c", cpu}, args...)
	}
	cmd := osexec.Command(args[0], args[1:]...)
	cmd.Env = append(os.Environ(), fmt.Sprintf("PUSHCORE_FORWARD_LOAD=%s %d", kind, bytes))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	require.NoError(b, err)
	out, err := cmd.StdoutPipe()
	require.NoError(b, err)
	require.NoError(b, cmd.Start())
	b.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })

	var upstream string
	_, err = fmt.Fscan(out, &upstream)
	require.NoError(b, err)

	var moved atomic.Int64
	counted := func(dst, src *netio.Conn) {
		n, _ := forward(dst, src)
		moved.Add(n)
		_ = dst.CloseWrite()
	}
	var addr net.Addr
	x, err := exec.New(exec.Config{Spin: -1, OnStart: func(l *exec.Local) error {
		r, err := netio.New(l, netio.Config{})
		if err != nil {
			return err
		}
		ln, err := r.Listen("tcp", "127.0.0.1:0", netio.ListenConfig{Handle: func(co *exec.Co, c *netio.Conn) error {
			up, err := r.Dial("tcp", upstream, netio.DialConfig{})
			if err != nil {
				return err
			}
			back, err := exec.Go(l, func(*exec.Co) (struct{}, error) { counted(c, up); return struct{}{}, nil })
			if err != nil {
				return err
			}
			counted(up, c)
			_, err = back.Await(co)
			return errors.Join(err, up.Close())
		}})
		if err == nil {
			addr = ln.Addr()
		}
		return err
	}})
	require.NoError(b, err)
	require.NoError(b, x.Start())
	b.Cleanup(func() { x.Stop(); require.NoError(b, x.Wait()) })

	b.SetBytes(int64(bytes))
	b.ResetTimer()
	before := cpuTime()
	_, err = fmt.Fprintln(in, addr, b.N)
	require.NoError(b, err)
	var done string
	_, err = fmt.Fscan(out, &done)
	require.NoError(b, err)
	b.StopTimer()
	b.ReportMetric(float64(cpuTime()-before)/float64(b.N), "cpu-ns/op")
}

// TestForwardLoad is the other side of BenchmarkForward.
func TestForwardLoad(t *testing.T) {
	plan := strings.Fields(os.Getenv("PUSHCORE_FORWARD_LOAD"))
	if len(plan) != 2 {
		t.Skip("it is for BenchmarkForward")
	}
	var size int
	_, err := fmt.Sscan(plan[1], &size)
	require.NoError(t, err)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				buf := make([]byte, 256<<10)
				for {
					n, err := c.Read(buf)
					if plan[0] == "echo" && n > 0 {
						_, err = c.Write(buf[:n])
					}
					if err != nil {
						return
					}
				}
			}()
		}
	}()
	fmt.Println(ln.Addr())
	var proxy string
	var n int
	_, err = fmt.Scan(&proxy, &n)
	require.NoError(t, err)
	const conns = 16
	var wg sync.WaitGroup
	var left atomic.Int64
	left.Store(int64(n))
	for range conns {
		wg.Go(func() {
			b, got := make([]byte, size), make([]byte, size)
			var c net.Conn
			for left.Add(-1) >= 0 {
				if c == nil {
					if c, err = net.DialTimeout("tcp", proxy, 10*time.Second); err != nil {
						t.Error(err)
						return
					}
				}
				if plan[0] == "echo" {
					_, _ = c.Write(b)
					_, _ = io.ReadFull(c, got)
					continue
				}
				_, _ = c.Write(b)
				_ = c.(*net.TCPConn).CloseWrite()
				_, _ = io.ReadAll(c)
				_ = c.Close()
				c = nil
			}
		})
	}
	wg.Wait()
	fmt.Println("done")
}
