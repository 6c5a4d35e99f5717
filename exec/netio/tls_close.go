package netio

import "github.com/pushcore/pushcore/exec"

// lingers ends the TLS part of a connection that is being closed, on the loop. It reports
// whether something is left to be sent: then the socket is closed later, by a coroutine, for
// which a drain waits.
func (t *TLSConn) lingers() bool {
	switch {
	case t.ending:
		return true
	case t.shaking || t.broken != nil:
		return false
	case t.c.reset: // a close_notify would call what was cut off whole
		return false
	}
	_ = t.tls.CloseWrite() // an error is that of the handshake or of the wire, and known
	if t.unsent == nil || t.broken != nil {
		return false
	}
	if t.c.r.l.Go(t.linger) != nil {
		t.c.r.counters[cUnsent]++
		return false
	}
	t.ending = true
	return true
}

// linger waits until everything has been sent, or the time is over.
func (t *TLSConn) linger(co *exec.Co) {
	c := t.c
	err := co.Within(t.closeTimeout, func() error {
		for t.unsent != nil {
			if err := c.out.signal.Wait(co); err != nil {
				return err
			}
		}
		return t.broken
	})
	if err != nil {
		c.r.counters[cUnsent]++
	}
	c.closeSocket()
}
