package http1_test

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/examples/httpd/http1"
	"github.com/pushcore/pushcore/exec"
)

// Whether there may be a further request depends on the version and on the Connection fields.
func TestConnectionField(t *testing.T) {
	s := begin(t, tell, setup{})
	for _, c := range []struct {
		version string
		fields  []string
		closes  bool
	}{
		{"1.1", nil, false},
		{"1.1", []string{"Connection: close"}, true},
		{"1.1", []string{"cONNECTION: cLoSe"}, true},
		{"1.1", []string{"Connection: X-Some , ,close"}, true},
		{"1.1", []string{"Connection: keep-alive, close"}, true},
		{"1.1", []string{"Connection: close", "Connection: keep-alive"}, true},
		{"1.1", []string{"Connection: closed, x-close"}, false},
		{"1.1", []string{"Connection: keep-alive"}, false},
		{"1.1", []string{"Connection:"}, false},
		{"1.1", []string{"Close: close"}, false},
		{"1.1", []string{"Connection: Upgrade", "Upgrade: websocket"}, false},
		{"1.1", []string{"Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk"}, false},
		{"1.0", nil, true},
		{"1.0", []string{"Connection: Keep-Alive"}, false},
		{"1.0", []string{"Connection: x", "Connection: y,KEEP-ALIVE"}, false},
		{"1.0", []string{"Connection: keep-alive, close"}, true},
		{"1.0", []string{"Connection: close"}, true},
	} {
		cl := s.dial()
		cl.send(lines(slices.Concat([]string{"GET / HTTP/" + c.version, "Host: h"}, c.fields)...) + lines("GET /next HTTP/1.1", "Host: h"))
		res, _ := cl.answer("GET")
		require.Equal(t, 200, res.StatusCode, c)
		require.Equal(t, c.closes, res.Close, c)
		if c.closes {
			cl.closed()
			continue
		}
		_, body := cl.answer("GET")
		require.Equal(t, "GET /next ", body, c)
	}
}

// A Host may be empty, and one in the target comes before that of the field.
func TestHost(t *testing.T) {
	s := begin(t, func(_ *exec.Co, w *http1.Response, r *http1.Request) error {
		return w.Send(http.StatusOK, "", fmt.Appendf(nil, "%q", r.Host()))
	}, setup{})
	c := s.dial()
	for request, want := range map[string]string{
		lines("GET / HTTP/1.1", "Host:"):                  `""`,
		lines("GET / HTTP/1.1", "Host: [::1]:80"):         `"[::1]:80"`,
		lines("GET http://a:1/ HTTP/1.1", "Host: b"):      `"a:1"`,
		lines("GET http://a/ HTTP/1.1", "Host:"):          `"a"`,
		lines("GET / HTTP/1.0", "Connection: keep-alive"): `""`,
	} {
		c.send(request)
		res, body := c.answer("GET")
		require.Equal(t, 200, res.StatusCode, request)
		require.Equal(t, want, body, request)
	}
}

// What somebody else may take for a request, before or behind this server, is never one here: it
// is either in the body of the one before, or behind an error, and then nothing is read any more.
func TestNothingIsSmuggled(t *testing.T) {
	var mu sync.Mutex
	var paths []string
	s := begin(t, func(_ *exec.Co, w *http1.Response, r *http1.Request) error {
		mu.Lock()
		paths = append(paths, r.Path())
		mu.Unlock()
		_, err := io.Copy(io.Discard, &r.Body)
		return err
	}, setup{})
	const post, host, chunked = "POST /outer HTTP/1.1", "Host: h", "Transfer-Encoding: chunked"
	hidden := lines("GET /hidden HTTP/1.1", "Host: h")
	length := fmt.Sprint("Content-Length: ", len(hidden))
	for _, text := range []string{
		lines(post, host, length, chunked) + "0\r\n\r\n" + hidden,
		lines(post, host, chunked, length) + hidden,
		lines(post, host, "Transfer-Encoding : chunked", length) + "0\r\n\r\n" + hidden,
		lines(post, host, "Transfer-Encoding\t: chunked", length) + "0\r\n\r\n" + hidden,
		lines(post, host, "Transfer-Encoding: \x0bchunked", length) + "0\r\n\r\n" + hidden,
		lines(post, host, "Transfer-Encoding: chunked\x00", length) + "0\r\n\r\n" + hidden,
		lines(post, host, "Transfer-Encoding: xchunked") + "0\r\n\r\n" + hidden,
		lines(post, host, "Transfer-Encoding: \"chunked\"") + "0\r\n\r\n" + hidden,
		lines(post, host, "Transfer-Encoding: chunked, chunked") + "0\r\n\r\n" + hidden,
		lines(post, host, "Transfer-Encoding: identity, chunked") + "0\r\n\r\n" + hidden,
		lines(post, host, "Transfer-Encoding:", " chunked", length) + "0\r\n\r\n" + hidden,
		lines(post, host, "X: y", " "+chunked, length) + "0\r\n\r\n" + hidden,
		lines(post, host, "X: y\n"+chunked, length) + "0\r\n\r\n" + hidden,
		lines(post, host, "X: y\r"+chunked, length) + "0\r\n\r\n" + hidden,
		lines("POST /outer HTTP/1.0", chunked) + "0\r\n\r\n" + hidden,
		lines(post, host, "Content-Length: 0", length) + hidden,
		lines(post, host, length, "Content-Length: 0") + hidden,
		lines(post, host, "Content-Length: 0, 0") + hidden,
		lines(post, host, "Content-Length: +0") + hidden,
		lines(post, host, "Content-Length: -1") + hidden,
		lines(post, host, "Content-Length: 0x0") + hidden,
		lines(post, host, "Content-Length: 0 0") + hidden,
		lines(post, host, "Content_Length: 5", "Content-Length : 0") + hidden,
		lines("GET /outer HTTP/1.1", host, length) + hidden,
		lines("HEAD /outer HTTP/1.1", host, length) + hidden,
		lines(post, host, chunked) + "10000000000000000\r\n" + hidden,
		lines(post, host, chunked) + "0x0\r\n\r\n" + hidden,
		lines(post, host, chunked) + "+0\r\n\r\n" + hidden,
		lines(post, host, chunked) + "0 \r\n\r\n" + hidden,
		lines(post, host, chunked) + "0\n\n" + hidden,
		lines(post, host, chunked) + "0;x=\n\r\n" + hidden,
		lines(post, host, chunked) + "0\r\nX: y\n\r\n" + hidden,
		lines(post, host, chunked) + "0\r\n" + hidden, // it is no trailer
		lines(post, host, chunked) + "1\r\nx0\r\n\r\n" + hidden,
		lines(post, host, chunked) + "1\r\nx\n0\r\n\r\n" + hidden,
	} {
		mu.Lock()
		paths = nil
		mu.Unlock()
		c := s.dial()
		c.send(text + lines("GET /last HTTP/1.1", host, "Connection: close"))
		_ = c.all()
		mu.Lock()
		require.NotContains(t, paths, "/hidden", "%q", text)
		if slices.Contains(paths, "/last") { // then the hidden one was the body of the outer one
			require.Equal(t, []string{"/outer", "/last"}, paths, "%q", text)
			require.Contains(t, text, " /outer HTTP/1.1\r\nHost: h\r\n"+length+"\r\n\r\n"+hidden)
		}
		mu.Unlock()
	}
}
