package netio

import (
	"os"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/pushcore/pushcore/exec"
)

// side is one direction of a connection.
type side struct {
	may      bool         // the kernel may have something to read, or room; false once it said no
	busy     bool         // an operation is under way
	signal   exec.Signal  // may, busy, the deadline or the end of the connection have changed
	deadline atomic.Int64 // on the clock of sinceBase; 0: none
	row      uint8        // operations that have begun since somebody last had to wait
}

// A coroutine whose other side is always faster never has to wait, and would keep the loop.
// So after fewRow operations in a row that need not wait the next one lets everything else
// have its turn if this one has been long, and after maxRow in any case.
const (
	fewRow = 4
	maxRow = 64
)

// usable returns why an operation on s must not go on, or nil.
func (c *socket) usable(s *side) error {
	if c.closed.Load() {
		return c.reason()
	}
	if d := s.deadline.Load(); d != 0 && int64(time.Since(base)) >= d {
		return os.ErrDeadlineExceeded
	}
	return nil
}

// enter begins an operation on s by the calling coroutine, once those before it are over.
func (c *socket) enter(s *side) (*exec.Co, error) {
	co := c.r.l.Current()
	if co == nil {
		return nil, ErrNotOnLoop
	}
	for {
		if err := c.usable(s); err != nil {
			return nil, err
		}
		if s.row >= maxRow || s.row >= fewRow && c.r.l.ShouldYield() {
			s.row = 0
			if err := co.Yield(); err != nil {
				return nil, err
			}
			continue
		}
		if !s.busy {
			s.busy = true
			s.row++
			return co, nil
		}
		if err := c.wait(co, s); err != nil {
			return nil, err
		}
	}
}

// proceed does what is due in the middle of a write, of which the last system call has returned err:
// it waits for room, or lets others have their turn if this one has been long.
func (c *socket) proceed(co *exec.Co, err error) error {
	switch {
	case err == errAgain:
		c.r.counters[cHeld]++
		return c.await(co, &c.out)
	case err != nil || !c.r.l.ShouldYield():
		return err
	}
	if err = co.Yield(); err == nil {
		err = c.usable(&c.out)
	}
	return err
}

// refused says what becomes of an operation that the kernel has refused: without an error it is
// to look at may, and to be tried again if that is set.
func (s *side) refused(call string, errno syscall.Errno) error {
	switch errno {
	case syscall.EAGAIN:
		s.may = false
	case syscall.EINTR:
	default:
		return sysError(call, errno)
	}
	return nil
}

// leave ends an operation.
func (s *side) leave() {
	s.busy = false
	if s.signal.Waited() {
		s.signal.WakeAll()
	}
}

// await waits until the kernel may have something.
func (c *socket) await(co *exec.Co, s *side) error {
	for !s.may {
		if err := c.wait(co, s); err != nil {
			return err
		}
		if err := c.usable(s); err != nil {
			return err
		}
	}
	return nil
}

// wait waits for the Signal of s, or its deadline.
func (c *socket) wait(co *exec.Co, s *side) error {
	s.row = 0
	for {
		d := s.deadline.Load()
		if d == 0 {
			return s.signal.Wait(co)
		}
		err := s.signal.WaitFor(co, time.Duration(d)-time.Since(base))
		switch {
		case err != exec.ErrTimeout:
			return err
		case s.deadline.Load() != d: // it was moved meanwhile, on another goroutine
		case int64(time.Since(base)) >= d:
			return os.ErrDeadlineExceeded
		default:
			return err // that of a Within
		}
	}
}
