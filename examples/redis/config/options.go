// Package config reads what the server is told: flags over a file over defaults, in the words
// of redis.conf.
package config

import (
	"runtime"
	"time"

	"github.com/pushcore/pushcore/examples/internal/observe"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/place"
)

// Options are what the server is told. They are not changed once they are in use: CONFIG SET
// makes new ones.
type Options struct {
	Port           int
	Bind           []string
	IOThreads      int // workers; 0: one for each processor that the process may use
	CPUs           place.Set
	Spin           time.Duration // how long an idle worker polls before it sleeps
	MaxClients     int
	Timeout        int // seconds; 0: none
	MaxBulk        int // bytes of an argument
	QueryLimit     int // bytes of a request
	ReplyLimit     int // bytes of replies that are gathered before they are written
	AppendOnly     bool
	AppendFsync    string
	Dir            string
	AppendFilename string
	AppendWarn     int // bytes of the append-only file from which on there is a warning; 0: none
	JSON           bool
	Observe        observe.Config
	OnStall        func(exec.Stall) // is told of stalls; nil: they are logged

	// What OBJECT ENCODING says depends on these. Lists have one form here, so that those of
	// lists are only kept.
	HashEntries, HashBytes, SetInts int
	ListSize, ListDepth             int

	File string // that was read, or ""
}

// The policies of appendfsync.
const (
	Always   = "always"
	EverySec = "everysec"
	No       = "no"
)

// MaxThreads is how many workers there may be: each has a ring to each.
const MaxThreads = 32

// Default returns the options of a server that is told nothing.
func Default() *Options {
	return &Options{
		Port:           6379,
		Bind:           []string{"127.0.0.1"},
		MaxClients:     10000,
		MaxBulk:        512 << 20,
		QueryLimit:     1 << 30,
		ReplyLimit:     64 << 10,
		AppendFsync:    EverySec,
		Dir:            ".",
		AppendFilename: "appendonly.aof",
		AppendWarn:     1 << 30,
		HashEntries:    512,
		HashBytes:      64,
		SetInts:        512,
		ListSize:       -2,
	}
}

// Threads returns how many workers there are to be.
func (o *Options) Threads() int {
	if o.IOThreads > 0 {
		return o.IOThreads
	}
	if len(o.CPUs) > 0 {
		return len(o.CPUs)
	}
	n := runtime.NumCPU()
	if allowed, err := place.Allowed(); err == nil {
		n = len(allowed)
	}
	return min(max(n, 1), MaxThreads)
}
