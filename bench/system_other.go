//go:build !linux

package main

import (
	"sync/atomic"
	"time"
)

// futexHere: there is nothing to compare a wake with.
const futexHere = false

func futexWait(*atomic.Uint32, uint32) {}
func futexWake(*atomic.Uint32)         {}

func cpuTime(bool) (time.Duration, error) { return 0, errSkip }
