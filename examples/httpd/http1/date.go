package http1

import (
	"net/http"
	"time"

	"github.com/pushcore/pushcore/exec"
)

// heads are the beginnings of answers, which hold for a second. Their timer runs only while
// there are answers: a server that has nothing to do is not woken once per second.
type heads struct {
	l     *exec.Local
	name  string
	fresh bool
	ok    []byte // the status line of 200, Server and Date
	any   []byte // the same without the status line

	plain kind   // what the last plain answer was ...
	whole []byte // ... and all of its head; it holds as long as the others
}

// kind is what the head of a plain answer depends on. One is plain if it is of status 200 and
// a known length, has no fields of the handler's, and ends no connection.
type kind struct {
	contentType string
	length      int64
}

// Run is the task of the timer.
func (h *heads) Run(*exec.Local) { h.fresh = false }

// renew makes the beginnings of this second, unless they are there.
func (h *heads) renew() {
	if h.fresh {
		return
	}
	now := time.Now()
	h.any = append(h.any[:0], "Server: "...)
	h.any = append(h.any, h.name...)
	h.any = append(h.any, "\r\nDate: "...)
	h.any = now.UTC().AppendFormat(h.any, http.TimeFormat)
	h.any = append(h.any, "\r\n"...)
	h.ok = append(h.ok[:0], "HTTP/1.1 200 OK\r\n"...)
	h.ok = append(h.ok, h.any...)
	h.plain = kind{length: -1}
	// Without a timer they are made anew for each answer, which is slow, but right.
	_, h.fresh = h.l.After(now.Truncate(time.Second).Add(time.Second).Sub(now), h)
}
