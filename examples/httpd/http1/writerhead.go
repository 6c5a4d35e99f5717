package http1

import (
	"bytes"
	"net/http"
	"strconv"
	"time"
)

// body writes what was kept and b.
func (w *writer) body(b []byte) {
	n := len(w.buf) + len(b)
	if n == 0 || w.err != nil || w.req.Method == http.MethodHead {
		w.buf = w.buf[:0]
		return
	}
	if w.chunked {
		var size [18]byte
		w.keep(w.to.put(append(strconv.AppendInt(size[:0], int64(n), 16), crlf...)))
	}
	for _, p := range [][]byte{w.buf, b} {
		if len(p) > 0 && w.err == nil {
			w.keep(w.to.put(p))
		}
	}
	if w.chunked && w.err == nil {
		w.keep(w.to.put(crlf))
	}
	w.buf = w.buf[:0]
}

// head writes the head, unless it is written. done says that the body is what was kept and
// nothing else; otherwise next is what follows it.
func (w *writer) head(done bool, next []byte) {
	if w.headed || w.err != nil {
		return
	}
	w.headed = true
	h := w.sent
	if h.Get("Connection") == "close" || done && w.unasked != nil && w.unasked() {
		w.last = true
	}
	var b bytes.Buffer
	statusLine(&b, w.status)
	line := func(name, value string) {
		b.WriteString(name)
		b.WriteString(": ")
		b.WriteString(value)
		b.Write(crlf)
	}
	if _, ok := h["Server"]; !ok {
		line("Server", w.name)
	}
	if _, ok := h["Date"]; !ok {
		line("Date", time.Now().UTC().Format(http.TimeFormat))
	}
	start := w.buf
	if len(start) == 0 {
		start = next
	}
	if _, ok := h["Content-Type"]; !ok && !w.bodiless && len(start) > 0 && h.Get("Content-Encoding") == "" {
		line("Content-Type", http.DetectContentType(start))
	}
	switch old := !w.req.ProtoAtLeast(1, 1); {
	case w.length >= 0, w.bodiless:
	case done && (w.req.Method != http.MethodHead || len(w.buf) > 0):
		line("Content-Length", strconv.Itoa(len(w.buf)))
	case w.req.Method == http.MethodHead:
	case old:
		w.last = true
	default:
		w.chunked = true
		line("Transfer-Encoding", "chunked")
	}
	if w.last {
		line("Connection", "close")
	} else if !w.req.ProtoAtLeast(1, 1) {
		line("Connection", "keep-alive")
	}
	_ = h.WriteSubset(&b, map[string]bool{"Connection": true, "Transfer-Encoding": true})
	b.Write(crlf)
	w.keep(w.to.put(b.Bytes()))
}

func statusLine(b *bytes.Buffer, status int) {
	text := http.StatusText(status)
	if text == "" {
		text = "status code " + strconv.Itoa(status)
	}
	b.WriteString("HTTP/1.1 " + strconv.Itoa(status) + " " + text + "\r\n")
}
