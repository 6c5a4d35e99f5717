package http1_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/textproto"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/examples/httpd/http1"
	"github.com/pushcore/pushcore/exec"
)

// seen is a request as a server has understood it.
type seen struct {
	method, path, query, host, fields, body string
}

// elsewhere are the fields that net/http takes out of the header, or changes.
var elsewhere = []string{"Host", "Transfer-Encoding", "Trailer", "Content-Length", "Pragma", "Cache-Control", "Connection"}

func fieldsOf(h http.Header) string {
	for _, name := range elsewhere {
		h.Del(name)
	}
	var b strings.Builder
	_ = h.Write(&b)
	return b.String()
}

// seenByNetHTTP reads all requests of a stream with the parser of net/http.
func seenByNetHTTP(stream []byte) (all []seen) {
	br := bufio.NewReader(bytes.NewReader(stream))
	for {
		r, err := http.ReadRequest(br)
		if err != nil {
			return all
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return all
		}
		all = append(all, seen{r.Method, r.URL.Path, r.URL.RawQuery, r.Host, fieldsOf(r.Header), string(body)})
	}
}

// FuzzStream sends a stream of bytes to a server and compares what it takes for requests with
// what the parser of net/http does: each request that the server accepts, net/http must accept
// in the same place, and see the same in it. The server may stop earlier: it refuses more.
// Otherwise somebody could hide a request from one of the two.
//
// There is one exception: the path of an absolute target without one is / here and empty there.
func FuzzStream(f *testing.F) {
	for _, text := range []string{
		lines("GET / HTTP/1.1", "Host: h"),
		lines("GET /a%20b?c=d HTTP/1.1", "Host: h", "X: 1", "x: 2", "Connection: close"),
		lines("POST /x HTTP/1.1", "Host: h", "Content-Length: 5") + "hello" + lines("GET /2 HTTP/1.1", "Host: h"),
		lines("POST /x HTTP/1.1", "Host: h", "Transfer-Encoding: chunked") + "3;x=y\r\nabc\r\n0\r\nT: v\r\n\r\n" + lines("GET /2 HTTP/1.1", "Host: h"),
		lines("POST /x HTTP/1.1", "Host: h", "Transfer-Encoding: chunked", "Content-Length: 3") + "0\r\n\r\n" + lines("GET /2 HTTP/1.1", "Host: h"),
		lines("POST /x HTTP/1.1", "Host: h", "Content-Length: 5", "Content-Length: 6") + "hello!",
		lines("POST /x HTTP/1.1", "Host: h", "Transfer-Encoding: Chunked") + "A\r\n0123456789\r\n00\r\n\r\n",
		lines("POST /x HTTP/1.1", "Host: h", "Transfer-Encoding: chunked") + "5\r\nabc\r\n0\r\n\r\n",
		lines("POST /x HTTP/1.1", "Host: h", "Transfer-Encoding: chunked") + "3\nabc\n0\n\n",
		lines("OPTIONS * HTTP/1.1", "Host: h"),
		lines("GET http://other:80/p?q HTTP/1.1", "Host: h"),
		lines("GET http://other HTTP/1.1", "Host: h"),
		lines("GET / HTTP/1.0", "Connection: keep-alive") + lines("GET /2 HTTP/1.0"),
		"GET / HTTP/1.1\nHost: h\n\n",
		lines("GET / HTTP/1.1", "Host : h"),
		lines("GET / HTTP/1.1", "Host: h", " folded"),
		lines("POST / HTTP/1.1", "Host: h", "Expect: 100-continue", "Content-Length: 2") + "hi",
		lines("GET / HTTP/1.1", "Host: h", "A: \x80\xff\tz"),
		lines("GET /%2e%2e/%00 HTTP/1.9", "Host: [::1]:80"),
		lines("PRI * HTTP/2.0") + "SM\r\n\r\n",
		lines("CONNECT h:1 HTTP/1.1", "Host: h:1"),
	} {
		f.Add([]byte(text))
	}
	var mu sync.Mutex
	var got []seen
	s := begin(f, func(_ *exec.Co, w *http1.Response, r *http1.Request) error {
		one := seen{method: r.Method, path: r.Path(), query: string(r.Query()), host: string(r.Host())}
		h := http.Header{}
		for name, value := range r.Fields() {
			h[textproto.CanonicalMIMEHeaderKey(string(name))] = append(h[textproto.CanonicalMIMEHeaderKey(string(name))], string(value))
		}
		one.fields = fieldsOf(h)
		body, err := io.ReadAll(&r.Body)
		if err != nil {
			return err
		}
		one.body = string(body)
		mu.Lock()
		got = append(got, one)
		mu.Unlock()
		return w.Send(http.StatusNoContent, "", nil)
	}, setup{http1: http1.Config{Linger: time.Millisecond}})
	f.Fuzz(func(t *testing.T, stream []byte) {
		mu.Lock()
		got = got[:0] // the server has nothing to do now
		mu.Unlock()
		c, err := net.Dial("tcp", s.addr)
		require.NoError(t, err)
		defer func() { _ = c.Close() }()
		_ = c.SetDeadline(time.Now().Add(20 * time.Second))
		_, _ = c.Write(stream)
		require.NoError(t, ignoreReset(c.(*net.TCPConn).CloseWrite()))
		_, err = io.ReadAll(c)
		require.NoError(t, ignoreReset(err))
		mu.Lock()
		defer mu.Unlock()
		want := seenByNetHTTP(stream)
		require.LessOrEqual(t, len(got), len(want), "net/http rejects what the server accepts: %q", got)
		for i := range got {
			if got[i].path == "/" && want[i].path == "" {
				want[i].path = "/"
			}
			require.Equal(t, want[i], got[i], fmt.Sprint(i))
		}
	})
}

// ignoreReset ignores that the server has closed the connection while the client was writing.
func ignoreReset(err error) error {
	var op *net.OpError
	if errors.As(err, &op) && !op.Timeout() {
		return nil
	}
	return err
}
