//go:build unix

package main

import (
	"os"
	"syscall"
)

// userSignal asks for the statistics.
var userSignal = []os.Signal{syscall.SIGUSR1}
