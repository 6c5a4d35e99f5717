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

// sleeper sleeps on the word itself, or, where loops are more than Ps, on a channel: a thread
// that sleeps in a system call keeps its P until the runtime's monitor takes it, for up to 10 ms,
// and the loop or the sender that needs it waits for as long.
type sleeper struct {
	channel chanSleeper
	crowded atomic.Bool // set before a sleep: it is on the channel
}

func (s *sleeper) init() { s.channel.init() }

// longest is the longest timeout that is handed to the kernel: on 32-bit machines
// a Timespec holds 68 years.
const longest = time.Hour

// sleep blocks while word is parked, for timeout at most (negative: for ever). It
// may return early. It is a real Syscall: the scheduler must know that this
// thread blocks, or the next stop-the-world would wait for it.
func (s *sleeper) sleep(word *atomic.Uint32, timeout time.Duration) {
	if s.crowded.Load() {
		s.channel.sleep(word, timeout)
		return
	}
	var limit *unix.Timespec
	if timeout >= 0 {
		ts := unix.NsecToTimespec(int64(min(timeout, longest)))
		limit = &ts
	}
	_, _, _ = unix.Syscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(word)), futexWaitPrivate, uintptr(parked), uintptr(unsafe.Pointer(limit)), 0, 0)
}

// choose settles where the next sleep is, before anyone can see that there will be one. A wake
// that is late, for a sleep before, may go to the wrong place: it is for nothing then, wherever
// it goes.
func (s *sleeper) choose(crowded bool) {
	if crowded != s.crowded.Load() {
		s.crowded.Store(crowded)
	}
}

// wake ends the sleep on word. It cannot block, so the scheduler is not told.
func (s *sleeper) wake(word *atomic.Uint32) {
	if s.crowded.Load() {
		s.channel.wake()
		return
	}
	_, _, _ = unix.RawSyscall(unix.SYS_FUTEX, uintptr(unsafe.Pointer(word)), futexWakePrivate, 1)
}
