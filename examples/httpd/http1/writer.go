package http1

import (
	"bytes"
	"errors"
	"net/http"
	"strconv"
	"sync"
)

// sink takes the bytes of an answer.
type sink interface {
	put(b []byte) error // they may stay where they are for now
	flush() error       // and now they must not
}

// writerBuffer is how much of a body is kept until the head is written: an answer that is
// shorter gets a Content-Length.
const writerBuffer = 4 << 10

// writer is the http.ResponseWriter of the adapters. Goroutines that a handler has left
// behind may call it when the answer is over: they get an error.
type writer struct {
	to   sink
	req  *http.Request
	name string // of the server

	mu       sync.Mutex // one write at a time, and none when the handler has returned
	last     bool       // the connection is closed after this answer
	fields   http.Header
	sent     http.Header // as they were when WriteHeader was called
	status   int         // 0: not known yet
	headed   bool        // the head is written
	chunked  bool
	over     bool
	length   int64 // announced, or -1
	written  int64
	buf      []byte
	bodiless bool        // of the status
	unasked  func() bool // the client waits to be asked for its body; nil: it does not
	err      error
}

func newWriter(to sink, req *http.Request, name string, last bool) *writer {
	return &writer{to: to, req: req, name: name, last: last, fields: make(http.Header), length: -1}
}

var errOver = errors.New("http1: the handler has returned")

// Header implements http.ResponseWriter.
func (w *writer) Header() http.Header { return w.fields }

// WriteHeader implements http.ResponseWriter.
func (w *writer) WriteHeader(status int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.writeHeader(status)
}

func (w *writer) writeHeader(status int) {
	switch {
	case status < 100 || status > 999 || status == http.StatusSwitchingProtocols:
		panic("http1: WriteHeader with status " + strconv.Itoa(status))
	case w.over || w.status != 0:
		return
	case status < 200:
		w.inform(status)
		return
	}
	w.status, w.sent = status, w.fields.Clone()
	w.bodiless = status == http.StatusNoContent || status == http.StatusNotModified
	if v := w.sent.Get("Content-Length"); v != "" {
		if n, err := strconv.ParseInt(v, 10, 63); err == nil && n >= 0 && !w.bodiless {
			w.length = n
		} else {
			w.sent.Del("Content-Length")
		}
	}
	if status == http.StatusNotModified {
		w.sent.Del("Content-Type")
	}
}

// close has the connection closed after this answer.
func (w *writer) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.last = true
}

// inform sends an interim answer.
func (w *writer) inform(status int) {
	if !w.req.ProtoAtLeast(1, 1) {
		return
	}
	var b bytes.Buffer
	statusLine(&b, status)
	_ = w.fields.WriteSubset(&b, map[string]bool{"Content-Length": true, "Transfer-Encoding": true})
	b.Write(crlf)
	w.keep(w.to.put(b.Bytes()))
	w.keep(w.to.flush())
}

func (w *writer) keep(err error) {
	if w.err == nil {
		w.err = err
	}
}

// Write implements io.Writer.
func (w *writer) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.over {
		return 0, errOver
	}
	if w.status == 0 {
		w.writeHeader(http.StatusOK)
	}
	switch {
	case w.bodiless:
		return 0, http.ErrBodyNotAllowed
	case w.length >= 0 && w.written+int64(len(b)) > w.length:
		return 0, http.ErrContentLength
	case w.err != nil:
		return 0, w.err
	}
	w.written += int64(len(b))
	if !w.headed && len(w.buf)+len(b) <= writerBuffer {
		w.buf = append(w.buf, b...)
		return len(b), nil
	}
	w.head(false, b)
	w.body(b)
	if w.err != nil {
		return 0, w.err
	}
	return len(b), nil
}

// WriteString implements io.StringWriter.
func (w *writer) WriteString(s string) (int, error) { return w.Write([]byte(s)) }

// Flush implements http.Flusher.
func (w *writer) Flush() { _ = w.FlushError() }

// FlushError is what http.ResponseController calls.
func (w *writer) FlushError() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.over {
		return errOver
	}
	if w.status == 0 {
		w.writeHeader(http.StatusOK)
	}
	w.head(false, nil)
	w.body(nil)
	w.keep(w.to.flush())
	return w.err
}

// EnableFullDuplex is what http.ResponseController calls: the body of the request can be read
// while the answer is written.
func (w *writer) EnableFullDuplex() error { return nil }

// finish ends the answer, and whatever is called later has no effect. It reports whether the
// connection can be used for another one.
func (w *writer) finish() (again bool, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.status == 0 {
		w.writeHeader(http.StatusOK)
	}
	w.head(true, nil)
	w.body(nil)
	if w.chunked && w.err == nil {
		w.keep(w.to.put([]byte("0\r\n\r\n")))
	}
	w.over = true
	if w.length > w.written && w.req.Method != http.MethodHead {
		w.keep(ErrLength)
	}
	return !w.last && w.err == nil, w.err
}

// abort ends the answer after a panic. It reports whether none has begun, so that another one
// can be given.
func (w *writer) abort() (unused bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.over = true
	return !w.headed && w.err == nil
}

var _ http.Flusher = (*writer)(nil)
