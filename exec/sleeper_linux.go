//go:build linux && !portable

package exec

import (
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Operations of futex(2); x/sys has the number of the call only.
const (
	futexWaitPrivate = 0 | 128
	futexWakePrivate = 1 | 128
)

// sleeper sleeps on the word itself.
type sleeper struct{}

func (*sleeper) init() {}

// longest is the longest timeout that is handed to the kernel: on 32-bit machines
// a Timespec holds 68 years.
const longest = time.Hour

// sleep blocks while word is parked, for timeout at most (negative: for ever). It
// may return early. It is a real Syscall: the scheduler must know that this
// thread blocks, or the next stop-the-world would wait for it.
func (*sleeper) sleep(word *atomic.Uint32, timeout time.Duration) {
	var limit *unix.Timespec
	if timeout >= 0 {
		ts := unix.NsecToTimespec(int64(min(timeout, longest)))
		limit = &ts
	}
	_, _, _ = unix.Syscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(word)), futexWaitPrivate, uintptr(parked), uintptr(unsafe.Pointer(limit)), 0, 0)
}

// wake ends the sleep on word. It cannot block, so the scheduler is not told.
func (*sleeper) wake(word *atomic.Uint32) {
	_, _, _ = unix.RawSyscall(unix.SYS_FUTEX, uintptr(unsafe.Pointer(word)), futexWakePrivate, 1)
}
