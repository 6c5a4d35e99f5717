package netio

// What a Listener does with a connection, however it came.

// serve begins to serve a connection, or refuses it.
func (ln *Listener) serve(a Accepted) error {
	c, err := ln.conn(a)
	if err != nil {
		return err
	}
	if ln.cfg.Lazy {
		c.in.may = false // the kernel tells, also if there is something already
		c.serving.h, c.serving.run = ln.cfg.Handle, c.serve
		c.lieDown()
		return nil
	}
	if err = c.begin(ln.cfg.Handle); err != nil {
		ln.r.counters[cRefused]++
		ln.dismiss(c)
	}
	return err
}

// conn makes the Conn of an accepted socket, or refuses it.
func (ln *Listener) conn(a Accepted) (*Conn, error) {
	r := ln.r
	if err := ln.full(); err != nil {
		ln.refuse(a)
		return nil, err
	}
	c, err := r.register(a.fd, a.kind)
	if err != nil {
		r.counters[cRefused]++
		return nil, err
	}
	c.ends, c.listener, c.out.may, c.in.may = a.ends, ln, true, true
	ln.open++
	c.limits.idle = ln.cfg.IdleTimeout
	c.limits.active = r.time()
	if ln.cfg.MaxLifetime > 0 {
		c.limits.until = c.limits.active + ln.cfg.MaxLifetime
	}
	if err := c.arm(); err != nil {
		r.counters[cRefused]++
		ln.dismiss(c)
		return nil, err
	}
	return c, nil
}

// full returns an error if the listener, or the Reactor, may not have one more connection.
func (ln *Listener) full() error {
	if most := ln.cfg.MaxConns; most > 0 && ln.open >= most {
		return tooMany("connections are open (ListenConfig.MaxConns)", most)
	}
	return ln.r.full()
}

// refuse closes a connection that is one too many.
func (ln *Listener) refuse(a Accepted) {
	r := ln.r
	r.counters[cRefused]++
	if ln.cfg.Refuse == nil {
		a.Close()
		return
	}
	if c, err := r.register(a.fd, a.kind); err == nil {
		c.ends, c.in.may, c.out.may = a.ends, true, true
		ln.dismiss(c)
	}
}

// dismiss has Refuse say why, and closes the connection, unless that is left to a Handler. What
// the other side has sent is read: the kernel would follow what Refuse has written with a reset,
// which may overtake it.
func (ln *Listener) dismiss(c *Conn) {
	c.serving = serving{} // that of the listener is not to be
	defer func() {        // also if Refuse panics
		if c.serving.h == nil {
			_ = c.Close()
		}
	}()
	if ln.cfg.Refuse == nil {
		return
	}
	ln.cfg.Refuse(c)
	if c.serving.h == nil && !c.closed.Load() && sysShutdown(c.fd, shutWrite) == nil {
		b := c.r.buffers.get()
		_, _ = sysRead(c.fd, b)
		c.r.buffers.put(b)
	}
}

// left is told that a connection has ended.
func (ln *Listener) left() { ln.open-- }
