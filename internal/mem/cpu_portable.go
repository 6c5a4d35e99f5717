//go:build (!amd64 && !arm64) || !gc || portable

package mem

import "sync/atomic"

// Pause marks a polling loop. There is no instruction for it here: it costs a
// call and does nothing.
//
//go:noinline
func Pause() {}

// Fence orders every earlier load and store of the calling goroutine before
// every later one: Go's atomics are sequentially consistent, so one on a word
// of the goroutine's own is enough.
func Fence() {
	var word atomic.Uint32
	word.Add(1)
}

func counter() int64 { return nanotime() }

const hasCounter = false
