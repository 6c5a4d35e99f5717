package http1_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/examples/httpd/http1"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// Each request that cannot be dealt with has its status, says why, and is the last one.
func TestStatuses(t *testing.T) { eachWay(t, testStatuses) }

func testStatuses(t *testing.T, secure bool) {
	s := begin(t, tell, setup{tls: secure, http1: http1.Config{
		MaxHeader: 600, MaxFields: 5, MaxBody: 1000, HeaderTimeout: 50 * time.Millisecond, BodyTimeout: 50 * time.Millisecond, Linger: time.Minute,
	}})
	const post, host = "POST / HTTP/1.1", "Host: h"
	long := strings.Repeat("x", 600)
	chunked := lines(post, host, "Transfer-Encoding: chunked")
	for _, c := range []struct {
		text   string
		status int
		why    string
	}{
		{"nonsense\r\n\r\n", 400, "method"},
		{lines("GET / HTTP/1.1"), 400, "no Host"},
		{lines(post, host, "Content-Length: 1", "Transfer-Encoding: chunked"), 400, "both"},
		{lines(post, host, "Content-Length: 1001"), 413, "body"},
		{lines(post, host, "Content-Length: 99999999999999999999999"), 413, "body"},
		{lines(post, host, "Expect: 100-continue", "Content-Length: 1001"), 413, "body"},
		{chunked + "3e9\r\n", 413, "body"},
		{chunked + "3e8\r\n" + long + long[:400] + "\r\n1\r\n", 413, "body"},
		{chunked + "ffffffffffffffffff\r\n", 413, "body"},
		{chunked + "zz\r\n", 400, "size"},
		{chunked + "1" + strings.Repeat(";", 300), 400, "size"},
		{chunked + "1\r\nab\r\n", 400, "CRLF"},
		{chunked + "0\r\nno trailer\r\n\r\n", 400, "token"},
		{chunked + "0\r\nA: " + long, 431, "trailer"},
		{chunked + "0\r\n" + strings.Repeat("A: b\r\n", 7), 431, "trailer"},
		{chunked + "1\r\n", 408, "body"},
		{lines(post, host, "Content-Length: 2") + "a", 408, "body"},
		{lines("GET /"+long+" HTTP/1.1", host), 414, "request line"},
		{"GET /" + long, 414, "request line"},
		{"GET / HTTP/1.1\r\nA: " + long, 431, "header"},
		{lines("GET / HTTP/1.1", host, "A: "+long), 431, "header"},
		{lines("GET / HTTP/1.1", host, "A: 1", "A: 2", "A: 3", "A: 4", "A: 5"), 431, "fields"},
		{"GET / HTTP/1.1\r\nHost:", 408, "header"},
		{"G", 408, "header"},
		{lines(post, host, "Expect: the worst"), 417, "100-continue"},
		{lines(post, host, "Transfer-Encoding: br"), 501, "chunked"},
		{lines("CONNECT h:80 HTTP/1.1", host), 501, "CONNECT"},
		{lines("GET / HTTP/3.0", host), 505, "version"},
		{lines("PRI * HTTP/2.0", "", "SM"), 505, "version"}, // as a client of HTTP/2 begins
	} {
		t.Run(fmt.Sprintf("%d/%.20q", c.status, c.text), func(t *testing.T) {
			before := s.stats()
			cl := s.dial()
			cl.send(lines("GET /first HTTP/1.1", host) + c.text)
			res, body := cl.answer("GET")
			require.Equal(t, 200, res.StatusCode)
			require.Equal(t, "GET /first ", body)
			res, body = cl.answer("POST")
			require.Equal(t, c.status, res.StatusCode)
			require.Contains(t, body, http.StatusText(c.status)+": ")
			require.Contains(t, body, c.why)
			require.True(t, res.Close)
			cl.closed()
			now := s.stats()
			require.Equal(t, []uint64{before.Requests + 2, before.Bad + 1}, []uint64{now.Requests, now.Bad})
		})
	}
	eventually(t, "all are closed", func() bool { return s.r.Stats().Conns <= 29 })
	require.Zero(t, s.r.Stats().Failed)
}

// What a handler returns becomes a status, if it has not begun to answer.
func TestHandlerErrors(t *testing.T) {
	reported := make(chan error, 10)
	failure := errors.New("it has failed")
	s := begin(t, func(_ *exec.Co, w *http1.Response, r *http1.Request) error {
		switch r.Path() {
		case "/teapot":
			return &http1.Error{Status: http.StatusTeapot, Text: "short and stout"}
		case "/late":
			if err := w.Start(200, "text/plain", 10); err != nil {
				return err
			}
			_, err := w.Write([]byte("abc"))
			return errors.Join(failure, err)
		case "/short":
			return w.Start(200, "text/plain", 10)
		case "/twice":
			if err := w.Send(200, "", nil); err != nil {
				return err
			}
			return w.Send(200, "", nil)
		case "/long":
			if err := w.Start(200, "", 1); err != nil {
				return err
			}
			_, err := w.Write([]byte("ab"))
			return err
		}
		return failure
	}, setup{netio: netio.Config{OnError: func(_ *netio.Conn, err error) { reported <- err }}})
	get := func(path string) *conn {
		c := s.dial()
		c.send(lines("GET "+path+" HTTP/1.1", "Host: h") + lines("GET /never HTTP/1.1", "Host: h"))
		return c
	}
	c := get("/teapot")
	res, body := c.answer("GET")
	require.Equal(t, 418, res.StatusCode)
	require.Contains(t, body, "short and stout")
	c.closed()
	require.Empty(t, reported)

	c = get("/")
	res, body = c.answer("GET")
	require.Equal(t, 500, res.StatusCode)
	require.NotContains(t, body, "it has failed")
	c.closed()
	require.ErrorIs(t, <-reported, failure)

	for path, want := range map[string]error{"/late": failure, "/short": http1.ErrLength, "/long": http1.ErrLength} {
		c = get(path)
		res, err := http.ReadResponse(c.br, nil)
		require.NoError(t, err, path)
		require.Equal(t, 200, res.StatusCode, path)
		_, err = io.ReadAll(res.Body)
		require.ErrorIs(t, err, io.ErrUnexpectedEOF, path)
		require.ErrorIs(t, <-reported, want, path)
	}
	c = get("/twice")
	c.answer("GET")
	c.closed()
	require.ErrorIs(t, <-reported, http1.ErrAnswered)
	require.EqualValues(t, 6, s.stats().Failed)
}

// What comes after the last answer does not destroy it: the server reads it, and forgets it.
func TestLinger(t *testing.T) { eachWay(t, testLinger) }

func testLinger(t *testing.T, secure bool) {
	s := begin(t, tell, setup{tls: secure, http1: http1.Config{MaxBody: 10, Linger: 20 * time.Second}})
	for range 20 {
		c := s.dial()
		c.send(lines("PUT / HTTP/1.1", "Host: h", "Content-Length: 100000"))
		c.send(strings.Repeat("x", 100_000))
		res, _ := c.answer("PUT")
		require.Equal(t, 413, res.StatusCode)
		c.closed()
	}
}
