package http1_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/examples/httpd/http1"
)

// Both ways to run an http.Handler.
var adapters = map[string]func(http.Handler) http1.Handler{"pool": http1.Pool, "loop": http1.OnLoop}

// sample is a handler that shows what it has got, and does what the path says.
func sample(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/echo": // net/http stops reading when the answer begins
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(err)
		}
		_, _ = w.Write(body)
	case "/nothing":
	case "/status":
		w.Header().Set("X-A", "1")
		w.WriteHeader(http.StatusTeapot)
		w.Header().Set("X-B", "too late")
		w.WriteHeader(http.StatusOK)
		fmt.Fprint(w, "<html>tea")
	case "/204":
		w.WriteHeader(http.StatusNoContent)
		if _, err := w.Write([]byte("x")); !errors.Is(err, http.ErrBodyNotAllowed) {
			panic(err)
		}
	case "/304":
		w.Header().Set("Content-Length", "1000")
		w.WriteHeader(http.StatusNotModified)
	case "/length":
		w.Header().Set("Content-Length", "3")
		fmt.Fprint(w, "abc")
		if _, err := w.Write([]byte("d")); !errors.Is(err, http.ErrContentLength) {
			panic(err)
		}
	case "/early":
		w.Header().Set("Link", "</x>")
		w.WriteHeader(http.StatusEarlyHints)
		fmt.Fprint(w, "then")
	case "/close":
		w.Header().Set("Connection", "close")
		fmt.Fprint(w, "bye")
	case "/inject":
		w.Header().Set("X-A", "a\r\nX-Evil: b")
		w.Header()["Bad Name"] = []string{"x"}
	case "/own":
		w.Header().Set("Server", "mine")
		w.Header()["Date"] = nil
		w.Header()["Content-Type"] = nil
		w.Header().Add("Set-Cookie", "a=1")
		w.Header().Add("Set-Cookie", "b=2")
		fmt.Fprint(w, "x")
	default:
		body, err := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s %s %s %q %d %v %v %q %v", r.Method, r.URL, r.RequestURI, r.Host, r.Header, r.ContentLength, r.TransferEncoding, r.Close, body, err)
	}
}

// The adapters answer as net/http does.
func TestAdaptersAgainstNetHTTP(t *testing.T) {
	theirs := httptest.NewServer(http.HandlerFunc(sample))
	defer theirs.Close()
	for name, adapt := range adapters {
		t.Run(name, func(t *testing.T) {
			ours := begin(t, adapt(http.HandlerFunc(sample)), setup{http1: http1.Config{MaxBody: 1 << 30}})
			for _, text := range []string{
				lines("GET /x?y=%20z HTTP/1.1", "Host: h:1", "A: 1", "a: 2", "Cookie: c"),
				lines("GET http://other/x HTTP/1.1", "Host: h"),
				lines("POST /x HTTP/1.1", "Host: h", "Content-Length: 5") + "hello",
				lines("POST /x HTTP/1.1", "Host: h", "Transfer-Encoding: chunked") + "5\r\nhello\r\n0\r\n\r\n",
				lines("POST /x HTTP/1.1", "Host: h", "Transfer-Encoding: chunked") + "5\r\nhello\r\n0\r\nT: x\r\n\r\n",
				lines("GET /x HTTP/1.1", "Host: h", "Connection: close"),
				lines("GET /x HTTP/1.0"),
				lines("GET /x HTTP/1.0", "Connection: keep-alive"),
				lines("GET /nothing HTTP/1.1", "Host: h"),
				lines("HEAD /nothing HTTP/1.1", "Host: h"),
				lines("HEAD /x HTTP/1.1", "Host: h"),
				lines("HEAD /length HTTP/1.1", "Host: h"),
				lines("GET /status HTTP/1.1", "Host: h"),
				lines("GET /204 HTTP/1.1", "Host: h"),
				lines("GET /304 HTTP/1.1", "Host: h"),
				lines("GET /length HTTP/1.1", "Host: h"),
				lines("GET /early HTTP/1.1", "Host: h"),
				lines("GET /close HTTP/1.1", "Host: h"),
				lines("GET /inject HTTP/1.1", "Host: h"),
				lines("GET /own HTTP/1.1", "Host: h"),
				lines("POST /echo HTTP/1.1", "Host: h", "Content-Length: 3") + "abc",
				lines("POST /echo HTTP/1.1", "Host: h", "Content-Length: 20000") + strings.Repeat("0123456789", 2000),
				lines("POST /echo HTTP/1.0", "Content-Length: 20000") + strings.Repeat("0123456789", 2000),
			} {
				want := ask(t, theirs.Listener.Addr().String(), text)
				got := ask(t, ours.addr, text)
				require.Equal(t, want, got, "%.100q", text)
			}
		})
	}
}

// ask sends a request and returns all there is about the answer, and whether the connection
// can be used once more, in a form that can be compared.
func ask(t *testing.T, addr, text string) string {
	t.Helper()
	c := (&host{t: t, addr: addr}).dial()
	c.send(text)
	method, _, _ := strings.Cut(text, " ")
	var b strings.Builder
	for {
		res, err := http.ReadResponse(c.br, &http.Request{Method: method})
		require.NoError(t, err, "%.100q", text)
		body, err := io.ReadAll(res.Body)
		require.NoError(t, err, "%.100q", text)
		if len(body) > 1000 {
			body = fmt.Appendf(nil, "%d bytes, %x", len(body), sha256.Sum256(body))
		}
		if res.Header.Get("Server") == "pushcore" {
			res.Header.Del("Server")
		}
		if res.Header.Get("Date") != "" {
			res.Header.Set("Date", "D")
		}
		fmt.Fprintf(&b, "%s %q %d %v %v\n%s\n", res.Status, res.Header, res.ContentLength, res.TransferEncoding, res.Close, body)
		if res.StatusCode >= 200 {
			switch {
			case strings.Contains(text, "/length"): // net/http closes it, because too much was written
			case !res.Close:
				c.send(lines("GET /nothing HTTP/1.1", "Host: h"))
				c.answer("GET")
			default:
				c.closed()
			}
			return b.String()
		}
	}
}

// An http.Handler gets what came byte by byte as it gets what came at once.
func TestByteByByte(t *testing.T) {
	for name, adapt := range adapters {
		t.Run(name, func(t *testing.T) {
			s := begin(t, adapt(http.HandlerFunc(sample)), setup{})
			text := lines("POST /a HTTP/1.1", "Host: h", "Content-Length: 3") + "abc" +
				lines("PUT /b HTTP/1.1", "Host: h", "Transfer-Encoding: chunked") + "2;e=\"x\"\r\nde\r\n001\r\nf\r\n0\r\nTrail: er\r\n\r\n" +
				lines("GET /c HTTP/1.1", "Host: h", "Connection: close")
			whole, bytewise := s.dial(), s.dial()
			whole.send(text)
			for i := range len(text) {
				bytewise.send(text[i : i+1])
			}
			want := whole.all()
			require.Equal(t, 3, strings.Count(want, "HTTP/1.1 200 OK\r\n"))
			require.Contains(t, want, `"abc"`)
			require.Contains(t, want, `"def"`)
			require.Equal(t, want, bytewise.all())
		})
	}
}
