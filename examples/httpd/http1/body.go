package http1

import (
	"errors"
	"io"
	"os"
	"time"
)

// Body reads the body of a request. It is for the coroutine of its connection, which waits
// until the client has sent something.
type Body struct {
	x    *exchange
	here []byte // what is left of a body that came with its head
	left int64  // what has not been read: of the body, or of the chunk
	sum  int64  // of the chunks so far
	at   chunkState
	err  error // what every further look returns
}

// begin makes b the body of a request. here is all of it, if it is there.
func (b *Body) begin(length int64, here []byte) {
	b.here, b.left, b.sum, b.err = here, length, 0, nil
	switch {
	case length < 0:
		b.at, b.left = chunkSize, 0
	case length == 0:
		b.err = io.EOF
	default:
		b.at = chunkNone
	}
}

// Peek returns what has come of the body, at least one byte, without consuming it. At its end
// the error is io.EOF. What it returns is valid until the next call of a method.
func (b *Body) Peek() ([]byte, error) {
	if b.err != nil {
		return nil, b.err
	}
	if len(b.here) > 0 {
		return b.here, nil
	}
	p, err := b.look()
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		b.err = err
	}
	return p, err
}

// look is Peek for a body that did not come with its head.
func (b *Body) look() ([]byte, error) {
	if b.at != chunkNone {
		if err := b.nextChunk(); err != nil {
			return nil, err
		}
	}
	p, err := b.wait(1)
	if err != nil {
		return nil, err
	}
	if int64(len(p)) > b.left {
		p = p[:b.left]
	}
	return p, nil
}

// wait returns what has been read of the connection, at least n bytes. Before it waits it
// lets everything go that the client may be waiting for.
func (b *Body) wait(n int) ([]byte, error) {
	x := b.x
	if x.c.Buffered() < n {
		if x.req.goOn {
			x.req.goOn = false
			if x.res.state == nothing {
				if err := x.flush(); err != nil {
					return nil, err
				}
				x.out = append(x.out, "HTTP/1.1 100 Continue\r\n\r\n"...)
			}
		}
		if err := x.flush(); err != nil {
			return nil, err
		}
		if !x.timed {
			x.timed = true
			if err := x.c.SetReadDeadline(time.Now().Add(x.s.cfg.BodyTimeout)); err != nil {
				return nil, err
			}
		}
	}
	p, err := x.c.Peek(n)
	if err != nil {
		return nil, errEOF(err)
	}
	return p, nil
}

// Discard consumes n bytes that Peek has returned.
func (b *Body) Discard(n int) {
	if len(b.here) > 0 {
		b.here = b.here[n:]
		if len(b.here) == 0 {
			b.err = io.EOF
		}
		return
	}
	b.x.c.Discard(n)
	if b.left -= int64(n); b.left > 0 || n == 0 {
		return
	}
	if b.at == chunkNone {
		b.err = io.EOF
	} else {
		b.at = chunkEnd
	}
}

// Read implements io.Reader.
func (b *Body) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	have, err := b.Peek()
	if err != nil {
		return 0, err
	}
	n := copy(p, have)
	b.Discard(n)
	return n, nil
}

// skipMax is how much of a body that nobody wants is read, at most, to keep the connection.
const skipMax = 256 << 10

// unasked reports whether the client waits to be asked for the body. If it is answered instead,
// nobody knows whether the body comes, and so where the next request begins.
func (b *Body) unasked() bool { return b.x.req.goOn && b.x.size == 0 && b.err == nil }

// skip consumes what is left of the body and reports whether the next request can be read.
func (b *Body) skip() bool {
	if b.unasked() {
		return false
	}
	for n := 0; n < skipMax; {
		p, err := b.Peek()
		if err != nil {
			return errors.Is(err, io.EOF)
		}
		n += len(p)
		b.Discard(len(p))
	}
	return false
}
