package exec

import (
	"fmt"
	"time"
)

// A Sleeper is where an Exec sleeps that has file descriptors to watch: in one system call
// that ends when one of these is ready, too (see package netio).
type Sleeper interface {
	// Sleep blocks the thread until Wake is called, something happens that a Source wants
	// to deal with, or timeout has passed (negative: no limit). It may return early. It is
	// called on the loop. It must be a real system call, which the scheduler is told of.
	Sleep(timeout time.Duration)
	// Wake ends a Sleep, or makes the next one return at once. It is called on any
	// goroutine, once for each park at most, and, rarely, still after the Exec has ended.
	Wake()
}

// SleepIn makes the Exec park in s from now on. There can be one: the error of a second
// call wraps ErrTooMany.
func (l *Local) SleepIn(s Sleeper) error {
	l.check()
	if s == nil {
		panic("exec: SleepIn of a nil Sleeper")
	}
	p := &l.x.parker
	if p.in.Load() != nil {
		return fmt.Errorf("exec: %s: it has a Sleeper already, and can sleep in one place only: %w", l.x.cfg.Name, ErrTooMany)
	}
	p.in.Store(&s) // atomically: a sender may still be about to end the last park
	return nil
}
