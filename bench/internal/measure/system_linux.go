package measure

import (
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// futex(2)'s operations, for words that one process uses alone.
const (
	futexWaitPrivate = 128
	futexWakePrivate = 129
)

// FutexWait sleeps while word holds v, at most 20 ms: a raw system call keeps the garbage collector waiting, and
// whoever is to wake the sleeper may be stopped for it. Raw, because this is the floor.
func FutexWait(word *atomic.Uint32, v uint32) {
	limit := unix.NsecToTimespec(int64(20 * time.Millisecond))
	unix.RawSyscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(word)), futexWaitPrivate, uintptr(v),
		uintptr(unsafe.Pointer(&limit)), 0, 0)
}

// FutexWake wakes one who sleeps there.
func FutexWake(word *atomic.Uint32) {
	unix.RawSyscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(word)), futexWakePrivate, 1, 0, 0, 0)
}

// FutexHere says that this system has futexes.
const FutexHere = true

// Yield gives the thread's cpu to another thread that waits for it, if one does. It is raw: the caller keeps its P.
func Yield() { unix.RawSyscall(unix.SYS_SCHED_YIELD, 0, 0, 0) }

// CPUTime returns the processor time that this process has used, and with children also theirs, once waited for.
func CPUTime(children bool) (total time.Duration, err error) {
	who := []int{unix.RUSAGE_SELF, unix.RUSAGE_CHILDREN}
	if !children {
		who = who[:1]
	}
	for _, w := range who {
		var u unix.Rusage
		if err := unix.Getrusage(w, &u); err != nil {
			return 0, err
		}
		total += time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	return total, nil
}
