package netio

// Draining reports whether the Exec drains: a handler that is between two requests should
// end then. Await tells it so, too.
func (r *Reactor) Draining() bool { return r.draining }

// drain stops taking in connections and ends those that nobody is serving right now. The
// others are ended by their handlers, which see it in Await; the Exec waits for these.
func (r *Reactor) drain() {
	defer func() { // also if a Dispatch or Refuse panics
		r.draining = true
		r.table.each(func(f file) { f.quiesce() })
	}()
	r.table.each(func(f file) { // first: what they take in now is asked with the others
		if ln, ok := f.(*Listener); ok {
			ln.quiesce()
		}
	})
}

// quiesce implements file. A connection that nobody is serving is closed, unless a request has
// come: that is answered.
func (c *Conn) quiesce() {
	switch {
	case c.serving.waits && c.due():
		c.resume()
	case c.serving.idle && c.probe():
		c.in.signal.WakeAll() // its event may still be on its way
	case c.serving.waits || c.serving.idle:
		c.closeFor(ErrDraining, cDrained)
	}
}

// Await waits between two requests until there is something to read. The error is io.EOF
// when the other side has closed, and wraps ErrDraining when the Exec drains: a connection
// that is in Await then is closed by the Reactor, unless a request has come. What has been read
// already is still to be answered, and so is what the first Await in a drain finds. What comes
// later is lost, and the other side is told so by a reset. A Handler that reads requests in a loop
// calls it before each, or returns Wait.
func (c *Conn) Await() error {
	if c.end > c.at {
		return nil
	}
	if c.r.draining && !(c.lastLook() && c.probe()) {
		return c.fail("read", ErrDraining)
	}
	c.serving.idle = true
	_, err := c.Peek(1)
	c.serving.idle = false
	return err
}

// due is more, for when the event of a request may still be on its way.
func (c *Conn) due() bool {
	may := c.probe()
	if c.tls != nil {
		return c.tls.fetch()
	}
	return may
}

// lastLook reports, in a drain and once, that the Handler may have what has come by now. Without
// the limit one who always sends more would hold up the drain.
func (c *Conn) lastLook() bool {
	first := !c.serving.last
	c.serving.last = true
	return first
}
