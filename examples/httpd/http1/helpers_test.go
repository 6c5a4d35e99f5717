package http1_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/examples/httpd/http1"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// host is a server on a loop of its own, which ends with the test.
type host struct {
	t    testing.TB
	x    *exec.Exec
	r    *netio.Reactor
	s    *http1.Server
	addr string
	tls  bool
}

// setup is what a test wants to be different.
type setup struct {
	http1 http1.Config
	netio netio.Config
	exec  exec.Config
	ln    netio.ListenConfig
	tls   bool
}

func begin(t testing.TB, h http1.Handler, u setup) *host {
	t.Helper()
	s := &host{t: t, tls: u.tls}
	if u.exec.Spin == 0 {
		u.exec.Spin = -1
	}
	u.exec.OnStart = func(l *exec.Local) (err error) {
		if s.r, err = netio.New(l, u.netio); err != nil {
			return err
		}
		if s.s, err = http1.New(s.r, h, u.http1); err != nil {
			return err
		}
		u.ln.Handle, u.ln.Refuse = s.s.Serve, s.s.Refuse
		if u.tls {
			u.ln.Refuse = nil
			if u.ln.Handle, err = s.s.ServeTLS(netio.TLSConfig{TLS: certified().server}); err != nil {
				return err
			}
		}
		ln, err := s.r.Listen("tcp", "127.0.0.1:0", u.ln)
		if err == nil {
			s.addr = ln.Addr().String()
		}
		return err
	}
	x, err := exec.New(u.exec)
	require.NoError(t, err)
	s.x = x
	if err = x.Start(); errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	require.NoError(t, err)
	t.Cleanup(func() {
		x.Stop()
		require.NoError(t, x.Wait())
	})
	return s
}

// stats asks the server on its loop.
func (s *host) stats() http1.Stats {
	s.t.Helper()
	n, err := exec.Call(context.Background(), s.x, func(*exec.Local) (http1.Stats, error) { return s.s.Stats(), nil })
	require.NoError(s.t, err)
	return n
}

func (s *host) url(path string) string {
	if s.tls {
		return "https://" + s.addr + path
	}
	return "http://" + s.addr + path
}

// client returns a client of net/http with connections of its own.
func (s *host) client() *http.Client {
	tr := &http.Transport{TLSClientConfig: certified().client, ForceAttemptHTTP2: true, MaxIdleConnsPerHost: 100, ExpectContinueTimeout: 20 * time.Second}
	s.t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr, Timeout: 60 * time.Second}
}

// dial connects, without HTTP, but with TLS if the server wants that.
func (s *host) dial() *conn {
	s.t.Helper()
	c, err := net.DialTimeout("tcp", s.addr, 20*time.Second)
	require.NoError(s.t, err)
	s.t.Cleanup(func() { _ = c.Close() })
	require.NoError(s.t, c.SetDeadline(time.Now().Add(30*time.Second)))
	if s.tls {
		c = tls.Client(c, certified().client)
	}
	return &conn{Conn: c, t: s.t, br: bufio.NewReader(c)}
}

// conn is a client's connection.
type conn struct {
	net.Conn
	t  testing.TB
	br *bufio.Reader
}

func (c *conn) send(text string) {
	c.t.Helper()
	_, err := io.WriteString(c, text)
	require.NoError(c.t, err)
}

// answer reads one answer, to a request with that method.
func (c *conn) answer(method string) (*http.Response, string) {
	c.t.Helper()
	res, err := http.ReadResponse(c.br, &http.Request{Method: method})
	require.NoError(c.t, err)
	body, err := io.ReadAll(res.Body)
	require.NoError(c.t, err)
	return res, string(body)
}

// closed waits for the end of the connection, with nothing before it.
func (c *conn) closed() {
	c.t.Helper()
	rest, err := io.ReadAll(c.br)
	require.NoError(c.t, err)
	require.Empty(c.t, string(rest))
}

func lines(l ...string) string { return strings.Join(l, "\r\n") + "\r\n\r\n" }

// await waits for a channel to be closed, and not for ever.
func await(t testing.TB, c <-chan struct{}) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(20 * time.Second):
		t.Fatal("it did not happen")
	}
}

// eventually waits for a condition.
func eventually(t testing.TB, what string, cond func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !cond(); time.Sleep(100 * time.Microsecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never came true: %s", what)
		}
	}
}

// echo answers with the body of the request, in pieces.
func echo(_ *exec.Co, w *http1.Response, r *http1.Request) error {
	if err := w.Start(http.StatusOK, "application/octet-stream", r.Length); err != nil {
		return err
	}
	_, err := io.Copy(w, &r.Body)
	return err
}

// tell answers with what it has understood of the request.
func tell(_ *exec.Co, w *http1.Response, r *http1.Request) error {
	body, err := io.ReadAll(&r.Body)
	if err != nil {
		return err
	}
	return w.Send(http.StatusOK, "text/plain", []byte(r.Method+" "+string(r.Target())+" "+string(body)))
}
