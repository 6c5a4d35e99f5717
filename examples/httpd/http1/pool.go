package http1

import (
	"context"
	"errors"
	"io"
	"net/http"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/pushcore/pushcore/exec"
)

// Pool returns a Handler that has h run on one of the goroutines that the Exec keeps for work
// that blocks (exec.GoBlocking). Bodies go through pipes of Config.Pipe bytes, so a slow
// client slows h down. When all goroutines are busy requests wait, and when too many do
// (exec.Config.BlockingCap) the answer is 503.
//
// h sees what a handler of net/http sees, with these differences: there is no Hijacker, there
// are no trailers, and http.ResponseController sets no deadlines. Its context ends when the
// client closes the connection, once all of the request's body has come. A panic
// is logged, unless it is http.ErrAbortHandler; the answer is 500 if none has begun, and the
// connection is closed.
func Pool(h http.Handler) Handler {
	return func(co *exec.Co, w *Response, _ *Request) error { return w.x.runPooled(co, h) }
}

// call is a request that an http.Handler deals with on a goroutine.
type call struct {
	x      *exchange
	w      *writer
	waker  *exec.Waker // runs the call on the loop
	cancel context.CancelFunc
	up     *pipe // the body of the request, or nil if that has come already
	down   *pipe // the answer

	wanted   atomic.Bool // the handler has begun to read the body
	done     atomic.Bool // the goroutine will not touch the pipes any more
	again    bool        // what it says then: the connection can be used for another request
	panicked bool        // and: there is no answer, because of a panic
	broken   bool        // and: there is less of an answer than was announced

	// The loop's own.
	over   bool        // the reader is to end
	signal exec.Signal // a pipe, done, wanted or over have changed
}

// Run is the task of the call's Waker.
func (c *call) Run(*exec.Local) { c.signal.WakeAll() }

// runPooled does all that is done on the loop.
func (x *exchange) runPooled(co *exec.Co, h http.Handler) error {
	if err := x.flush(); err != nil { // answers to requests before this one do not wait for it
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	c := &call{x: x, cancel: cancel}
	c.signal.Init(co.Local())
	c.waker = exec.NewWaker(co.Local(), c)
	req, err := x.convert(ctx, c.body())
	if err != nil {
		return err
	}
	x.consume()
	c.down = x.s.getPipe()
	c.down.waker = c.waker
	c.w = newWriter(c.down, req, x.s.cfg.Name, x.last)
	if x.req.Body.unasked() {
		c.w.unasked = func() bool { return !c.wanted.Load() }
	}
	read, err := exec.Go(co.Local(), c.read)
	if err == nil {
		if _, err = exec.GoBlocking(co.Local(), func() (struct{}, error) { c.run(h, req); return struct{}{}, nil }); err != nil {
			c.stop(co, read)
		}
	}
	if err != nil {
		x.s.stats.Busy++
		x.s.putPipe(c.down)
		return errUnavailable
	}
	idle := x.c.IdleTimeout() // that nothing is said while h thinks is no reason to close
	_ = x.c.SetIdleTimeout(0)
	err = c.pump(co)
	if ended := co.Err(); ended != nil { // the Exec ends, and nobody waits for h any more
		c.down.fail(ended)
		if c.up != nil {
			c.up.fail(ended)
		}
		return ended
	}
	c.stop(co, read)
	x.s.putPipe(c.down)
	if err == nil {
		err = x.c.SetIdleTimeout(idle)
	}
	return c.outcome(err)
}

// outcome says how the request has ended, on the loop.
func (c *call) outcome(err error) error {
	x := c.x
	switch {
	case err != nil:
		return err
	case c.panicked:
		return errInternal
	case c.broken:
		x.s.stats.Failed++
	}
	x.res.state = complete
	x.last = x.last || !c.again
	return nil
}

// body makes the body of the http.Request.
func (c *call) body() io.ReadCloser {
	x := c.x
	b := &x.req.Body
	switch {
	case b.err != nil:
		return http.NoBody
	case len(b.here) > 0: // the buffer that it is in will be used for what comes next
		return &wholeBody{b: append([]byte(nil), b.here...)}
	}
	c.up = newPipe(x.s.cfg.Pipe)
	c.up.waker = c.waker
	return (*pipedBody)(c)
}

// pump sends what comes down, until the goroutine is done. After an error it only waits.
func (c *call) pump(co *exec.Co) (failed error) {
	x, r := c.x, c.down.ring
	for {
		done := c.done.Load() // before the look at the ring
		a, b := r.Peek(r.Cap())
		if len(a) == 0 {
			if done {
				return failed
			}
			if err := c.signal.Wait(co); err != nil {
				return err
			}
			continue
		}
		x.res.state = ending
		for _, p := range [][]byte{a, b} {
			if failed == nil && len(p) > 0 {
				if failed = x.write(p); failed != nil {
					c.down.fail(failed)
					c.cancel()
				}
			}
		}
		r.Release(len(a) + len(b))
		c.down.bell.ring()
	}
}

// run does what is done on the goroutine.
func (c *call) run(h http.Handler, req *http.Request) {
	defer func() {
		c.done.Store(true)
		c.waker.Wake() // not that of the pipe, which may be another call's by now
	}()
	if c.w.serve(h, req, c.x.s.cfg) {
		c.panicked = true
		return
	}
	again, err := c.w.finish()
	c.again, c.broken = again, errors.Is(err, ErrLength)
}

// serve calls h and reports whether it has panicked before it has begun to answer.
func (w *writer) serve(h http.Handler, req *http.Request, cfg Config) (unused bool) {
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		if v != http.ErrAbortHandler { //nolint:errorlint // it is that value
			cfg.Logger.Error("http1: a handler has panicked", "method", req.Method, "path", req.URL.Path, "client", req.RemoteAddr, "panic", v, "stack", string(debug.Stack()))
		}
		if unused = w.abort(); !unused {
			w.err = ErrLength
		}
	}()
	h.ServeHTTP(w, req)
	return false
}

// stop ends the reader. The connection is as if there had been none.
func (c *call) stop(co *exec.Co, read *exec.Join[struct{}]) {
	c.over = true
	if c.up != nil {
		c.up.fail(http.ErrBodyReadAfterClose)
	}
	c.signal.WakeAll()
	_ = c.x.c.SetReadDeadline(time.Unix(1, 0))
	_, _ = read.Await(co)
	_ = c.x.c.SetReadDeadline(time.Time{})
	c.x.timed = false
}

// getPipe takes a pipe for an answer.
func (s *Server) getPipe() *pipe {
	last := len(s.pipes) - 1
	if last < 0 {
		return newPipe(s.cfg.Pipe)
	}
	p := s.pipes[last]
	s.pipes[last] = nil
	s.pipes = s.pipes[:last]
	return p
}

// putPipe gives an empty pipe back, which no goroutine uses any more.
func (s *Server) putPipe(p *pipe) {
	if p.error() == nil && len(s.pipes) < s.cfg.Keep {
		p.waker = nil
		s.pipes = append(s.pipes, p)
	}
}
