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

// Yield lets other goroutines run: there is no call that lets other threads run.
func Yield() { runtime.Gosched() }

// CPUTime is not to be had here.
func CPUTime(bool) (time.Duration, error) { return 0, ErrSkip }
