package http1

import (
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/pushcore/pushcore/exec"
)

// OnLoop returns a Handler that calls h in the coroutine of the connection. It is for handlers
// that are known not to block: no files, no locks that are held for long, no channels, no
// other servers. Reading the body and writing the answer wait for the client, which
// stops nobody else. It differs from net/http as Pool does, and its context does not end when
// the client goes away.
func OnLoop(h http.Handler) Handler {
	return func(_ *exec.Co, w *Response, _ *Request) error { return w.x.runOnLoop(h) }
}

func (x *exchange) runOnLoop(h http.Handler) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	body := &loopBody{x: x}
	req, err := x.convert(ctx, body)
	if err != nil {
		return err
	}
	if x.req.Length == 0 {
		req.Body = http.NoBody
	}
	w := newWriter(loopSink{x}, req, x.s.cfg.Name, x.last || x.s.r.Draining())
	body.w = w
	if x.req.goOn {
		w.unasked = x.req.Body.unasked
	}
	if w.serve(h, req, x.s.cfg) {
		return errInternal
	}
	again, err := w.finish()
	x.last = x.last || !again
	if err == nil {
		x.res.state = complete
	}
	return err
}

// loopSink is an exchange as the sink of a writer.
type loopSink struct{ x *exchange }

func (s loopSink) put(b []byte) error {
	s.x.res.state = ending
	return s.x.put(b)
}

func (s loopSink) flush() error { return s.x.flush() }

// loopBody is the body of an http.Request that is read on the loop.
type loopBody struct {
	x *exchange
	w *writer
}

func (b *loopBody) Read(p []byte) (int, error) {
	n, err := b.x.req.Body.Read(p)
	if err == nil || err == io.EOF {
		return n, err
	}
	b.w.close() // nobody knows where the next request begins
	return n, b.x.s.bodyError(err)
}

func (*loopBody) Close() error { return nil }

// bodyError makes an error of a Body what a handler of net/http gets.
func (s *Server) bodyError(err error) error {
	switch {
	case errors.Is(err, errBodyLong):
		return &http.MaxBytesError{Limit: s.cfg.MaxBody}
	case errors.Is(err, errTruncated):
		return io.ErrUnexpectedEOF
	}
	return err
}
