package main

import (
	"bytes"
	"encoding/json"
	"net/http"

	"github.com/pushcore/pushcore/examples/httpd/http1"
	"github.com/pushcore/pushcore/exec"
)

var (
	hello = []byte("Hello, World!")
	index = []byte("httpd: try /plaintext or /json, or start it with -root DIR to serve files\n")
)

// routes makes the Handler of one loop: what it closes over is that loop's own. files, for all
// other paths, may be nil.
func routes(files http.Handler) http1.Handler {
	other := func(_ *exec.Co, w *http1.Response, r *http1.Request) error {
		if string(r.RawPath()) == "/" {
			return w.Send(http.StatusOK, "text/plain; charset=utf-8", index)
		}
		return w.Send(http.StatusNotFound, "text/plain; charset=utf-8", []byte("404 page not found\n"))
	}
	if files != nil {
		other = http1.Pool(files)
	}
	message := newMessage()
	return func(co *exec.Co, w *http1.Response, r *http1.Request) error {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			return others(w, r)
		}
		var contentType string
		var body []byte
		switch string(r.RawPath()) {
		case "/plaintext":
			contentType, body = "text/plain", hello
		case "/json":
			contentType, body = "application/json", message.encode()
		default:
			return other(co, w, r)
		}
		return w.Send(http.StatusOK, contentType, body)
	}
}

// others answers requests with other methods than those to read something, whatever they are for.
func others(w *http1.Response, r *http1.Request) error {
	w.Header("Allow", "GET, HEAD, OPTIONS")
	if r.Method == http.MethodOptions {
		return w.Send(http.StatusNoContent, "", nil)
	}
	return w.Send(http.StatusMethodNotAllowed, "text/plain; charset=utf-8", []byte("GET and HEAD only\n"))
}

// message is the object of /json, and what it is encoded with.
type message struct {
	Message string `json:"message"`

	buf bytes.Buffer
	enc *json.Encoder
}

func newMessage() *message {
	m := &message{Message: string(hello)}
	m.enc = json.NewEncoder(&m.buf)
	return m
}

// encode returns the object in JSON, which is valid until the next call.
func (m *message) encode() []byte {
	m.buf.Reset()
	if err := m.enc.Encode(m); err != nil {
		panic(err) // a string can be encoded
	}
	return bytes.TrimSuffix(m.buf.Bytes(), []byte("\n"))
}
