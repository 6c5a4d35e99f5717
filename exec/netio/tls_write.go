package netio

import (
	"errors"
	"net"

	"github.com/pushcore/pushcore/exec"
)

// ErrOverrun says that a TLS connection was closed because the other side has made it send
// answers, and did not read them, until Config.TLSBuffer was full.
var ErrOverrun = errors.New("netio: closed: the other side asks for answers that it does not read (Config.TLSBuffer)")

const (
	// recordSize is how much is encrypted at once: what fits into one record.
	recordSize = 16 << 10
	// recordsPerTurn is after how many records a Write that never has to wait gives way.
	recordsPerTurn = 16
)

// Write encrypts all of b and sends it, and waits for as long as the other side does not take
// it; the last record may still be on its way to the kernel when Write returns. An error that
// comes later is that of the next Write. If a Write ends early, with a deadline, n bytes of it
// are sent.
func (t *TLSConn) Write(b []byte) (n int, err error) {
	c := t.c
	co, err := c.enter(&c.out)
	if err != nil {
		return 0, c.fail("write", err)
	}
	defer c.out.leave()
	for records := 1; n < len(b); records++ {
		if err := t.room(co); err != nil {
			return n, c.fail("write", err)
		}
		m, err := t.record(b[n:])
		n += m
		if err != nil {
			return n, err
		}
		if records%recordsPerTurn == 0 {
			if err := co.Yield(); err != nil {
				return n, c.fail("write", err)
			}
		}
	}
	return n, nil
}

// TryWrite encrypts and sends what it can of b without waiting, and returns how much that was:
// of the last record the kernel may have taken only a part, and the rest is kept, as that of a
// Write. It returns less, too, after some records, so as not to keep the loop. Unlike Write it
// may be called by anything on the loop. It returns 0 while a Write is under way.
func (t *TLSConn) TryWrite(b []byte) (n int, err error) {
	c := t.c
	if !c.r.l.OnLoop() {
		return 0, c.fail("write", ErrNotOnLoop)
	}
	if err := c.usable(&c.out); err != nil {
		return 0, c.fail("write", err)
	}
	if t.broken != nil {
		return 0, c.fail("write", t.broken)
	}
	for records := 0; n < len(b) && records < recordsPerTurn && t.unsent == nil && !c.out.busy; records++ {
		m, err := t.record(b[n:])
		n += m
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// Flush waits until the kernel has taken all that was written, the end that CloseWrite has
// announced included: a Close after it has nothing left to send.
func (t *TLSConn) Flush() error {
	c := t.c
	co, err := c.enter(&c.out)
	if err == nil {
		err = t.room(co)
		c.out.leave()
	}
	return c.fail("write", err)
}

// record encrypts and sends what one record takes of b.
func (t *TLSConn) record(b []byte) (int, error) {
	n, err := t.tls.Write(b[:min(recordSize, len(b))])
	if t.broken == ErrOverrun {
		t.c.closeFor(ErrOverrun, cOverrun) // not in the wire: crypto/tls holds its locks there
	}
	return n, t.c.fail("write", err)
}

// room waits until all that was encrypted has been sent.
func (t *TLSConn) room(co *exec.Co) error {
	c := t.c
	for {
		if err := c.usable(&c.out); err != nil {
			return err
		}
		if t.broken != nil {
			return t.broken
		}
		if t.unsent == nil {
			return nil
		}
		c.r.counters[cHeld]++
		if err := c.wait(co, &c.out); err != nil {
			return err
		}
	}
}

// Write takes what crypto/tls has encrypted: the kernel gets it, or it is kept. It never waits,
// but in the handshake, in which nobody else can want the locks of crypto/tls.
func (w wire) Write(b []byte) (n int, err error) {
	t, c := w.t, w.t.c
	switch {
	case t.shaking:
		return c.Write(b)
	case t.broken != nil:
		return 0, t.broken
	case c.fd < 0:
		return 0, c.fail("write", net.ErrClosed)
	}
	for t.unsent == nil && n < len(b) {
		m, err := c.send(b[n:])
		n += m
		if err == errAgain {
			t.unsent, t.sent = c.r.records.get()[:0], 0
		} else if err != nil {
			t.broken = c.fail("write", err)
			return n, t.broken
		}
	}
	if !t.keep(b[n:]) {
		t.broken = ErrOverrun
		return n, t.broken
	}
	return len(b), nil
}

// keep appends b to what is to be sent, if there is room.
func (t *TLSConn) keep(b []byte) bool {
	if len(b) > cap(t.unsent)-len(t.unsent) && t.sent > 0 {
		t.unsent = t.unsent[:copy(t.unsent, t.unsent[t.sent:])]
		t.sent = 0
	}
	if len(b) > cap(t.unsent)-len(t.unsent) {
		return false
	}
	t.unsent = append(t.unsent, b...)
	return true
}

// flush sends what is to be sent; the Reactor calls it when there is room.
func (t *TLSConn) flush() {
	for t.unsent != nil {
		n, err := t.c.send(t.unsent[t.sent:])
		if t.sent += n; t.sent == len(t.unsent) {
			t.drop()
		}
		if err == errAgain {
			return
		}
		if err != nil {
			t.broken = t.c.fail("write", err)
			t.drop()
		}
	}
}

// drop gives the buffer back.
func (t *TLSConn) drop() {
	if t.unsent != nil {
		t.c.r.records.put(t.unsent[:cap(t.unsent)])
		t.unsent = nil
	}
}
