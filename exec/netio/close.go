package netio

import "fmt"

// CloseWrite closes the writing side: the other side reads io.EOF after what was written.
// Reading goes on. It is called on the loop.
func (c *Conn) CloseWrite() error { return c.shutdown("close", shutWrite) }

// CloseRead closes the reading side.
func (c *Conn) CloseRead() error { return c.shutdown("close", shutRead) }

// SetLinger says what Close does with what the other side has not yet taken, as it does for a
// net.TCPConn: sec < 0, the default, sends it in the background; sec == 0 throws it away and
// resets the connection, which is how to pass on that something has failed; a TLSConn does not send
// a close_notify then, either: the other side is not to take what it has for all. A limit, sec > 0,
// is an error: with it the kernel waits in close, and the loop with it. It is called on the loop.
func (c *Conn) SetLinger(sec int) error {
	if !c.r.l.OnLoop() {
		return c.fail("set", ErrNotOnLoop)
	}
	if sec > 0 {
		return c.fail("set", fmt.Errorf("SetLinger of %d seconds would stop the loop in Close: it must be 0, or negative for no limit", sec))
	}
	if c.closed.Load() {
		return c.fail("set", c.reason())
	}
	err := sysLinger(c.fd, sec)
	if err == nil {
		c.reset = sec == 0
	}
	return c.fail("set", err)
}

func (c *Conn) shutdown(op string, how int) error {
	if !c.r.l.OnLoop() {
		return c.fail(op, ErrNotOnLoop)
	}
	if c.closed.Load() {
		return c.fail(op, c.reason())
	}
	return c.fail(op, sysShutdown(c.fd, how))
}

// OnClose has f called on the loop when the connection is closed, by whomever: also from
// within, while no coroutine serves it that could notice. Then why is ErrIdle, ErrLifetime or
// the like; it is nil if Close was called or the Handler has returned. There is one f at most,
// which must not wait; nil takes it back. It is called on the loop.
func (c *Conn) OnClose(f func(c *Conn, why error)) { c.onClose = f }

// OnReset has f called on the loop, once, when the other side has reset the connection or the
// kernel has given it up: at once, also while nobody reads or writes it that would meet the
// error. An orderly end is none: after that the other side may still read. There is one f at
// most, which must not wait; nil takes it back. It is called on the loop.
func (c *Conn) OnReset(f func(c *Conn)) { c.onReset = f }

// shut ends a closed connection, on the loop.
func (c *Conn) shut() {
	if c.fd < 0 {
		return
	}
	c.limits.stop()
	if c.serving.waits {
		c.unwait()
	}
	if c.tls == nil || !c.tls.lingers() {
		c.closeSocket()
	}
	c.wakeAll()
	if f := c.onClose; f != nil {
		c.onClose = nil
		f(c, c.cause)
	}
}

// closeSocket closes the socket, and lets go of what the connection has of the Reactor's.
func (c *Conn) closeSocket() {
	c.forget()
	if c.listener != nil {
		c.listener.left()
	}
	if c.tls != nil {
		c.tls.drop()
	}
	if !c.serving.on { // a handler may still look at what it was shown
		c.release()
	}
}

// abandon implements file.
func (c *Conn) abandon() {
	c.socket.abandon()
	if c.fd >= 0 && c.r.over {
		c.r.counters[cUnsent]++
		c.closeSocket() // the coroutine that was to do it has never begun
	}
}
