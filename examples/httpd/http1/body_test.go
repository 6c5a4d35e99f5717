package http1_test

import (
	"bytes"
	"crypto/sha256"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/examples/httpd/http1"
	"github.com/pushcore/pushcore/exec"
)

func TestExpectContinue(t *testing.T) { eachWay(t, testExpectContinue) }

func testExpectContinue(t *testing.T, secure bool) {
	s := begin(t, func(co *exec.Co, w *http1.Response, r *http1.Request) error {
		if r.Path() == "/no" {
			return w.Send(http.StatusForbidden, "", nil)
		}
		return tell(co, w, r)
	}, setup{tls: secure})
	c := s.dial()
	head := []string{"Host: h", "Expect: 100-Continue", "Content-Length: 2"}
	c.send(lines(append([]string{"POST /yes HTTP/1.1"}, head...)...))
	res, _ := c.answer("POST")
	require.Equal(t, 100, res.StatusCode)
	c.send("hi")
	_, body := c.answer("POST")
	require.Equal(t, "POST /yes hi", body)
	// One that is there already is not asked for.
	c.send(lines(append([]string{"POST /there HTTP/1.1"}, head...)...) + "hi")
	_, body = c.answer("POST")
	require.Equal(t, "POST /there hi", body)
	// And one that is not wanted is not either; whether it comes all the same nobody knows.
	c.send(lines(append([]string{"POST /no HTTP/1.1"}, head...)...))
	res, _ = c.answer("POST")
	require.Equal(t, 403, res.StatusCode)
	require.True(t, res.Close)
	c.closed()
	// HTTP/1.0 knows no such thing.
	c = s.dial()
	c.send(lines(append([]string{"POST /old HTTP/1.0"}, head...)...))
	time.Sleep(time.Millisecond)
	c.send("hi")
	res, body = c.answer("POST")
	require.Equal(t, 200, res.StatusCode)
	require.Equal(t, "POST /old hi", body)
}

// An http.Handler that does not want a body does not ask for it, and nobody waits for it.
func TestExpectUnread(t *testing.T) {
	for name, adapt := range adapters {
		t.Run(name, func(t *testing.T) {
			s := begin(t, adapt(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) })), setup{})
			for _, framing := range []string{"Content-Length: 3", "Transfer-Encoding: chunked"} {
				c := s.dial()
				c.send(lines("POST / HTTP/1.1", "Host: h", "Expect: 100-continue", framing))
				res, _ := c.answer("POST")
				require.Equal(t, 403, res.StatusCode)
				require.True(t, res.Close)
				c.closed() // nobody knows whether the body comes
			}
			c := s.dial()
			c.send(lines("POST / HTTP/1.1", "Host: h", "Expect: 100-continue", "Content-Length: 0") + lines("GET / HTTP/1.1", "Host: h"))
			for _, method := range []string{"POST", "GET"} { // there is no body that could come
				res, _ := c.answer(method)
				require.Equal(t, 403, res.StatusCode)
				require.False(t, res.Close)
			}
		})
	}
}

// A body that the handler has not read is skipped, up to a limit.
func TestUnreadBody(t *testing.T) { eachWay(t, testUnreadBody) }

func testUnreadBody(t *testing.T, secure bool) {
	s := begin(t, func(_ *exec.Co, w *http1.Response, r *http1.Request) error {
		return w.Send(http.StatusOK, "", []byte(r.Path()))
	}, setup{tls: secure, http1: http1.Config{MaxBody: 1 << 30}})
	for _, framing := range []string{"Content-Length: 100000", "Transfer-Encoding: chunked"} {
		body := strings.Repeat("x", 100_000)
		if strings.HasPrefix(framing, "T") {
			body = "186a0\r\n" + body + "\r\n0\r\n\r\n"
		}
		c := s.dial()
		c.send(lines("PUT /1 HTTP/1.1", "Host: h", framing) + body + lines("GET /2 HTTP/1.1", "Host: h"))
		_, got := c.answer("PUT")
		require.Equal(t, "/1", got)
		_, got = c.answer("GET")
		require.Equal(t, "/2", got)
	}
	c := s.dial()
	c.send(lines("PUT /1 HTTP/1.1", "Host: h", "Content-Length: 1000000000"))
	go func() { _, _ = io.Copy(c, io.LimitReader(zeros{}, 1e6)) }()
	_, got := c.answer("PUT")
	require.Equal(t, "/1", got)
	_, err := c.br.ReadByte()
	require.Error(t, err)
	var late net.Error
	require.NotErrorAs(t, err, &late) // it is the end, and no timeout
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// Large bodies go both ways at once, with a client of net/http.
func TestBigBodies(t *testing.T) { eachWay(t, testBigBodies) }

func testBigBodies(t *testing.T, secure bool) {
	handlers := map[string]http1.Handler{"native": echo}
	for name, adapt := range adapters {
		handlers[name] = adapt(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) }))
	}
	body := make([]byte, 8<<20)
	for i := range body {
		body[i] = byte(i * i >> 8)
	}
	for name, h := range handlers {
		t.Run(name, func(t *testing.T) {
			s := begin(t, h, setup{tls: secure, http1: http1.Config{MaxBody: 1 << 30}})
			client := s.client()
			for _, c := range []struct {
				what   string
				body   func() io.Reader
				expect bool
			}{
				{"length", func() io.Reader { return bytes.NewReader(body) }, false},
				{"chunks", func() io.Reader { return io.MultiReader(bytes.NewReader(body)) }, false},
				{"100-continue", func() io.Reader { return bytes.NewReader(body) }, true},
				{"100-continue, chunks", func() io.Reader { return io.MultiReader(bytes.NewReader(body)) }, true},
			} {
				req, err := http.NewRequest("POST", s.url("/"), c.body())
				require.NoError(t, err)
				if c.expect {
					req.Header.Set("Expect", "100-continue")
				}
				res, err := client.Do(req)
				require.NoError(t, err, c.what)
				got, err := io.ReadAll(res.Body)
				require.NoError(t, err, c.what)
				require.Equal(t, sha256.Sum256(body), sha256.Sum256(got), c.what)
			}
			require.EqualValues(t, 1, s.r.Stats().Accepted, "the connection is kept")
		})
	}
}
