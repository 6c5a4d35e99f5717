package aof

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// lock makes f this process's alone, until it is closed or the process ends: a second server
// with the same log would take what the first one is writing for half a command, and cut it off.
func lock(f *os.File) error {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return fmt.Errorf("append-only file %s: another server has it open", f.Name())
	}
	return err
}
