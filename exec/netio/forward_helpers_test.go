package netio_test

import (
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// forwarded is how one direction of a proxied connection has ended.
type forwarded struct {
	n   int64
	err error
}

// proxy is a TCP proxy to one address.
type proxy struct {
	*host
	addr     string
	up, down chan forwarded // client to upstream, and back
}

// forwards runs one on h. What onUp returns is an error for up.
func forwards(h *host, upstream string, onUp func(co *exec.Co, client, upstream *netio.Conn) error) *proxy {
	p := &proxy{host: h, up: make(chan forwarded, 100), down: make(chan forwarded, 100)}
	_, p.addr = h.listen(netio.ListenConfig{Handle: func(co *exec.Co, c *netio.Conn) error {
		up, err := h.r.Dial("tcp", upstream, netio.DialConfig{Timeout: 10 * time.Second})
		if err != nil {
			return err
		}
		var both exec.Signal
		both.Init(co.Local())
		over := false
		err = co.Local().Go(func(*exec.Co) {
			n, err := netio.Forward(c, up)
			_ = c.CloseWrite()
			p.down <- forwarded{n, err}
			over = true
			both.WakeAll()
		})
		if err != nil {
			return err
		}
		if onUp != nil {
			err = onUp(co, c, up)
		}
		var n int64
		if err == nil {
			n, err = netio.Forward(up, c)
		}
		_ = up.CloseWrite()
		p.up <- forwarded{n, err}
		if err != nil {
			_ = up.Close()
		}
		for !over {
			if err := both.Wait(co); err != nil {
				break
			}
		}
		_ = up.Close()
		return nil
	}})
	return p
}

// backend accepts connections and serves each with f.
func backend(t *testing.T, f func(c *net.TCPConn)) string {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			_ = c.SetDeadline(time.Now().Add(20 * time.Second))
			wg.Go(func() { defer c.Close(); f(c.(*net.TCPConn)) })
		}
	})
	t.Cleanup(func() { _ = ln.Close(); wg.Wait() })
	return ln.Addr().String()
}

func tcpEcho(c *net.TCPConn) {
	_, _ = io.Copy(struct{ io.Writer }{c}, c)
	_ = c.CloseWrite()
}

func randomBytes(rng *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := 0; i < n; i += 8 {
		v := rng.Uint64()
		for j := i; j < min(i+8, n); j++ {
			b[j] = byte(v)
			v >>= 8
		}
	}
	return b
}
