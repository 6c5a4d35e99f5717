package http1_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/examples/httpd/http1"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// ways are the configurations of both sides.
type ways struct{ server, client *tls.Config }

// certified returns them, with the certificate that net/http tests with.
var certified = sync.OnceValue(func() ways {
	theirs := httptest.NewTLSServer(nil)
	defer theirs.Close()
	pool := x509.NewCertPool()
	pool.AddCert(theirs.Certificate())
	return ways{
		&tls.Config{Certificates: theirs.TLS.Certificates, NextProtos: []string{"http/1.1"}},
		&tls.Config{RootCAs: pool, ServerName: "example.com"},
	}
})

// eachWay runs a test without and with TLS.
func eachWay(t *testing.T, f func(t *testing.T, secure bool)) {
	t.Run("plain", func(t *testing.T) { f(t, false) })
	t.Run("TLS", func(t *testing.T) { f(t, true) })
}

// Handlers of net/http see what the handshake has led to, and nothing without one.
func TestRequestTLS(t *testing.T) {
	for name, adapt := range adapters {
		h := adapt(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.TLS == nil {
				fmt.Fprint(w, "plain")
				return
			}
			fmt.Fprint(w, tls.VersionName(r.TLS.Version), " ", r.TLS.NegotiatedProtocol, " ", r.TLS.ServerName, " ", r.TLS.HandshakeComplete)
		}))
		for want, u := range map[string]setup{"plain": {}, "TLS 1.3 http/1.1 example.com true": {tls: true}} {
			s := begin(t, h, u)
			res, err := s.client().Get(s.url("/")) // it offers HTTP/2
			require.NoError(t, err, name)
			body, err := io.ReadAll(res.Body)
			require.NoError(t, err)
			require.Equal(t, want, string(body), name)
			require.Equal(t, 1, res.ProtoMajor)
		}
	}
}

// A client that speaks no HTTP/1.1 is told so in the handshake, one that does not say what it
// speaks is served.
func TestALPN(t *testing.T) {
	s := begin(t, tell, setup{tls: true})
	for offer, want := range map[string]string{"h2": "no application protocol", "h2,http/1.1": "", "": ""} {
		cfg := certified().client.Clone()
		if offer != "" {
			cfg.NextProtos = strings.Split(offer, ",")
		}
		raw, err := net.DialTimeout("tcp", s.addr, 20*time.Second)
		require.NoError(t, err)
		c := tls.Client(raw, cfg)
		err = c.Handshake()
		if want == "" {
			require.NoError(t, err, offer)
		} else {
			require.ErrorContains(t, err, want)
		}
		_ = c.Close()
	}
}

// A client that speaks HTTP without TLS gets the answer of net/http, whatever it goes on to
// send; one that speaks something else gets none of that.
func TestPlainToTLS(t *testing.T) {
	s := begin(t, tell, setup{tls: true, http1: http1.Config{Linger: 20 * time.Second}})
	dial := func() *conn { return (&host{t: t, addr: s.addr}).dial() }
	for i, text := range []string{
		lines("GET / HTTP/1.1", "Host: h"),
		lines("HEAD / HTTP/1.0"),
		lines("OPTIONS * HTTP/1.1", "Host: h"),
		lines("PUT / HTTP/1.1", "Host: h", "Content-Length: 100000") + strings.Repeat("x", 100_000),
	} {
		c := dial()
		c.send(text)
		res, body := c.answer("GET")
		require.Equal(t, 400, res.StatusCode)
		require.Equal(t, "Client sent an HTTP request to an HTTPS server.\n", body)
		require.Equal(t, http1.Stats{Requests: uint64(i + 1), Bad: uint64(i + 1)}, s.stats())
		require.NoError(t, c.Close())
	}
	for _, text := range []string{"SSH-2", "\x05\x01\x00\x00\x00"} {
		c := dial()
		c.send(text)
		c.closed()
	}
	eventually(t, "all are closed", func() bool { n := s.r.Stats(); return n.Conns == 0 && n.HandshakeErrors == 6 })
	require.EqualValues(t, 4, s.stats().Bad)
}

// Requests in one record, and in many small ones, are answered in order.
func TestTLSPipeline(t *testing.T) {
	s := begin(t, tell, setup{tls: true})
	c := s.dial()
	one := lines("GET /%d HTTP/1.1", "Host: h")
	for _, size := range []int{1, 7, 1000, 1 << 20} {
		var b strings.Builder
		for i := range 64 {
			fmt.Fprintf(&b, one, i)
		}
		text := b.String()
		for ; len(text) > size; text = text[size:] {
			c.send(text[:size])
		}
		c.send(text)
		for i := range 64 {
			_, body := c.answer("GET")
			require.Equal(t, fmt.Sprintf("GET /%d ", i), body)
		}
		eventually(t, "the connection waits, without a coroutine", func() bool { return s.r.Stats().Waiting == 1 })
	}
}

