package netio

import (
	"time"

	"github.com/pushcore/pushcore/exec"
)

// limits are how long a connection may be idle, and live. There is one timer for both. It is
// not moved when something is read or written: when it fires it looks whether there was, so
// that activity costs no more than a note of the time.
type limits struct {
	idle   time.Duration // 0: none
	until  time.Duration // the end of its life, on the Exec's clock; 0: none
	active time.Duration // when something was last read or written, or a turn before
	timer  exec.Timer
}

// SetIdleTimeout closes the connection, with ErrIdle, when nothing was read or written for
// d. 0 is no limit. The error wraps exec.ErrTooMany when the Exec has no timer left.
func (c *Conn) SetIdleTimeout(d time.Duration) error {
	c.limits.idle, c.limits.active = d, c.r.l.Now()
	return c.arm()
}

// IdleTimeout returns what SetIdleTimeout, or the ListenConfig, has set.
func (c *Conn) IdleTimeout() time.Duration { return c.limits.idle }

// SetLifetime closes the connection, with ErrLifetime, when d has passed. 0 is no limit.
func (c *Conn) SetLifetime(d time.Duration) error {
	c.limits.until = 0
	if d > 0 {
		c.limits.until = c.r.l.Now() + d
	}
	return c.arm()
}

// arm sets the timer to what comes first.
func (c *Conn) arm() error {
	t := &c.limits
	t.stop()
	var at time.Duration
	if t.idle > 0 {
		at = t.active + t.idle
	}
	if t.until > 0 && (at == 0 || t.until < at) {
		at = t.until
	}
	if at == 0 || c.closed.Load() {
		return nil
	}
	timer, ok := c.r.l.At(at, (*expiry)(c))
	if !ok {
		return tooMany("timers are armed (exec.Config.MaxTimers)", -1)
	}
	t.timer = timer
	return nil
}

func (t *limits) stop() {
	t.timer.Stop()
	t.timer = exec.Timer{}
}

// expiry is a Conn as the task of its timer.
type expiry Conn

// Run closes the connection if it is time, or waits on.
func (e *expiry) Run(l *exec.Local) {
	c := (*Conn)(e)
	t := &c.limits
	t.timer = exec.Timer{}
	now := l.Now()
	switch {
	case t.until > 0 && now >= t.until:
		c.closeFor(ErrLifetime, cLifetime)
	case t.idle > 0 && now >= t.active+t.idle:
		c.closeFor(ErrIdle, cIdle)
	default:
		if err := c.arm(); err != nil { // the place of the timer that has fired is free
			c.closeFor(err, cIdle)
		}
	}
}
