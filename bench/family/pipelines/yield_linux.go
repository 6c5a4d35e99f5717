package pipelines

import "golang.org/x/sys/unix"

// yieldCPU lets another thread run on this cpu. runtime.Gosched would put a goroutine that is locked to its thread to
// sleep and wake it again, which takes some microseconds even where nobody else is there.
func yieldCPU() { unix.RawSyscall(unix.SYS_SCHED_YIELD, 0, 0, 0) }