// A connection that ends without close_notify has ended, and nothing has failed, if that is
// between two requests; within one it is cut short.
func TestTLSWithoutNotify(t *testing.T) {
	failed := make(chan error, 3)
	s := begin(t, echo, setup{tls: true, netio: netio.Config{OnError: func(_ *netio.Conn, err error) { failed <- err }}})
	for i, text := range []string{"", "GET / HT", lines("PUT / HTTP/1.1", "Host: h", "Content-Length: 5") + "hel"} {
		raw, err := net.DialTimeout("tcp", s.addr, 20*time.Second)
		require.NoError(t, err)
		require.NoError(t, raw.SetDeadline(time.Now().Add(20*time.Second)))
		c := tls.Client(raw, certified().client)
		_, err = io.WriteString(c, lines("GET / HTTP/1.1", "Host: h")+text)
		require.NoError(t, err)
		_, err = c.Read(make([]byte, 1))
		require.NoError(t, err)
		require.NoError(t, raw.(*net.TCPConn).CloseWrite())
		eventually(t, "it is closed", func() bool { return s.r.Stats().Conns == 0 })
		n := s.stats()
		switch i {
		case 0:
			require.Equal(t, http1.Stats{Requests: 1}, n)
		case 1:
			require.Equal(t, http1.Stats{Requests: 2, Gone: 1}, n)
		}
	}
	n := s.stats()
	require.EqualValues(t, 1, n.Failed, "the body that ends too early")
	require.Zero(t, s.r.Stats().Failed)
	require.Empty(t, failed)
}

// A drain lets a request end that has begun, and ends those who wait for another, or have not
// begun with the handshake.
func TestTLSDrain(t *testing.T) {
	hold, begun := make(chan struct{}), make(chan struct{})
	s := begin(t, func(co *exec.Co, w *http1.Response, r *http1.Request) error {
		if r.Path() == "/hold" {
			close(begun)
			if _, err := exec.Blocking(co, func() (int, error) { <-hold; return 0, nil }); err != nil {
				return err
			}
		}
		return w.Send(http.StatusOK, "", []byte("finished"))
	}, setup{tls: true})
	idle, busy, silent := s.dial(), s.dial(), (&host{t: t, addr: s.addr}).dial()
	idle.send(lines("GET / HTTP/1.1", "Host: h"))
	_, body := idle.answer("GET")
	require.Equal(t, "finished", body)
	busy.send(lines("GET /hold HTTP/1.1", "Host: h"))
	await(t, begun)
	eventually(t, "all are there", func() bool { n := s.r.Stats(); return n.Conns == 3 && n.Waiting == 1 })
	drained := make(chan error, 1)
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		_, err := s.x.Drain(ctx)
		drained <- err
	}()
	idle.closed() // with a close_notify: without one this is an error
	silent.closed()
	close(hold)
	res, body := busy.answer("GET")
	require.Equal(t, "finished", body)
	require.True(t, res.Close)
	busy.closed()
	require.NoError(t, <-drained)
	n := s.r.Stats()
	require.Zero(t, n.Abandoned+n.Failed+n.HandshakeErrors)
}

func TestServeTLSErrors(t *testing.T) {
	s := begin(t, tell, setup{})
	cfg := certified().server.Clone()
	cfg.NextProtos = []string{"h2", "http/1.1"}
	_, err := s.s.ServeTLS(netio.TLSConfig{TLS: cfg})
	require.EqualError(t, err, `http1: TLS.NextProtos has "h2": there is only http/1.1`)
	_, err = s.s.ServeTLS(netio.TLSConfig{})
	require.ErrorContains(t, err, "TLSConfig.TLS is nil")
	// A Refuse of the user's own is called instead of ours.
	called := make(chan struct{})
	h, err := s.s.ServeTLS(netio.TLSConfig{TLS: certified().server, Refuse: func(*netio.Conn, error) { close(called) }})
	require.NoError(t, err)
	addr, err := exec.Call(context.Background(), s.x, func(*exec.Local) (string, error) {
		ln, err := s.r.Listen("tcp", "127.0.0.1:0", netio.ListenConfig{Handle: h})
		return ln.Addr().String(), err
	})
	require.NoError(t, err)
	c := (&host{t: t, addr: addr}).dial()
	c.send(lines("GET / HTTP/1.1", "Host: h"))
	await(t, called)
	_, err = c.br.ReadByte() // EOF, or a reset
	require.Error(t, err)
}
