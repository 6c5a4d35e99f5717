package netio_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// dialTLS connects to addr from a coroutine.
func (h *host) dialTLS(addr string, cfg *tls.Config) (*netio.TLSConn, error) {
	c, err := h.r.Dial("tcp", addr, netio.DialConfig{Timeout: 10 * time.Second})
	require.NoError(h.t, err)
	return netio.TLS(c, netio.TLSConfig{TLS: cfg, Client: true})
}

// standardServer is one of the standard library, which serves each connection with f.
func standardServer(t *testing.T, cfg *tls.Config, f func(c *tls.Conn) error) (addr string) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = ln.Close() })
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				_ = c.SetDeadline(time.Now().Add(20 * time.Second))
				if err := f(tls.Server(c, cfg)); err != nil {
					t.Error(err)
				}
			}()
		}
	}()
	return ln.Addr().String()
}

func TestTLSClient(t *testing.T) {
	versions(t, func(t *testing.T, server, client *tls.Config) {
		h := begin(t, exec.Config{}, netio.Config{})
		addr := standardServer(t, server, func(c *tls.Conn) error {
			n, err := io.Copy(c, c)
			if n == 0 || err != nil {
				return errors.Join(errors.New("it has echoed nothing, or not all"), err)
			}
			return c.CloseWrite()
		})
		h.co(func(co *exec.Co) {
			c, err := h.dialTLS(addr, client)
			require.NoError(t, err)
			require.Equal(t, client.MaxVersion, c.ConnectionState().Version)
			require.NotEmpty(t, c.ConnectionState().VerifiedChains)
			rng := rand.New(rand.NewPCG(1, 1))
			for range 20 {
				sent := random(rng, 1+rng.IntN(200_000))
				writer, err := exec.Go(co.Local(), func(*exec.Co) (int, error) { return c.Write(sent) })
				require.NoError(t, err)
				got := make([]byte, len(sent))
				_, err = io.ReadFull(c, got)
				require.NoError(t, err)
				require.True(t, bytes.Equal(sent, got))
				n, err := writer.Await(co)
				require.NoError(t, err)
				require.Equal(t, len(sent), n)
			}
			require.NoError(t, c.CloseWrite())
			_, err = c.Write([]byte("x"))
			require.ErrorContains(t, err, "shutdown")
			_, err = c.Read(make([]byte, 1))
			require.Equal(t, io.EOF, err)
			_, err = c.Read(make([]byte, 1)) // and so it stays
			require.Equal(t, io.EOF, err)
			require.NoError(t, c.Close())
			require.ErrorIs(t, c.Close(), net.ErrClosed)
		})
	})
}

// What is written last is followed by a close_notify; a connection that ends without one has
// been cut off.
func TestTLSEnds(t *testing.T) {
	versions(t, func(t *testing.T, server, client *tls.Config) {
		h := begin(t, exec.Config{}, netio.Config{})
		errs := make(chan error, 1)
		addr := h.listenTLS(server, func(_ *exec.Co, c *netio.TLSConn) error {
			if _, err := io.WriteString(c, "welcome"); err != nil {
				return err
			}
			b, err := io.ReadAll(c)
			if len(b) != 5 {
				err = errors.Join(err, errors.New("it is not whole"))
			}
			errs <- err
			return nil
		})
		// A client that says goodbye.
		w := &watched{Conn: dial(t, addr)}
		c := tls.Client(w, client)
		_, err := c.Write([]byte("hello"))
		require.NoError(t, err)
		require.NoError(t, c.CloseWrite())
		got, err := io.ReadAll(c)
		require.NoError(t, err)
		require.False(t, w.eof)
		require.Equal(t, "welcome", string(got))
		require.NoError(t, take(t, errs))
		// One that just leaves, between two records.
		c = dialTLS(t, addr, client)
		_, err = c.Write([]byte("hello"))
		require.NoError(t, err)
		require.NoError(t, c.NetConn().(*net.TCPConn).CloseWrite())
		require.ErrorIs(t, take(t, errs), io.ErrUnexpectedEOF)
		// And one that leaves within a record.
		c = dialTLS(t, addr, client)
		_, err = c.Write([]byte("hello"))
		require.NoError(t, err)
		_, err = c.NetConn().Write([]byte{23, 3, 3, 0, 100, 1, 2, 3})
		require.NoError(t, err)
		require.NoError(t, c.NetConn().(*net.TCPConn).CloseWrite())
		require.ErrorIs(t, take(t, errs), io.ErrUnexpectedEOF)
	})
}

// watched is a connection that notes whether its end was read: crypto/tls does that only if
// there was no close_notify.
type watched struct {
	net.Conn
	eof bool
}

func (w *watched) Read(b []byte) (int, error) {
	n, err := w.Conn.Read(b)
	w.eof = w.eof || err == io.EOF
	return n, err
}

// HTTP by other programs' TLS.
func respond(_ *exec.Co, c *netio.TLSConn) error {
	for {
		head, err := c.Peek(1)
		for n := 2; err == nil && !bytes.Contains(head, []byte("\r\n\r\n")); n = len(head) + 1 {
			head, err = c.Peek(n)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		c.Discard(len(head))
		if _, err := io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"+strings.Repeat("0123456789", 10_000)); err != nil {
			return err
		}
	}
}

func TestTLSCurl(t *testing.T) {
	curl := program(t, "curl")
	h := begin(t, exec.Config{}, netio.Config{})
	addr := h.listenTLS(serverTLS(), respond)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(ca, pemOf(newAuthority().cert), 0o600))
	for _, version := range [][]string{{"--tlsv1.2", "--tls-max", "1.2"}, {"--tlsv1.3"}} {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		url := "https://" + addr + "/"
		out, err := run(ctx, curl, append(version, "-sS", "--http1.1", "--cacert", ca, url, url, url)...)
		require.NoError(t, err)
		require.Equal(t, strings.Repeat("0123456789", 30_000), out)
	}
	eventually(t, "all are closed", func() bool { s := h.r.Stats(); return s.Conns == 0 && s.Handshakes == 2 })
	require.Zero(t, h.r.Stats().Failed)
	_, err := run(t.Context(), curl, "-sS", "https://"+addr+"/")
	require.ErrorContains(t, err, "certificate")
}

func TestTLSOpenSSL(t *testing.T) {
	openssl := program(t, "openssl")
	h := begin(t, exec.Config{}, netio.Config{})
	addr := h.listenTLS(serverTLS(), func(_ *exec.Co, c *netio.TLSConn) error {
		b, err := c.Peek(5)
		if err != nil {
			return err
		}
		_, err = c.Write(bytes.ToUpper(b))
		return err
	})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	out, err := runWith(ctx, "hello\n", openssl, "s_client", "-quiet", "-connect", addr)
	require.NoError(t, err)
	require.Contains(t, out, "HELLO")
}
