package http1_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/examples/httpd/http1"
	"github.com/pushcore/pushcore/exec"
)

// How the end of an answer is told depends on the version and on what is known.
func TestFraming(t *testing.T) {
	s := begin(t, func(_ *exec.Co, w *http1.Response, r *http1.Request) error {
		status, length := 200, int64(-1)
		switch r.Path() {
		case "/none":
			return nil
		case "/204":
			status = 204
		case "/304":
			status = 304
		case "/length":
			length = 6
		}
		w.Header("X-Path", r.Path())
		if r.Path() == "/close" {
			w.Close()
		}
		if err := w.Start(status, "text/x", length); err != nil {
			return err
		}
		for _, part := range []string{"abc", "", "def"} {
			if _, err := w.Write([]byte(part)); err != nil {
				return err
			}
			if err := w.Flush(); err != nil {
				return err
			}
		}
		return nil
	}, setup{})
	for _, c := range []struct {
		method, path, version string
		length                int64
		body                  string
		closes                bool
	}{
		{"GET", "/", "1.1", -1, "abcdef", false},
		{"GET", "/", "1.0", -1, "abcdef", true},
		{"GET", "/length", "1.1", 6, "abcdef", false},
		{"GET", "/length", "1.0", 6, "abcdef", true},
		{"HEAD", "/", "1.1", -1, "", false},
		{"HEAD", "/length", "1.1", 6, "", false},
		{"GET", "/204", "1.1", 0, "", false},
		{"GET", "/304", "1.1", 0, "", false},
		{"GET", "/none", "1.1", 0, "", false},
		{"GET", "/close", "1.1", -1, "abcdef", true},
	} {
		cl := s.dial()
		cl.send(lines(c.method+" "+c.path+" HTTP/"+c.version, "Host: h"))
		res, body := cl.answer(c.method)
		require.Equal(t, c.body, body, c)
		require.Equal(t, c.length, res.ContentLength, c)
		require.Equal(t, c.closes, res.Close, c)
		if c.path != "/none" {
			require.Equal(t, c.path, res.Header.Get("X-Path"))
		}
		require.Equal(t, "pushcore", res.Header.Get("Server"))
		at, err := http.ParseTime(res.Header.Get("Date"))
		require.NoError(t, err)
		require.WithinDuration(t, time.Now(), at, 20*time.Second)
		if c.closes {
			cl.closed()
			continue
		}
		cl.send(lines("GET /length HTTP/1.1", "Host: h"))
		_, body = cl.answer("GET")
		require.Equal(t, "abcdef", body)
	}
}

// What an answer has in common with the one before it is all that it takes over from it: these
// are of one length.
func TestHeadsOfAnswersInARow(t *testing.T) {
	s := begin(t, func(_ *exec.Co, w *http1.Response, r *http1.Request) error {
		switch r.Path() {
		case "/json":
			return w.Send(200, "application/json", []byte("12345"))
		case "/field":
			w.Header("X-Field", "yes")
		case "/404":
			return w.Send(404, "text/plain", []byte("12345"))
		case "/longer":
			return w.Send(200, "text/plain", []byte("123456"))
		case "/close":
			w.Close()
		}
		return w.Send(200, "text/plain", []byte("12345"))
	}, setup{})
	c := s.dial()
	for _, path := range []string{"/", "/", "/json", "/json", "/", "/field", "/", "/404", "/", "/longer", "/", "/1.0", "/", "/close"} {
		version, status, kind, body := "1.1", 200, "text/plain", "12345"
		switch path {
		case "/json":
			kind = "application/json"
		case "/404":
			status = 404
		case "/longer":
			body = "123456"
		case "/1.0":
			version = "1.0"
		}
		c.send(lines("GET "+path+" HTTP/"+version, "Host: h", "Connection: keep-alive"))
		res, got := c.answer("GET")
		require.Equal(t, status, res.StatusCode, path)
		require.Equal(t, []string{kind}, res.Header["Content-Type"], path)
		require.Equal(t, body, got, path)
		require.Equal(t, path == "/field", res.Header.Get("X-Field") != "", path)
		require.Equal(t, path == "/close", res.Close, path)
		require.Equal(t, path == "/1.0", res.Header.Get("Connection") == "keep-alive", path)
	}
	c.closed()
}

// The date moves on.
func TestDate(t *testing.T) {
	s := begin(t, tell, setup{})
	c := s.dial()
	get := func() time.Time {
		c.send(lines("GET / HTTP/1.1", "Host: h"))
		res, _ := c.answer("GET")
		at, err := http.ParseTime(res.Header.Get("Date"))
		require.NoError(t, err)
		return at
	}
	first := get()
	eventually(t, "it is later", func() bool { return get().After(first) })
}

func TestWrongHeaderPanics(t *testing.T) {
	caught := make(chan any, 2)
	s := begin(t, func(_ *exec.Co, w *http1.Response, _ *http1.Request) error {
		for _, f := range [][2]string{{"a b", "c"}, {"a", "b\r\nc"}} {
			func() {
				defer func() { caught <- recover() }()
				w.Header(f[0], f[1])
			}()
		}
		return nil
	}, setup{})
	c := s.dial()
	c.send(lines("GET / HTTP/1.1", "Host: h"))
	c.answer("GET")
	require.Contains(t, <-caught, "no token")
	require.Contains(t, <-caught, "control character")
}
