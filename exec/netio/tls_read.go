package netio

import (
	"fmt"
	"io"
	"net"

	"github.com/pushcore/pushcore/exec"
)

// Read reads up to len(b) bytes into b, as soon as there are any. The error is io.EOF when the
// other side has said that nothing more will come, and io.ErrUnexpectedEOF when it has closed
// without saying so: then somebody on the way may have cut something off.
func (t *TLSConn) Read(b []byte) (int, error) {
	c := t.c
	co, err := c.enter(&c.in)
	if err != nil {
		return 0, c.fail("read", err)
	}
	defer c.in.leave()
	if n := copy(b, t.plain[t.at:t.end]); n > 0 || len(b) == 0 {
		t.consume(n)
		return n, nil
	}
	t.release()
	for {
		n, err := t.decrypt(b)
		if err != errAgain {
			return n, err
		}
		if err := t.await(co); err != nil {
			return 0, err
		}
	}
}

// TryRead is that of a Conn: it reads what can be decrypted at once into b, which must not be
// empty, without waiting. 0 without an error means that there is nothing yet.
func (t *TLSConn) TryRead(b []byte) (n int, err error) {
	c := t.c
	if !c.r.l.OnLoop() {
		return 0, c.fail("read", ErrNotOnLoop)
	}
	if err := c.usable(&c.in); err != nil {
		return 0, c.fail("read", err)
	}
	if c.in.busy || len(b) == 0 {
		return 0, nil
	}
	n = copy(b, t.plain[t.at:t.end])
	t.consume(n)
	t.release()
	for n < len(b) && err == nil {
		var m int
		m, err = t.decrypt(b[n:])
		n += m
	}
	if n > 0 || err == errAgain {
		err = nil // one that stays is met again
	}
	return n, err
}

// Peek is that of a Conn: it returns what has been decrypted and not consumed, once that is at
// least n bytes.
func (t *TLSConn) Peek(n int) ([]byte, error) {
	c := t.c
	if t.end-t.at >= n && !c.in.busy {
		return t.show(), nil
	}
	co, err := c.enter(&c.in)
	if err != nil {
		return t.show(), c.fail("read", err)
	}
	defer c.in.leave()
	if n > c.r.cfg.ReadBuffer {
		return t.show(), c.fail("peek", fmt.Errorf("%d bytes are more than the %d of Config.ReadBuffer", n, c.r.cfg.ReadBuffer))
	}
	for t.end-t.at < n {
		err := t.fill()
		if err == errAgain {
			t.release()
			err = t.await(co)
		}
		if err != nil {
			return t.show(), err
		}
	}
	return t.show(), nil
}

// show returns what there is, and remembers that it was seen.
func (t *TLSConn) show() []byte {
	if t.seen < t.end {
		t.seen, t.c.serving.moved = t.end, true
	}
	return t.plain[t.at:t.end]
}

// Discard consumes n bytes that Peek has returned. It panics if there are fewer.
func (t *TLSConn) Discard(n int) {
	if n < 0 || n > t.end-t.at {
		panic(fmt.Sprintf("netio: Discard of %d bytes while %d have been read", n, t.end-t.at))
	}
	t.consume(n)
}

// Buffered returns how many bytes have been decrypted and not consumed. There may be more of
// which only crypto/tls knows.
func (t *TLSConn) Buffered() int { return t.end - t.at }

// Await is that of a Conn: it waits between two requests, unless one has been decrypted.
func (t *TLSConn) Await() error {
	c := t.c
	if t.end > t.at {
		return nil
	}
	if c.r.draining {
		if !c.lastLook() {
			return c.fail("read", ErrDraining)
		}
		c.probe()
	}
	c.serving.idle = true
	_, err := t.Peek(1)
	c.serving.idle = false
	return err
}

// await waits until there is more to decrypt. Await does not do that in a drain: what has come was
// no request, or a part of one.
func (t *TLSConn) await(co *exec.Co) error {
	c := t.c
	if c.serving.idle && c.r.draining {
		return c.fail("read", ErrDraining)
	}
	return c.fail("read", c.await(co, &c.in))
}

// fill decrypts more into the buffer, in which there is room.
func (t *TLSConn) fill() error {
	if t.plain == nil {
		t.plain = t.c.r.buffers.get()
	}
	if t.at > 0 {
		t.end = copy(t.plain, t.plain[t.at:t.end])
		t.seen = max(0, t.seen-t.at)
		t.at = 0
	}
	n, err := t.decrypt(t.plain[t.end:])
	t.end += n
	return err
}

// decrypt reads into b, which is not empty, what is there: the error is errAgain when it is
// nothing. It does not wait, and nobody else is in it.
func (t *TLSConn) decrypt(b []byte) (n int, err error) {
	n, err = t.tls.Read(b)
	t.c.serving.moved = t.c.serving.moved || n > 0
	switch {
	case t.broken == ErrOverrun: // crypto/tls keeps it for the next Write, which may never come
		t.c.closeFor(ErrOverrun, cOverrun)
		return 0, t.c.fail("read", ErrOverrun)
	case err == errWireEmpty && n > 0: // it has looked ahead for the end
		return n, nil
	case err == errWireEmpty:
		return 0, errAgain
	case err == nil:
		return n, nil
	}
	t.told = true
	if err == io.EOF && t.cut {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// fetch decrypts ahead, for a Handler that waits, and reports whether that has something to do.
// Otherwise the connection goes on to wait, or is closed.
func (t *TLSConn) fetch() bool {
	if t.end > t.seen || t.end-t.at == t.c.r.cfg.ReadBuffer {
		return true
	}
	if t.c.in.busy {
		return false // somebody else reads: it is his
	}
	err := t.fill()
	t.release()
	return (err == nil || err != errAgain) && !t.c.closed.Load()
}

func (t *TLSConn) consume(n int) {
	t.c.serving.moved = true
	if t.at += n; t.at == t.end {
		t.at, t.end, t.seen = 0, 0, 0
	}
}

// release gives an empty buffer back.
func (t *TLSConn) release() {
	if t.plain != nil && t.at == t.end {
		t.c.r.buffers.put(t.plain)
		t.plain = nil
	}
}

// Read gives crypto/tls what the kernel has. Only in the handshake it waits for more.
func (w wire) Read(b []byte) (n int, err error) {
	c := w.t.c
	if w.t.shaking {
		n, err = c.Read(b)
	} else if n = copy(b, c.buf[c.at:c.end]); n > 0 {
		c.consume(n)
		c.releaseOwn()
		return n, nil
	} else if n, err = c.receive(b); err == errAgain {
		return 0, errWireEmpty
	}
	if err == io.EOF {
		w.t.cut = true
	}
	return n, err
}

// wireEmpty is what crypto/tls is told when there is nothing to read: it takes it for an error
// after which one can go on.
type wireEmpty struct{}

var errWireEmpty net.Error = wireEmpty{}

func (wireEmpty) Error() string   { return "nothing to read" }
func (wireEmpty) Timeout() bool   { return true }
func (wireEmpty) Temporary() bool { return true }
