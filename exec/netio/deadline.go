package netio

import (
	"net"
	"time"
)

// base is the zero of the clock of deadlines.
var base = time.Now()

// noTime is a deadline that has always passed.
const noTime = 1

// sinceBase converts a deadline. No deadline is 0.
func sinceBase(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return max(int64(t.Sub(base)), noTime)
}

// SetDeadline sets the time from which reads and writes fail with os.ErrDeadlineExceeded, those
// that are under way, too. The zero time is none. Any goroutine may call it.
func (c *socket) SetDeadline(t time.Time) error { return c.setDeadline(t, &c.in, &c.out) }

// SetReadDeadline is SetDeadline for reads.
func (c *socket) SetReadDeadline(t time.Time) error { return c.setDeadline(t, &c.in) }

// SetWriteDeadline is SetDeadline for writes.
func (c *socket) SetWriteDeadline(t time.Time) error { return c.setDeadline(t, &c.out) }

// setDeadline sets the deadline of some sides, and wakes who waits there.
func (c *socket) setDeadline(t time.Time, sides ...*side) error {
	if c.closed.Load() {
		return c.fail("set", net.ErrClosed)
	}
	d := sinceBase(t)
	for _, side := range sides {
		side.deadline.Store(d)
	}
	if !c.r.l.OnLoop() {
		c.r.attention.want(c)
		return nil
	}
	for _, side := range sides {
		if side.signal.Waited() {
			side.signal.WakeAll()
		}
	}
	return nil
}
