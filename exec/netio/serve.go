package netio

import (
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/pushcore/pushcore/exec"
)

// Handler serves a connection, in a coroutine. When it returns nil, or io.EOF, the connection is closed; another error
// closes it, too, and is counted and reported (Config.OnError), unless it only says that the connection was closed:
// net.ErrClosed after a Close, ErrIdle and the like, ErrDraining. When it returns [Wait] the connection stays open
// without a coroutine, and the Handler is called again, in a new one, when there is more to read than there was: it
// keeps what it must remember in Conn.Data. What Peek has shown and nobody has consumed is kept.
type Handler func(co *exec.Co, c *Conn) error

// Wait is what a Handler returns to be called again when the connection is readable.
//
//lint:ignore ST1012 it is no failure
var Wait = errors.New("netio: wait until it is readable")

// serving is what a Conn knows of its Handler.
type serving struct {
	h     Handler
	run   func(co *exec.Co) // Conn.serve
	on    bool              // a coroutine runs h
	waits bool              // h has returned Wait
	idle  bool              // h is in Await
	moved bool              // since h was called it has taken something, or more has come
	last  bool              // in a drain h has been let go on for what had come
}

// Serve has h serve c, in a coroutine of its own, which it starts. The error of that
// (MaxCoroutines, the Exec ends) closes c.
func (c *Conn) Serve(h Handler) error {
	err := c.begin(h)
	if err != nil {
		_ = c.Close()
	}
	return err
}

// begin is Serve that leaves c open in case of an error.
func (c *Conn) begin(h Handler) error {
	if c.serving.h != nil {
		panic("netio: Serve of a connection that has a Handler")
	}
	c.serving.h, c.serving.run, c.serving.moved = h, c.serve, true
	return c.start()
}

func (c *Conn) start() error {
	if err := c.r.l.Go(c.serving.run); err != nil {
		return fmt.Errorf("netio: %w", err)
	}
	c.serving.on = true
	return nil
}

// serve runs the Handler once.
func (c *Conn) serve(co *exec.Co) {
	returned := false
	defer func() {
		c.serving.on = false
		if !returned { // a panic, or a Goexit
			c.r.counters[cFailed]++
			c.finish(nil)
		}
	}()
	err := c.serving.h(co, c)
	returned = true
	c.serving.on = false
	switch cancelled := co.Err(); {
	case cancelled != nil && err != nil:
		c.abandon() // that is why it has failed
		c.finish(nil)
	case err == Wait:
		c.sleep()
	default:
		c.finish(err)
	}
}

// finish ends a connection that its Handler is done with.
func (c *Conn) finish(err error) {
	defer func() { // also if OnError panics
		if !c.closed.Swap(true) {
			c.shut()
		}
		c.at, c.end = 0, 0
		if t := c.tls; t != nil {
			t.at, t.end = 0, 0
		}
		c.release()
	}()
	switch {
	case err == nil, err == io.EOF, c.cause != nil: // it was counted when it was closed
	case c.closed.Load() && errors.Is(err, net.ErrClosed): // as whoever has called Close wanted it
	case errors.Is(err, ErrDraining):
		c.r.counters[cDrained]++
	default:
		c.r.counters[cFailed]++
		if f := c.r.cfg.OnError; f != nil {
			f(c, err)
		}
	}
}

// sleep keeps the connection open until there is more to read.
func (c *Conn) sleep() {
	switch {
	case c.closed.Load() || c.eof || c.tls != nil && c.tls.told:
		c.finish(nil)
	case c.r.draining:
		if c.lastLook() && c.due() {
			c.resumeNow()
			return
		}
		c.closeFor(ErrDraining, cDrained)
	case c.serving.moved && c.more(): // or h, which has looked at nothing, would be called for ever
		c.resumeNow()
	case c.closed.Load(): // by what has been fetched
		c.finish(nil)
	default:
		c.release()
		c.lieDown()
	}
}

// lieDown begins a Wait.
func (c *Conn) lieDown() {
	c.serving.waits = true
	c.r.counters[cWaiting]++
}

// more reports whether there is something for the Handler that it has not seen.
func (c *Conn) more() bool {
	if c.tls != nil {
		return c.tls.fetch()
	}
	return c.in.may && c.probe()
}

// probe asks the kernel whether there is something to read. The answer may be no although
// the last event has not been used up: a read has taken all without noticing.
func (c *Conn) probe() bool {
	if c.fault != 0 { // it is reported once, and no read has met it
		return true
	}
	c.in.may, c.fault = sysReadable(c.fd)
	return c.in.may
}

// unwait ends a Wait.
func (c *Conn) unwait() {
	c.serving.waits = false
	c.r.counters[cWaiting]--
}

// resume calls the Handler again.
func (c *Conn) resume() {
	c.unwait()
	c.resumeNow()
}

func (c *Conn) resumeNow() {
	c.serving.moved = false
	if err := c.start(); err != nil {
		c.finish(err)
	}
}
