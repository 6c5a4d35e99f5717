package exec

import (
	"sync/atomic"
	"time"
)

// chanSleeper sleeps on a channel, which gives the thread's P to another goroutine at once. It
// holds at most one wake; a stale one ends the next sleep early, which is allowed.
type chanSleeper struct {
	ch    chan struct{}
	timer *time.Timer // the last sleep's that had a timeout
}

func (s *chanSleeper) init() { s.ch = make(chan struct{}, 1) }

func (s *chanSleeper) sleep(word *atomic.Uint32, timeout time.Duration) {
	if word.Load() != parked {
		return
	}
	if timeout < 0 {
		<-s.ch
		return
	}
	if s.timer == nil {
		s.timer = time.NewTimer(timeout)
	} else {
		s.timer.Reset(timeout)
	}
	select {
	case <-s.ch:
		s.timer.Stop()
	case <-s.timer.C:
	}
}

func (s *chanSleeper) wake() {
	select {
	case s.ch <- struct{}{}:
	default:
	}
}
