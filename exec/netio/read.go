package netio

import (
	"errors"
	"fmt"
	"io"
	"syscall"
)

// Read reads up to len(b) bytes into b, as soon as there are any. It implements io.Reader
// for the coroutines of the connection's Exec.
func (c *Conn) Read(b []byte) (int, error) {
	co, err := c.enter(&c.in)
	if err != nil {
		return 0, c.fail("read", err)
	}
	defer c.in.leave()
	if n := copy(b, c.buf[c.at:c.end]); n > 0 || len(b) == 0 {
		c.consume(n)
		return n, nil
	}
	for {
		n, err := c.receive(b)
		if err != errAgain {
			return n, err
		}
		if err := c.await(co, &c.in); err != nil {
			return 0, c.fail("read", err)
		}
	}
}

// TryRead reads what is there at once into b, which must not be empty, without waiting, and
// returns how much that was: 0 without an error means that there is nothing yet. Unlike Read
// it may be called by anything on the loop, and it needs no buffer of its own. It returns 0
// while a Read is under way.
//
// A Handler that has read until there is nothing more returns Wait: the two together make no
// more system calls than there were messages.
func (c *Conn) TryRead(b []byte) (int, error) {
	if !c.r.l.OnLoop() {
		return 0, c.fail("read", ErrNotOnLoop)
	}
	if err := c.usable(&c.in); err != nil {
		return 0, c.fail("read", err)
	}
	if c.in.busy || len(b) == 0 {
		return 0, nil
	}
	if n := copy(b, c.buf[c.at:c.end]); n > 0 {
		c.consume(n)
		return n, nil
	}
	n, err := c.receive(b)
	if err == errAgain {
		err = nil
	}
	return n, err
}

// errAgain means that there is nothing to read, or no room to write into.
var errAgain = errors.New("again")

// receive reads into b, which is not empty, or returns errAgain.
func (c *Conn) receive(b []byte) (int, error) {
	if c.eof {
		return 0, io.EOF
	}
	if !c.in.may {
		return 0, errAgain
	}
	c.serving.moved = true
	if errno := c.fault; errno != 0 {
		c.fault = 0
		return 0, c.fail("read", sysError("read", errno))
	}
	for {
		n, errno := sysRead(c.fd, b)
		c.r.counters[cReads]++
		switch errno {
		case 0:
			if n == 0 {
				c.eof = true
				return 0, io.EOF
			}
			// Less than was asked for is all that there is. What comes later is an event.
			if n < len(b) && c.kind == kindTCP && !c.wary {
				c.in.may = false
			}
			c.received(n)
			return n, nil
		case syscall.EAGAIN:
			c.in.may = false
			return 0, errAgain
		case syscall.EINTR:
		default:
			return 0, c.fail("read", sysError("read", errno))
		}
	}
}

func (c *Conn) received(n int) {
	c.r.counters[cBytesIn] += uint64(n)
	c.limits.active = c.r.time()
}

// Peek returns what has been read and not consumed, without consuming it, once that is at
// least n bytes; an n of 0 returns at once. The error says why there are fewer (io.EOF: the
// other side has closed); they are returned nevertheless. The bytes are valid until the next
// call of Peek, Read or Discard by whoever it is, and until the handler returns.
//
// A connection has a buffer (Config.ReadBuffer) only while there is something in it, so an n
// that is greater than the size of that is an error.
func (c *Conn) Peek(n int) ([]byte, error) {
	if have := c.buf[c.at:c.end]; len(have) >= n && !c.in.busy {
		return have, nil
	}
	co, err := c.enter(&c.in)
	if err != nil {
		return c.buf[c.at:c.end], c.fail("read", err)
	}
	defer c.in.leave()
	if n > c.r.cfg.ReadBuffer {
		return c.buf[c.at:c.end], c.fail("peek", fmt.Errorf("%d bytes are more than the %d of Config.ReadBuffer", n, c.r.cfg.ReadBuffer))
	}
	for c.end-c.at < n {
		err := c.fill()
		if err == errAgain {
			c.release()
			if err = c.await(co, &c.in); err != nil {
				err = c.fail("read", err)
			}
		}
		if err != nil {
			return c.buf[c.at:c.end], err
		}
	}
	return c.buf[c.at:c.end], nil
}

// fill reads more into the buffer, in which there is room.
func (c *Conn) fill() error {
	if !c.in.may && !c.eof {
		return errAgain
	}
	if c.buf == nil {
		c.buf = c.r.buffers.get()
	}
	if c.at > 0 { // what is left is little: nobody peeks further than he must
		c.end = copy(c.buf, c.buf[c.at:c.end])
		c.at = 0
	}
	n, err := c.receive(c.buf[c.end:])
	c.end += n
	return err
}

// Discard consumes n bytes that Peek has returned. It panics if there are fewer.
func (c *Conn) Discard(n int) {
	if n < 0 || n > c.end-c.at {
		panic(fmt.Sprintf("netio: Discard of %d bytes while %d have been read", n, c.end-c.at))
	}
	c.consume(n)
}

// Buffered returns how many bytes have been read and not consumed.
func (c *Conn) Buffered() int { return c.end - c.at }

// consume advances, and keeps an empty buffer: more may be coming.
func (c *Conn) consume(n int) {
	c.serving.moved = true
	if c.at += n; c.at == c.end {
		c.at, c.end = 0, 0
	}
}

// release gives empty buffers back.
func (c *Conn) release() {
	c.releaseOwn()
	if c.tls != nil {
		c.tls.release()
	}
}

// releaseOwn gives an empty buffer back, that of the Conn itself.
func (c *Conn) releaseOwn() {
	if c.buf != nil && c.at == c.end {
		c.r.buffers.put(c.buf)
		c.buf = nil
	}
}
