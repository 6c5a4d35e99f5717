// Package gid tells goroutines apart: it answers "is this the goroutine that I
// saw before?" for code that must know whether it runs on an Exec's loop.
package gid

import (
	"bytes"
	"runtime"
	"strconv"
)

// Current returns a token of the calling goroutine. Two goroutines that live at
// the same time have different tokens; a token may be used again after its
// goroutine has ended. It is never 0.
func Current() uintptr { return current() }

// Number returns the number under which the calling goroutine appears in stack
// traces. It costs about a microsecond: for messages only.
func Number() uint64 {
	var buf [64]byte
	line := buf[:runtime.Stack(buf[:], false)] // "goroutine 18 [running]:..."
	line = bytes.TrimPrefix(line, []byte("goroutine "))
	digits, _, _ := bytes.Cut(line, []byte(" "))
	n, err := strconv.ParseUint(string(digits), 10, 64)
	if err != nil {
		panic("gid: runtime.Stack does not begin with a goroutine's number: " + string(line))
	}
	return n
}
