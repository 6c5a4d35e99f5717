package netio_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"syscall"
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

func random(rng *rand.Rand, n int) []byte {
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

// What goes in comes out, in pieces of all sizes, and each end is passed on by itself.
func TestForward(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	p := forwards(h, backend(t, tcpEcho), nil)
	var total int64
	var wg sync.WaitGroup
	for i := range 4 {
		rng := rand.New(rand.NewPCG(uint64(i), 9))
		var sizes []int
		for range 60 {
			size := 1 + rng.IntN(3000)
			if rng.IntN(4) == 0 {
				size = 1 + rng.IntN(500_000)
			}
			sizes = append(sizes, size)
			total += int64(size)
		}
		wg.Go(func() {
			c := dial(t, p.addr)
			var sent bytes.Buffer
			for _, size := range sizes {
				sent.Write(random(rng, size))
			}
			all := bytes.Clone(sent.Bytes())
			go func() {
				for _, size := range sizes {
					if _, err := c.Write(sent.Next(size)); err != nil {
						return
					}
				}
				_ = c.(*net.TCPConn).CloseWrite()
			}()
			got, err := io.ReadAll(c)
			if err != nil || !bytes.Equal(all, got) {
				t.Errorf("%d bytes of %d: %v", len(got), len(all), err)
			}
		})
	}
	wg.Wait()
	var n int64
	for range 4 {
		up, down := <-p.up, <-p.down
		require.NoError(t, errors.Join(up.err, down.err))
		n += up.n
	}
	require.Equal(t, total, n)
	eventually(t, "all are closed", func() bool { return h.r.Stats().Conns == 0 })
	s := h.r.Stats()
	require.Equal(t, s.BytesIn, s.BytesOut)
	require.EqualValues(t, 2*total, s.BytesIn)
	require.NotZero(t, s.Spliced)
	require.Less(t, s.Spliced, s.BytesIn)
	require.Zero(t, s.NoPipe+s.Failed)
	require.LessOrEqual(t, s.Pipes, 8)
}

// Small messages are copied.
func TestForwardSmall(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	p := forwards(h, backend(t, tcpEcho), nil)
	c := dial(t, p.addr)
	b := make([]byte, 1000)
	for i := range 100 {
		msg := bytes.Repeat([]byte{byte(i)}, len(b))
		_, err := c.Write(msg)
		require.NoError(t, err)
		_, err = io.ReadFull(c, b)
		require.NoError(t, err)
		require.Equal(t, msg, b)
	}
	require.NoError(t, c.Close())
	require.EqualValues(t, 100_000, (<-p.down).n)
	eventually(t, "it is closed", func() bool { return h.r.Stats().Conns == 0 })
	s := h.r.Stats()
	require.EqualValues(t, []uint64{0, 0}, []uint64{s.Spliced, uint64(s.Pipes)})
}

// What was peeked is forwarded first.
func TestForwardPeeked(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{ReadBuffer: 64})
	p := forwards(h, backend(t, tcpEcho), func(_ *exec.Co, c, _ *netio.Conn) error {
		if _, err := c.Peek(10); err != nil {
			return err
		}
		c.Discard(3)
		return nil
	})
	c := dial(t, p.addr)
	all := random(rand.New(rand.NewPCG(1, 1)), 200_000)
	go func() { _, _ = c.Write(all); _ = c.(*net.TCPConn).CloseWrite() }()
	got, err := io.ReadAll(c)
	require.NoError(t, err)
	require.True(t, bytes.Equal(all[3:], got))
	require.Equal(t, forwarded{int64(len(all) - 3), nil}, <-p.up)
}

// A reset is an error of the side that it has happened on.
func TestForwardResets(t *testing.T) {
	t.Run("of the source", func(t *testing.T) {
		for _, size := range []int{10, 1_000_000} {
			h := begin(t, exec.Config{}, netio.Config{})
			release := make(chan struct{})
			p := forwards(h, backend(t, func(c *net.TCPConn) { <-release; _, _ = io.Copy(io.Discard, c) }), nil)
			c := dial(t, p.addr)
			go func() {
				_, _ = c.Write(make([]byte, size))
			}()
			eventually(t, "some is forwarded", func() bool { return h.r.Stats().BytesOut > 0 })
			require.NoError(t, c.(*net.TCPConn).SetLinger(0))
			require.NoError(t, c.Close())
			close(release)
			up := <-p.up
			var op *net.OpError
			require.True(t, errors.As(up.err, &op), "%v", up.err)
			require.Equal(t, "read", op.Op)
			require.ErrorIs(t, up.err, syscall.ECONNRESET)
		}
	})
	t.Run("of the destination", func(t *testing.T) {
		h := begin(t, exec.Config{}, netio.Config{})
		p := forwards(h, backend(t, func(c *net.TCPConn) {
			_, _ = io.ReadFull(c, make([]byte, 1_000_000))
			_ = c.SetLinger(0)
		}), nil)
		c := dial(t, p.addr)
		go func() {
			for {
				if _, err := c.Write(make([]byte, 100_000)); err != nil {
					return
				}
			}
		}()
		up := <-p.up
		var op *net.OpError
		require.True(t, errors.As(up.err, &op), "%v", up.err)
		require.Equal(t, "write", op.Op)
		require.GreaterOrEqual(t, up.n, int64(1_000_000))
		eventually(t, "pipes with something in them are not kept", func() bool {
			s := h.r.Stats()
			return s.Conns == 0 && s.Pipes <= 1
		})
	})
}

