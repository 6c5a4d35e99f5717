//go:build !linux

package main

import (
	"errors"
	"fmt"
	"runtime"
)

// errNoRawSockets is in the chain of errors that say that this process may not, or this system
// cannot, capture: the demonstration goes on without.
var errNoRawSockets = errors.New("packet sockets are not available here")

// openLive reports that there is no live capture on this system.
func openLive(name string) (source, error) {
	return nil, fmt.Errorf("capturing on %s: %w: it takes Linux, this is %s", name, errNoRawSockets, runtime.GOOS)
}
