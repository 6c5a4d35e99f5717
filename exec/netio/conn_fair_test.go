package netio_test

import (
	"io"
	"net"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// A coroutine that never has to wait, because the other side is always faster, gives way all
// the same. Bytes are counted, and not time: they move only while the loop runs.
func TestFair(t *testing.T) {
	const total, most = 8 << 20, 2 << 20
	for _, c := range []struct {
		name  string
		peer  func(c net.Conn)
		moved func(r *netio.Reactor) uint64
		f     func(c *netio.Conn, b []byte) (int, error)
	}{
		{"Read", func(c net.Conn) { _, _ = c.Write(make([]byte, total)) }, (*netio.Reactor).BytesIn, (*netio.Conn).Read},
		{"Write", func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }, (*netio.Reactor).BytesOut, (*netio.Conn).Write},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := begin(t, exec.Config{}, netio.Config{})
			ln, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			defer ln.Close()
			go func() {
				if peer, err := ln.Accept(); err == nil {
					c.peer(peer)
				}
			}()
			h.co(func(co *exec.Co) {
				conn, err := h.r.Dial("tcp", ln.Addr().String(), netio.DialConfig{})
				require.NoError(t, err)
				over := false
				worker, err := exec.Go(co.Local(), func(*exec.Co) (n int, err error) {
					defer func() { over = true }()
					b := make([]byte, 64) // so that this side is the slow one
					for n < total && err == nil {
						m := 0
						m, err = c.f(conn, b)
						n += m
					}
					return n, err
				})
				require.NoError(t, err)
				last, longest := c.moved(h.r), uint64(0)
				for !over {
					require.NoError(t, co.Yield())
					now := c.moved(h.r)
					last, longest = now, max(longest, now-last)
				}
				n, err := worker.Await(co)
				require.NoError(t, err)
				require.Equal(t, total, n)
				require.LessOrEqual(t, longest, uint64(most))
				require.NoError(t, conn.Close())
			})
		})
	}
}
