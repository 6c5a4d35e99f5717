//go:build !linux || portable

package exec

import "sync/atomic"

// sleeper sleeps on a channel: there is no futex.
type sleeper struct{ chanSleeper }

func (*sleeper) choose(bool) {}

func (s *sleeper) wake(*atomic.Uint32) { s.chanSleeper.wake() }
