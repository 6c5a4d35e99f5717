package place

// Pin confines the calling thread to the cpus of s, reads the mask back from the kernel, and returns what it read.
//
// The calling goroutine must be locked to its thread (runtime.LockOSThread) before, and should end locked: Pin has no
// way to check that, and a goroutine that is not locked pins whichever thread it happens to be on and then leaves it.
// Memory that the thread is to use is best allocated and first touched after Pin, so that it comes from the cpu's node.
//
// The error names the cpu that is not a cpu number or not [Allowed], and what is; then nothing was changed. A refusal
// by the kernel is wrapped, so that errors.Is(err, unix.EPERM) finds the seccomp filter of a container. If the kernel
// granted less than was asked (the cpuset changed under way), the error says so and the set returned is what holds now.
// Where threads cannot be pinned at all the error is [errors.ErrUnsupported].
func Pin(s Set) (Set, error) { return pin(s) }
