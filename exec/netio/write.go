package netio

import (
	"io"
	"net"
)

// Write writes all of b, and waits for as long as the other side does not take it. It
// implements io.Writer for the coroutines of the connection's Exec. Nothing is buffered
// here: what the kernel has not taken when an error comes was not written.
func (c *Conn) Write(b []byte) (n int, err error) {
	co, err := c.enter(&c.out)
	if err != nil {
		return 0, c.fail("write", err)
	}
	defer c.out.leave()
	for n < len(b) {
		m, err := c.send(b[n:])
		n += m
		if n == len(b) {
			break
		}
		if err = c.proceed(co, err); err != nil {
			return n, c.fail("write", err)
		}
	}
	return n, nil
}

// send writes some of b, or returns errAgain.
func (c *Conn) send(b []byte) (int, error) {
	for c.out.may {
		n, errno := sysWrite(c.fd, b)
		c.r.counters[cWrites]++
		if errno == 0 {
			c.sent(n)
			return n, nil
		}
		if err := c.out.refused("write", errno); err != nil {
			return 0, err
		}
	}
	return 0, errAgain
}

func (c *Conn) sent(n int) {
	c.r.counters[cBytesOut] += uint64(n)
	c.limits.active = c.r.time()
}

// TryWrite writes what the kernel takes at once of b, without waiting, and returns how much
// that was. Unlike Write it may be called by anything on the loop. It returns 0 while a
// Write is under way.
func (c *Conn) TryWrite(b []byte) (n int, err error) {
	if !c.r.l.OnLoop() {
		return 0, c.fail("write", ErrNotOnLoop)
	}
	if err := c.usable(&c.out); err != nil {
		return 0, c.fail("write", err)
	}
	for n < len(b) && !c.out.busy {
		m, err := c.send(b[n:])
		n += m
		if err == errAgain {
			break
		}
		if err != nil {
			return n, c.fail("write", err)
		}
	}
	return n, nil
}

// Writev writes all of bufs, in order, with as few system calls as possible. It consumes
// bufs as net.Buffers.WriteTo does: what is left in it was not written.
func (c *Conn) Writev(bufs *net.Buffers) (n int64, err error) {
	co, err := c.enter(&c.out)
	if err != nil {
		return 0, c.fail("write", err)
	}
	defer c.out.leave()
	for len(*bufs) > 0 {
		m, err := c.sendv(*bufs)
		n += int64(m)
		advance(bufs, m)
		if len(*bufs) == 0 {
			break
		}
		if err = c.proceed(co, err); err != nil {
			return n, c.fail("write", err)
		}
	}
	return n, nil
}

func (c *Conn) sendv(bufs net.Buffers) (int, error) {
	for c.out.may {
		n, errno := sysWritev(c.fd, bufs)
		c.r.counters[cWrites]++
		if errno == 0 {
			c.sent(n)
			return n, nil
		}
		if err := c.out.refused("writev", errno); err != nil {
			return 0, err
		}
	}
	return 0, errAgain
}

// advance takes the first n bytes, and what is empty then, out of bufs.
func advance(bufs *net.Buffers, n int) {
	v := *bufs
	for len(v) > 0 && n >= len(v[0]) {
		n -= len(v[0])
		v[0] = nil
		v = v[1:]
	}
	if n > 0 {
		v[0] = v[0][n:]
	}
	*bufs = v
}

// ReadFrom writes what src has until io.EOF, through one buffer of the Reactor's. It
// implements io.ReaderFrom, so that io.Copy needs no buffer of its own.
func (c *Conn) ReadFrom(src io.Reader) (n int64, err error) {
	if !c.r.l.OnLoop() {
		return 0, c.fail("write", ErrNotOnLoop)
	}
	b := c.r.buffers.get()
	defer func() { c.r.buffers.put(b) }()
	for {
		m, rerr := src.Read(b)
		if m > 0 {
			w, err := c.Write(b[:m])
			n += int64(w)
			if err != nil {
				return n, err
			}
		}
		if rerr == io.EOF {
			return n, nil
		}
		if rerr != nil {
			return n, rerr
		}
	}
}
