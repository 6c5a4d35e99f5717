//go:build !linux

package measure

import (
	"runtime"
	"sync/atomic"
	"time"
)

// FutexHere says that there is nothing to compare a wake with.
const FutexHere = false

// FutexWait does nothing here.
func FutexWait(*atomic.Uint32, uint32) {}

// FutexWake wakes one who sleeps there.
func FutexWake(*atomic.Uint32) {}

// yieldThread lets another goroutine run: nobody is pinned here.
func yieldThread() { runtime.Gosched() }

// CPUTime is not to be had here.
func CPUTime(bool) (time.Duration, error) { return 0, ErrSkip }
