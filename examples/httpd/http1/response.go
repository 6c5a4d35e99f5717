package http1

import (
	"io"
	"net/http"
	"strconv"
)

// state is how far an answer is.
type state uint8

const (
	nothing  state = iota
	counting       // its length was announced
	chunking       // it goes out in chunks
	ending         // its end is that of the connection
	complete
)

// Response answers a request, in the coroutine of its connection. Either Send does all, or
// Start, Write and Flush do. An answer ends when the Handler returns.
type Response struct {
	x     *exchange
	state state
	left  int64  // in counting: what has not been written
	mute  bool   // the answer to HEAD, or of a status that has no body
	extra []byte // fields that the handler has added
}

// begin makes w the answer to the next request.
func (w *Response) begin() { w.state, w.mute, w.extra = nothing, false, w.extra[:0] }

// Close has the connection closed after this answer. It has no effect after Send and Start.
func (w *Response) Close() { w.x.last = true }

// Header adds a field to the answer. It panics if name is no token or value has a control
// character: both are to be made by the program, and checked before if they are not. It has no
// effect after Send and Start.
func (w *Response) Header(name, value string) {
	for i := range len(name) {
		if class[name[i]]&inToken == 0 {
			panic("http1: the name of a field is no token: " + strconv.Quote(name))
		}
	}
	for i := range len(value) {
		if class[value[i]]&inValue == 0 {
			panic("http1: the value of a field has a control character: " + strconv.Quote(value))
		}
	}
	w.extra = append(w.extra, name...)
	w.extra = append(w.extra, ": "...)
	w.extra = append(w.extra, value...)
	w.extra = append(w.extra, "\r\n"...)
}

// Send answers with all of body, which it does not keep. The content type may be empty.
func (w *Response) Send(status int, contentType string, body []byte) error {
	if w.state != nothing {
		return ErrAnswered
	}
	w.x.last = w.x.last || w.x.req.Body.unasked()
	if err := w.open(status, contentType, int64(len(body))); err != nil {
		return err
	}
	w.state = complete
	if w.mute {
		return nil
	}
	return w.x.put(body)
}

// Start begins an answer whose body has length bytes, or any number if length is negative.
func (w *Response) Start(status int, contentType string, length int64) error {
	if w.state != nothing {
		return ErrAnswered
	}
	return w.open(status, contentType, length)
}

// Write writes a part of the body. It implements io.Writer; an answer that was not started is
// one of status 200. What is written to an answer that has no body (to HEAD, or of status 204
// or 304) goes nowhere.
func (w *Response) Write(b []byte) (int, error) {
	if w.state == nothing {
		if err := w.Start(http.StatusOK, "", -1); err != nil {
			return 0, err
		}
	}
	switch {
	case w.state == complete:
		return 0, ErrAnswered
	case w.mute || len(b) == 0:
		return len(b), nil
	case w.state == counting && int64(len(b)) > w.left:
		return 0, ErrLength
	case w.state == counting:
		w.left -= int64(len(b))
	}
	if w.state == chunking {
		x := w.x
		if err := x.room(24); err != nil {
			return 0, err
		}
		x.out = strconv.AppendInt(x.out, int64(len(b)), 16)
		x.out = append(x.out, "\r\n"...)
	}
	if err := w.x.put(b); err != nil {
		return 0, err
	}
	if w.state == chunking {
		if err := w.x.put(crlf); err != nil {
			return 0, err
		}
	}
	return len(b), nil
}

// Flush sends what was written so far.
func (w *Response) Flush() error {
	if w.state == nothing {
		if err := w.Start(http.StatusOK, "", -1); err != nil {
			return err
		}
	}
	return w.x.flush()
}

var crlf = []byte("\r\n")

// finish ends an answer.
func (w *Response) finish() error {
	switch w.state {
	case nothing:
		return w.Send(http.StatusOK, "", nil)
	case counting:
		if w.left > 0 && !w.mute {
			return ErrLength
		}
	case chunking:
		if !w.mute {
			return w.x.put([]byte("0\r\n\r\n"))
		}
	}
	return nil
}

// headRoom is more than any head has, but for what comes from the handler.
const headRoom = 192

// open writes the head.
func (w *Response) open(status int, contentType string, length int64) error {
	x, r := w.x, &w.x.req
	h := &x.s.heads
	h.renew()
	empty := status < 200 || status == http.StatusNoContent || status == http.StatusNotModified
	w.mute = empty || r.Method == http.MethodHead
	if err := x.room(headRoom + len(h.any) + len(contentType) + len(w.extra)); err != nil {
		return err
	}
	x.last = x.last || x.s.r.Draining()
	out := x.out
	plain := status == http.StatusOK && length >= 0 && r.Minor > 0 && !x.last && len(w.extra) == 0
	if plain && h.plain == (kind{contentType, length}) {
		w.state, w.left = counting, length
		x.out = append(out, h.whole...)
		return nil
	}
	if status == http.StatusOK {
		out = append(out, h.ok...)
	} else {
		out = append(out, "HTTP/1.1 "...)
		out = strconv.AppendInt(out, int64(status), 10)
		out = append(out, ' ')
		out = append(out, http.StatusText(status)...)
		out = append(out, "\r\n"...)
		out = append(out, h.any...)
	}
	if contentType != "" {
		out = append(out, "Content-Type: "...)
		out = append(out, contentType...)
		out = append(out, "\r\n"...)
	}
	switch {
	case empty:
		w.state = counting
		w.left = max(length, 0)
	case length >= 0:
		w.state, w.left = counting, length
		out = append(out, "Content-Length: "...)
		out = strconv.AppendInt(out, length, 10)
		out = append(out, "\r\n"...)
	case r.Minor > 0:
		w.state = chunking
		out = append(out, "Transfer-Encoding: chunked\r\n"...)
	default:
		w.state, x.last = ending, true
	}
	switch {
	case x.last:
		out = append(out, "Connection: close\r\n"...)
	case r.Minor == 0:
		out = append(out, "Connection: keep-alive\r\n"...)
	}
	out = append(out, w.extra...)
	out = append(out, "\r\n"...)
	if plain {
		h.plain = kind{contentType, length}
		h.whole = append(h.whole[:0], out[len(x.out):]...)
	}
	x.out = out
	return nil
}

// room makes sure that n bytes can be appended to the answers, unless n is more than all.
func (x *exchange) room(n int) error {
	if cap(x.out)-len(x.out) >= n {
		return nil
	}
	return x.flush()
}

// put appends b to the answers. Of what is longer than their buffer, only as much is copied
// as has room beside the head.
func (x *exchange) put(b []byte) error {
	n := min(len(b), cap(x.out)-len(x.out))
	x.out = append(x.out, b[:n]...)
	if b = b[n:]; len(b) == 0 {
		return nil
	}
	if err := x.flush(); err != nil {
		return err
	}
	if len(b) >= cap(x.out) {
		return x.write(b)
	}
	x.out = append(x.out, b...)
	return nil
}

var _ io.Writer = (*Response)(nil)
