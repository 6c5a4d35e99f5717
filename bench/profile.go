package main

import (
	"errors"
	"os"
	"runtime/pprof"
)

// profiled runs f and leaves a profile of this process's processor time in the file, which it closes, for go tool pprof
// and for go build -pgo. Without a file it only runs f.
func profiled(file *os.File, f func() error) error {
	if file == nil {
		return f()
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		return errors.Join(err, file.Close())
	}
	err := f()
	pprof.StopCPUProfile()
	return errors.Join(err, file.Close())
}
