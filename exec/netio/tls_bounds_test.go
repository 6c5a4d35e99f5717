package netio_test

import (
	"crypto/tls"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// A connection has buffers only while there is something in them, also in the middle of a
// Read, a Peek, or an Await.
func TestTLSBuffers(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	conns := make(chan *netio.TLSConn, 1)
	addr := h.listenTLS(serverTLS(), func(co *exec.Co, c *netio.TLSConn) error {
		conns <- c
		if _, err := c.Write(make([]byte, 20<<20)); err != nil {
			return err
		}
		if err := c.Await(); err != nil {
			return err
		}
		b := make([]byte, 1)
		if _, err := c.Read(b); err != nil {
			return err
		}
		conns <- c
		if _, err := c.Read(b); err != nil {
			return err
		}
		conns <- c
		return netio.Wait
	})
	client := dialTLS(t, addr, clientTLS())
	c := take(t, conns)
	holds := func(unsent bool) func() bool {
		return func() (ok bool) {
			h.do(func(*exec.Local) {
				u, p, r := c.Holds()
				ok = u == unsent && !p && !r
			})
			return ok
		}
	}
	eventually(t, "it is held up", holds(true))
	_, err := io.ReadFull(client, make([]byte, 20<<20))
	require.NoError(t, err)
	eventually(t, "it is idle in Await", holds(false))
	_, err = client.Write([]byte("x"))
	require.NoError(t, err)
	take(t, conns)
	eventually(t, "it is idle in Read", holds(false))
	_, err = client.Write([]byte("x"))
	require.NoError(t, err)
	take(t, conns)
	eventually(t, "it waits", func() bool { return h.r.Stats().Waiting == 1 })
	require.True(t, holds(false)())
	h.do(func(*exec.Local) {
		buffers, records := h.r.Kept()
		require.Equal(t, []int{1, 1}, []int{buffers, records}) // they have come back
	})
}

// A Write to a peer that takes everything at once does not keep the loop: others have their
// turns after 256 KiB.
func TestTLSFairWrite(t *testing.T) {
	h := begin(t, exec.Config{}, netio.Config{})
	addr := standardServer(t, serverTLS(), func(c *tls.Conn) error {
		_, err := io.Copy(io.Discard, c)
		return err
	})
	h.co(func(co *exec.Co) {
		c, err := h.dialTLS(addr, clientTLS())
		require.NoError(t, err)
		over := false
		writer, err := exec.Go(co.Local(), func(*exec.Co) (int, error) {
			defer func() { over = true }()
			return c.Write(make([]byte, 32<<20))
		})
		require.NoError(t, err)
		last, most := h.r.BytesOut(), uint64(0)
		for !over {
			require.NoError(t, co.Yield())
			now := h.r.BytesOut()
			last, most = now, max(most, now-last)
		}
		_, err = writer.Await(co)
		require.NoError(t, err)
		require.LessOrEqual(t, most, uint64(300<<10))
		require.NoError(t, c.Close())
	})
}

// fill writes to a peer that does not read until something is left unsent, and returns how much
// it has written.
func (h *host) fill(c *netio.TLSConn) (sent int) {
	for {
		held := h.r.Stats().Held
		go func() {
			for h.r.Stats().Held == held {
				time.Sleep(time.Millisecond)
			}
			_ = c.SetWriteDeadline(time.Unix(1, 0))
		}()
		n, err := c.Write(make([]byte, 100<<20))
		require.ErrorIs(h.t, err, os.ErrDeadlineExceeded)
		require.NoError(h.t, c.SetWriteDeadline(time.Time{}))
		sent += n
		if unsent, _, _ := c.Holds(); unsent {
			return sent
		}
	}
}

// firstFlight is what a client says first, from the standard library.
var firstFlight = sync.OnceValue(func() []byte {
	a, b := net.Pipe()
	go func() { _ = tls.Client(a, clientTLS()).Handshake() }()
	buf := make([]byte, 10_000)
	n, err := b.Read(buf)
	must(err)
	_ = a.Close()
	return buf[:n]
})

// Nothing that a client says ends more than its connection.
func FuzzTLSServer(f *testing.F) {
	h := begin(f, exec.Config{}, netio.Config{})
	handle, err := netio.ServeTLS(netio.TLSConfig{TLS: serverTLS(), HandshakeTimeout: time.Second}, echoTLS)
	require.NoError(f, err)
	_, addr := h.listen(netio.ListenConfig{Handle: handle})
	hello := firstFlight()
	f.Add([]byte{}, uint16(0))
	f.Add([]byte("GET / HTTP/1.1\r\n\r\n"), uint16(0))
	f.Add([]byte{0x80, 0x2e, 1, 3, 1}, uint16(0))
	f.Add([]byte{0x16, 3, 1, 0xff, 0xff}, uint16(0))
	f.Add([]byte{}, uint16(len(hello)))
	f.Add([]byte{20, 3, 3, 0, 1, 1, 23, 3, 3, 0, 50}, uint16(len(hello)))
	f.Add([]byte{21, 3, 3, 0, 2, 1, 0}, uint16(20))
	f.Fuzz(func(t *testing.T, says []byte, keep uint16) {
		// A beginning of a good handshake, and what is to come instead of the rest.
		b := append(hello[:min(int(keep), len(hello)):min(int(keep), len(hello))], says...)
		c := dial(t, addr)
		if _, err := c.Write(b); err != nil {
			return // it has closed already
		}
		_ = c.(*net.TCPConn).CloseWrite()
		if _, err := io.Copy(io.Discard, c); err != nil && !errors.Is(err, syscall.ECONNRESET) {
			t.Fatal(err)
		}
	})
}

// Handshakes of which single bytes are changed on their way, in both directions.
func TestTLSMutatedHandshakes(t *testing.T) {
	versions(t, func(t *testing.T, server, client *tls.Config) {
		h := begin(t, exec.Config{}, netio.Config{})
		handle, err := netio.ServeTLS(netio.TLSConfig{TLS: server, HandshakeTimeout: 300 * time.Millisecond}, echoTLS)
		require.NoError(t, err)
		_, addr := h.listen(netio.ListenConfig{Handle: handle})
		rng := rand.New(rand.NewPCG(7, 7))
		for range 150 {
			raw := dial(t, addr)
			c := tls.Client(&noisy{Conn: raw, rng: rng, at: rng.IntN(700)}, client)
			_ = c.SetDeadline(time.Now().Add(20 * time.Second))
			if err := c.Handshake(); err == nil {
				_, _ = c.Write([]byte("hello"))
			}
			_ = raw.(*net.TCPConn).CloseWrite()
			if _, err := io.Copy(io.Discard, raw); err != nil {
				require.ErrorIs(t, err, syscall.ECONNRESET)
			}
			_ = raw.Close()
		}
		eventually(t, "all are closed", func() bool { return h.r.Stats().Conns == 0 })
		require.NotZero(t, h.r.Stats().HandshakeErrors)
		exchange(t, dialTLS(t, h.listenTLS(server, echoTLS), client), 1, 1)
	})
}

// noisy changes one byte of what is written.
type noisy struct {
	net.Conn
	rng *rand.Rand
	at  int
}

func (n *noisy) Write(b []byte) (int, error) {
	if n.at >= 0 && n.at < len(b) {
		b = append([]byte(nil), b...)
		b[n.at] ^= byte(1 + n.rng.IntN(255))
	}
	n.at -= len(b)
	return n.Conn.Write(b)
}

// Without a coroutine to spare, what is left at the end is lost, and counted; an operation from
// outside is refused.
func TestTLSNoCoroutines(t *testing.T) {
	h := begin(t, exec.Config{MaxCoroutines: 1}, netio.Config{})
	outside, refused := make(chan net.Conn, 1), make(chan error, 1)
	addr := h.listenTLS(serverTLS(), func(co *exec.Co, c *netio.TLSConn) error {
		h.fill(c)
		outside <- c.Outside()
		_, err := exec.Blocking(co, func() (struct{}, error) { return struct{}{}, <-refused })
		require.ErrorIs(t, err, exec.ErrTooMany)
		return nil
	})
	c := dialTLS(t, addr, clientTLS())
	_, err := take(t, outside).Read(make([]byte, 1))
	refused <- err
	eventually(t, "it is closed", func() bool { s := h.r.Stats(); return s.Conns == 0 && s.Unsent == 1 })
	_, err = io.Copy(io.Discard, c)
	require.Error(t, err)
}
