package exec_test

import (
	"golang.org/x/sys/unix"

	"github.com/pushcore/pushcore/exec/place"
)

// thread returns the number of the calling thread.
func thread() int { return unix.Gettid() }

// quotaAllows reports whether the cgroup grants n processors or more.
func quotaAllows(n int) bool {
	cpus, limited := place.Quota()
	return !limited || cpus >= float64(n)
}

// threadExists reports whether this process has a thread of that number.
func threadExists(id int) bool {
	return unix.Tgkill(unix.Getpid(), id, 0) == nil
}
