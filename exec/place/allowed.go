package place

import (
	"errors"
	"fmt"
)

// Allowed returns the cpus on which this process may run, as the cgroup's cpuset and taskset leave them; cpus that are
// offline are not among them.
//
// It is the process's answer and not the calling thread's: that one may be pinned already, and would report its one
// cpu. So on Linux it reads the mask of the process's main thread (sched_getaffinity of the pid), which nobody pins on
// purpose. Somebody may by accident: the scheduler runs any goroutine on the main thread, also one that then locks
// itself there and pins. Therefore the masks of the other threads are added. The runtime's own threads among them are
// never pinned, they keep what the process was started with, and follow when the cpuset changes.
//
// Elsewhere the answer is 0 to runtime.NumCPU-1.
func Allowed() (Set, error) { return allowed() }

// check returns an error unless every cpu of s is in allowed, naming the first that is not.
func check(s, allowed Set) error {
	if len(s) == 0 {
		return fmt.Errorf("place: the set of cpus is empty, name at least one (allowed: %s)", show(allowed))
	}
	for _, cpu := range s {
		switch {
		case cpu < 0 || cpu > MaxCPU:
			return fmt.Errorf("place: %d is not a cpu number, those are 0-%d (allowed: %s)", cpu, MaxCPU, show(allowed))
		case !allowed.Contains(cpu):
			return fmt.Errorf("place: cpu %d is not allowed here (allowed: %s)", cpu, show(allowed))
		}
	}
	return nil
}

// show is String for messages, where an empty set must be visible.
func show(s Set) string {
	if len(s) == 0 {
		return "none"
	}
	return s.String()
}

// errNoCPU: the kernel gives every thread at least one cpu, so an empty mask means that it was not read.
var errNoCPU = errors.New("the mask is empty")
