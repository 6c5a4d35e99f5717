package http1

import (
	"errors"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/pushcore/pushcore/exec"
)

// exchange is what a connection needs while it is served: a request at a time and the
// answers that have not left. Between two requests it has none.
type exchange struct {
	s   *Server
	c   conn
	co  *exec.Co
	req Request
	res Response

	out    []byte // answers, in a buffer of OutBuffer bytes that is not exceeded
	head   []byte // a copy of the head of a request whose body has not come yet
	size   int    // of the request, head and body, if nothing of it was consumed; or 0
	last   bool   // the connection is closed after this answer
	timed  bool   // there is a deadline for the body
	linger bool   // the client may be sending what nobody wants
}

// get takes an exchange for a connection.
func (s *Server) get(co *exec.Co, c conn) (x *exchange) {
	if last := len(s.free) - 1; last >= 0 {
		x = s.free[last]
		s.free[last] = nil
		s.free = s.free[:last]
	} else {
		x = &exchange{s: s, out: make([]byte, 0, s.cfg.OutBuffer)}
		x.req.Body.x = x
		x.res.x = x
	}
	x.c, x.co, x.last, x.linger, x.timed = c, co, false, false, false
	return x
}

// put gives it back.
func (s *Server) put(x *exchange) {
	x.c, x.co, x.out = nil, nil, x.out[:0]
	x.req.reset(nil)
	if len(s.free) < s.cfg.Keep {
		s.free = append(s.free, x)
	}
}

// answer has the request answered whose head is the first n bytes of b, which is what was read.
func (x *exchange) answer(b []byte, n int) error {
	r := &x.req
	if r.Length > x.s.cfg.MaxBody {
		return x.refuse(errBodyLong)
	}
	x.accept(b, n)
	x.res.begin()
	err := x.s.h(x.co, &x.res, r)
	if err == nil {
		err = x.res.finish()
	}
	if err != nil {
		return x.fail(err)
	}
	x.settle()
	return nil
}

// accept finds out where the body is. If all of it has come, head and body stay where they
// are until they have been dealt with. Otherwise the head is moved out of the way.
func (x *exchange) accept(b []byte, n int) {
	r := &x.req
	x.last = r.last() || x.s.r.Draining()
	if r.Length >= 0 && r.Length <= int64(len(b)-n) {
		x.size = n + int(r.Length)
		r.Body.begin(r.Length, b[n:x.size])
		return
	}
	x.head = append(x.head[:0], b[:n]...)
	r.head = x.head
	x.size = 0
	x.c.Discard(n)
	r.Body.begin(r.Length, nil)
}

// settle consumes what is left of the request.
func (x *exchange) settle() {
	if x.size > 0 {
		x.c.Discard(x.size)
		return
	}
	if !x.req.Body.skip() {
		x.last, x.linger = true, true
	}
	if x.timed {
		x.timed = false
		_ = x.c.SetReadDeadline(time.Time{})
	}
}

// fail ends the connection because of an error of the handler, which includes those that it
// got from the connection.
func (x *exchange) fail(err error) error {
	var e *Error
	switch {
	case errors.As(err, &e):
	case errors.Is(err, os.ErrDeadlineExceeded) && x.timed:
		e = errBodySlow
	default:
		e = errInternal
	}
	if e == errInternal && gone(err) {
		return err
	}
	x.s.stats.Failed++
	if x.res.state != nothing {
		if ferr := x.flush(); ferr != nil {
			return ferr
		}
		if e == errInternal {
			return err
		}
		return nil // what is missing tells the client
	}
	if rerr := x.refuse(e); rerr != nil || e != errInternal {
		return rerr
	}
	return err
}

// refuse answers with an error, and ends the connection.
func (x *exchange) refuse(e *Error) error {
	x.s.stats.Bad++
	x.last = true
	x.res.begin()
	text := http.StatusText(e.Status) + ": " + e.Text + "\n"
	if err := x.res.Send(e.Status, "text/plain; charset=utf-8", []byte(text)); err != nil {
		return err
	}
	return x.close()
}

// close ends the connection in a way that the client can read the last answer.
func (x *exchange) close() error {
	if err := x.flush(); err != nil {
		return err
	}
	linger(x.c, x.s.cfg.Linger)
	return nil
}

// flush sends the answers.
func (x *exchange) flush() error {
	if len(x.out) == 0 {
		return nil
	}
	err := x.write(x.out)
	x.out = x.out[:0]
	return err
}

// write sends b, for which the client has WriteTimeout.
func (x *exchange) write(b []byte) error {
	n, err := x.c.TryWrite(b)
	if err != nil || n == len(b) {
		return err
	}
	for b = b[n:]; len(b) > 0; {
		part := b[:min(len(b), cap(x.out))]
		if err := x.c.SetWriteDeadline(time.Now().Add(x.s.cfg.WriteTimeout)); err != nil {
			return err
		}
		if _, err := x.c.Write(part); err != nil {
			return err
		}
		b = b[len(part):]
	}
	return x.c.SetWriteDeadline(time.Time{})
}

// errEOF makes an error of the end of the connection in the middle of a body.
func errEOF(err error) error {
	if ended(err) == io.EOF {
		return errTruncated
	}
	return err
}