// A reader that does not read makes the sender stop, and costs a pipe at most.
func TestForwardBackPressure(t *testing.T) {
	const conns = 5
	h := begin(t, exec.Config{}, netio.Config{MaxPipes: 2})
	release := make(chan struct{})
	p := forwards(h, backend(t, func(c *net.TCPConn) {
		_ = c.SetReadBuffer(64 << 10)
		<-release
		_, _ = io.Copy(io.Discard, c)
	}), nil)
	var wg sync.WaitGroup
	const each = 24 << 20
	for range conns {
		c := dial(t, p.addr)
		wg.Go(func() {
			_, err := c.Write(make([]byte, each))
			if err == nil {
				err = c.(*net.TCPConn).CloseWrite()
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	eventually(t, "all writers wait", func() bool { return h.r.Stats().Held >= conns })
	s := h.r.Stats()
	require.LessOrEqual(t, s.Pipes, 2)
	eventually(t, "what is in hand is bounded", func() bool {
		s := h.r.Stats()
		return s.BytesIn > 0 && int64(s.BytesIn-s.BytesOut) <= 2*256<<10+conns*netio.DefaultReadBuffer
	})
	close(release)
	wg.Wait()
	for range conns {
		require.Equal(t, forwarded{each, nil}, <-p.up)
	}
	eventually(t, "all is told", func() bool { return h.r.Stats().BytesOut == conns*each })
	require.NotZero(t, h.r.Stats().NoPipe)
}

// A coroutine that is cancelled while it forwards leaves nothing behind.
func TestForwardCancelled(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	release := make(chan struct{})
	p := forwards(h, backend(t, func(c *net.TCPConn) { <-release }), func(co *exec.Co, c, up *netio.Conn) error {
		return co.Within(50*time.Millisecond, func() error {
			_, err := netio.Forward(up, c)
			return err
		})
	})
	defer close(release)
	c := dial(t, p.addr)
	go func() { _, _ = c.Write(make([]byte, 64<<20)) }()
	up := <-p.up
	require.ErrorIs(t, up.err, exec.ErrTimeout)
	// And one whose source is closed from elsewhere.
	conns := make(chan *netio.Conn, 1)
	p = forwards(h, backend(t, tcpEcho), func(_ *exec.Co, c, _ *netio.Conn) error { conns <- c; return nil })
	dial(t, p.addr)
	require.NoError(t, (<-conns).Close())
	require.ErrorIs(t, (<-p.up).err, net.ErrClosed)
}

// A Forward that never has to wait lets others have their turn, and tasks.
func TestForwardFair(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	p := forwards(h, backend(t, func(c *net.TCPConn) { _, _ = io.Copy(io.Discard, c) }), nil)
	c := dial(t, p.addr)
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for b := make([]byte, 1<<20); ; {
			select {
			case <-stop:
				_ = c.Close()
				return
			default:
				_, _ = c.Write(b)
			}
		}
	})
	eventually(t, "it streams", func() bool { return h.r.Stats().Spliced > 10<<20 })
	for range 100 {
		h.do(func(*exec.Local) {})
	}
	close(stop)
	wg.Wait()
	<-p.up
}

func TestForwardMisuse(t *testing.T) {
	a, b := begin(t, exec.Config{}, netio.Config{}), begin(t, exec.Config{}, netio.Config{})
	conns := make(chan *netio.Conn, 2)
	keep := netio.ListenConfig{Handle: func(_ *exec.Co, c *netio.Conn) error {
		if c.Data != nil {
			return nil
		}
		c.Data = true
		conns <- c
		return netio.Wait
	}}
	_, addr := a.listen(keep)
	dial(t, addr)
	c := <-conns
	_, addr = b.listen(keep)
	dial(t, addr)
	d := <-conns
	_, err := netio.Forward(c, c)
	require.ErrorIs(t, err, netio.ErrNotOnLoop)
	a.co(func(*exec.Co) {
		_, err := netio.Forward(d, c)
		require.ErrorContains(t, err, "two Execs")
	})
}
