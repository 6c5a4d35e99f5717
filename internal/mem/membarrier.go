package mem

import (
	"sync"
	"sync/atomic"
)

// Asymmetric Dekker. Two threads each store a flag and then load the other's;
// at least one must see the other's store. Normally both pay a fence. With
// membarrier(2) the rare side (an Exec that parks, a ring that closes) makes
// every running thread of the process execute one, and the frequent side
// (every push) pays nothing.

// ready is set once the kernel has accepted the registration. A pusher that
// still sees false merely fences without need.
var ready atomic.Bool

var register = sync.OnceFunc(func() { ready.Store(membarrierRegister()) })

// RegisterMembarrier announces to the kernel, once per process, that Membarrier
// will be used. Whoever makes something that calls Membarrier calls it first.
// The first call may take some milliseconds; it is safe from any goroutine.
func RegisterMembarrier() { register() }

// NeedFence reports whether the frequent side must call Fence between its
// StoreRelease and its load. It is constant on most architectures and one
// load elsewhere.
func NeedFence() bool { return releaseIsWeak && !ready.Load() }

// MembarrierIsDear reports whether Membarrier interrupts other cores. It is the same for as
// long as the process lives once RegisterMembarrier has returned.
func MembarrierIsDear() bool { return releaseIsWeak && ready.Load() }

// Membarrier is the rare side's fence: when it returns, every thread of the
// process has passed a full fence since the call began, or NeedFence has been
// true all along. It costs some 10 us and interrupts every core that runs this
// process.
func Membarrier() {
	if !releaseIsWeak || !ready.Load() {
		Fence()
		return
	}
	if !membarrier() {
		// Pushers rely on it and have stopped fencing: going on could lose items.
		panic("mem: the kernel refused membarrier(2) after it had registered the process for it")
	}
}
