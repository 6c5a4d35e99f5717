// Package aof keeps a log of writes in a file, from which they are done again when the server
// starts. Everything in it blocks: it is no place for a loop.
package aof

import (
	"fmt"
	"os"
	"sync"
	"sync/atomic"
)

// File is a log that is written. All methods may be called by any goroutine.
type File struct {
	mu   sync.Mutex // held while the file is written, so that what one call appends stays together
	f    *os.File
	size atomic.Int64
	err  error // that has ended it
}

// Open opens a log, and creates it if it is not there. One that another process has open is an
// error. Replay must be called before Append.
func Open(path string) (*File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return nil, err
	}
	if err := lock(f); err != nil {
		_ = f.Close()
		return nil, err
	}
	return &File{f: f}, nil
}

// Append appends b, all or nothing, and with sync returns when the disk has it. After an error
// the log is closed to all: what comes later might depend on what is missing.
func (f *File) Append(b []byte, sync bool) error {
	if err := f.append(b); err != nil {
		return err
	}
	if sync {
		return f.Sync()
	}
	return nil
}

func (f *File) append(b []byte) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		return f.err
	}
	if n, err := f.f.Write(b); err != nil {
		f.err = fmt.Errorf("append-only file %s: %w", f.f.Name(), err)
		if n > 0 {
			_ = f.f.Truncate(f.size.Load()) // half a command would be taken for the end
		}
		return f.err
	}
	f.size.Add(int64(len(b)))
	return nil
}

// Sync returns when the disk has all that was appended before. Several may be under way.
func (f *File) Sync() error {
	if err := f.f.Sync(); err != nil {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.err = fmt.Errorf("append-only file %s: %w", f.f.Name(), err)
		return f.err
	}
	return nil
}

// Size returns how many bytes the log has. It is the one method that does not block.
func (f *File) Size() int64 { return f.size.Load() }

// Close syncs and closes the log.
func (f *File) Close() error {
	err := f.Sync()
	if cerr := f.f.Close(); err == nil {
		err = cerr
	}
	return err
}
