package http1

import (
	"errors"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/pushcore/pushcore/exec"
)

// read is the coroutine that brings up the body and then watches whether the client goes
// away, while the coroutine of the connection waits for the answer.
func (c *call) read(co *exec.Co) (struct{}, error) {
	if c.up != nil && !c.readBody(co) {
		return struct{}{}, nil
	}
	x := c.x
	if x.timed {
		x.timed = false
		_ = x.c.SetReadDeadline(time.Time{})
	}
	for !c.over {
		have := x.c.Buffered()
		if have >= x.s.r.ReadBuffer() {
			break // the next requests are in the way: nothing more can be seen
		}
		if _, err := x.c.Peek(have + 1); err != nil {
			c.cancel()
			break
		}
	}
	return struct{}{}, nil
}

// readBody brings up the body, and reports whether that was all.
func (c *call) readBody(co *exec.Co) bool {
	x := c.x
	for x.req.goOn && !c.wanted.Load() && !c.over {
		if c.signal.Wait(co) != nil {
			return false
		}
	}
	for !c.over {
		p, err := x.req.Body.Peek()
		if err != nil {
			c.bodyEnds(err)
			return err == io.EOF
		}
		if n := c.up.ring.PushBatch(p); n > 0 {
			x.req.Body.Discard(n)
			c.up.bell.ring()
		} else if c.signal.Wait(co) != nil {
			return false
		}
	}
	return false
}

// bodyEnds tells the handler why there is no more of the body.
func (c *call) bodyEnds(err error) {
	if c.over {
		return
	}
	if err != io.EOF {
		c.x.last = true
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			c.cancel()
		}
		err = c.x.s.bodyError(err)
	}
	c.up.fail(err)
}

// consume consumes a request that has come with its body, and was copied.
func (x *exchange) consume() {
	x.c.Discard(x.size)
	x.size = 0
	if len(x.req.Body.here) > 0 {
		x.req.Body.here, x.req.Body.err = nil, io.EOF
	}
}

// wholeBody is the body of an http.Request that has come already.
type wholeBody struct {
	b      []byte
	closed bool
}

func (w *wholeBody) Read(p []byte) (int, error) {
	if w.closed {
		return 0, http.ErrBodyReadAfterClose
	}
	if len(w.b) == 0 {
		return 0, io.EOF
	}
	n := copy(p, w.b)
	w.b = w.b[n:]
	return n, nil
}

func (w *wholeBody) Close() error {
	w.closed = true
	return nil
}

// pipedBody is a call as the body of its http.Request.
type pipedBody call

func (b *pipedBody) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if !b.wanted.Swap(true) {
		b.up.waker.Wake()
	}
	n, err := b.up.get(p)
	if err != nil && err != io.EOF {
		b.w.close() // nobody knows where the next request begins
	}
	return n, err
}

func (b *pipedBody) Close() error { return nil }
