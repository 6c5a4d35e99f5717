package exec

import (
	"fmt"
	"time"
)

// scope is a call of Within that has not returned.
type scope struct {
	timerNode
	co    *Co
	outer *scope
	over  bool
}

// Within runs f, inside of which every wait of the coroutine ends with ErrTimeout once d
// has passed: one limit for all the awaits of an operation. It returns what f returns.
// It does not interrupt code that does not wait. Limits nest. After f the coroutine waits
// as before. A d that is zero or negative has passed at once.
//
// The error wraps ErrTooMany, and f was not run, when MaxTimers are armed.
func (co *Co) Within(d time.Duration, f func() error) error {
	co.mine()
	s := &scope{co: co, outer: co.carrier.scope, over: d <= 0}
	s.owner = s
	if !s.over {
		if err := co.l.armIn(&s.timerNode, d); err != nil {
			return err
		}
	}
	co.carrier.scope = s
	defer func() {
		co.l.disarm(&s.timerNode)
		co.carrier.scope = s.outer
	}()
	return f()
}

func (s *scope) expired(*Local) {
	s.over = true
	s.co.interrupt(ErrTimeout)
}

// expireIn makes w fire when d has passed.
func (w *waiter) expireIn(d time.Duration) error { return w.c.l.armIn(&w.timerNode, d) }

// armIn arms a node of the loop's own for d from now.
func (l *Local) armIn(n *timerNode, d time.Duration) error {
	if !l.arm(n, deadlineOf(l.timers.in(l.clock(), d))) {
		return fmt.Errorf("exec: %s: all %d timers are armed (MaxTimers): %w", l.x.cfg.Name, l.x.cfg.MaxTimers, ErrTooMany)
	}
	return nil
}
