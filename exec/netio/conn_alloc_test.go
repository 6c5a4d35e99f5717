package netio_test

import (
	"io"
	"net"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

func TestAllocations(t *testing.T) {
	countable(t)
	networks(t, func(h *host, co *exec.Co, a, b *netio.Conn) {
		buf, in := make([]byte, 100), make([]byte, 100)
		bufs := make(net.Buffers, 2)
		step := func(err error) {
			if err != nil {
				h.t.Fatal(err)
			}
		}
		for name, f := range map[string]func(){
			"Read and Write": func() {
				_, err := a.Write(buf)
				step(err)
				_, err = io.ReadFull(b, in)
				step(err)
			},
			"Peek and Discard": func() {
				_, err := a.Write(buf)
				step(err)
				_, err = b.Peek(len(buf))
				step(err)
				b.Discard(len(buf))
			},
			"TryWrite": func() {
				_, err := a.TryWrite(buf)
				step(err)
				_, err = io.ReadFull(b, in)
				step(err)
			},
			"Writev": func() {
				bufs = bufs[:2]
				bufs[0], bufs[1] = buf[:50], buf[50:]
				v := bufs
				_, err := a.Writev(&v)
				step(err)
				_, err = io.ReadFull(b, in)
				step(err)
			},
		} {
			most := 0.0
			if name == "Writev" {
				most = 1 // v, which is the test's
			}
			require.LessOrEqual(h.t, testing.AllocsPerRun(100, f), most, name)
		}
	})
}

// Reads that wait for the other coroutine, which is the usual case.
func TestAllocationsOfPingPong(t *testing.T) {
	countable(t)
	networks(t, func(h *host, co *exec.Co, a, b *netio.Conn) {
		j, err := exec.Go(co.Local(), func(*exec.Co) (struct{}, error) {
			in := make([]byte, 100)
			for {
				n, err := b.Read(in)
				if err == nil {
					_, err = b.Write(in[:n])
				}
				if err != nil {
					return struct{}{}, err
				}
			}
		})
		require.NoError(h.t, err)
		buf := make([]byte, 100)
		allocs := testing.AllocsPerRun(200, func() {
			if _, err := a.Write(buf); err != nil {
				h.t.Fatal(err)
			}
			if _, err := io.ReadFull(a, buf); err != nil {
				h.t.Fatal(err)
			}
		})
		require.Zero(h.t, allocs)
		require.NoError(h.t, a.CloseWrite())
		_, err = j.Await(co)
		require.Equal(h.t, io.EOF, err)
	})
}
