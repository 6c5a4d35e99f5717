//go:build !linux || portable

package exec

import (
	"sync/atomic"
	"time"
)

// sleeper sleeps on a channel. It holds at most one wake; a stale one ends the
// next sleep early, which is allowed.
type sleeper struct{ ch chan struct{} }

func (s *sleeper) init() { s.ch = make(chan struct{}, 1) }

func (s *sleeper) sleep(word *atomic.Uint32, timeout time.Duration) {
	if word.Load() != parked {
		return
	}
	var limit <-chan time.Time
	if timeout >= 0 {
		timer := time.NewTimer(timeout)
		defer timer.Stop()
		limit = timer.C
	}
	select {
	case <-s.ch:
	case <-limit:
	}
}

func (s *sleeper) wake(*atomic.Uint32) {
	select {
	case s.ch <- struct{}{}:
	default:
	}
}
