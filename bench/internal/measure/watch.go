package measure

import (
	"errors"
	"sync/atomic"
	"time"
)

// ErrLost says that somebody waited in vain for what the other side was to send or to take.
var ErrLost = errors.New("data error: an item was lost: the other side waited for it in vain")

// lost says that a Poll has given up since the measurement began. There is one measurement at a time.
var lost atomic.Bool

// Watch runs a measurement and returns its error, or ErrLost.
//
// A goroutine that waits for good cannot be ended from outside. If f has not come back after limit, Watch calls hung,
// which is to end the program: it has whatever f does not touch to itself, because Watch does not return any more.
func Watch(limit time.Duration, hung func(), f func() error) error {
	var over atomic.Bool
	late := time.AfterFunc(limit, func() {
		if over.CompareAndSwap(false, true) {
			hung()
		}
	})
	lost.Store(false)
	err := f()
	if !over.CompareAndSwap(false, true) {
		select {} // too late
	}
	late.Stop()
	if lost.Load() {
		err = errors.Join(ErrLost, err)
	}
	return err
}
