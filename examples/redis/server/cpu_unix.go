//go:build unix

package server

import (
	"fmt"
	"syscall"
)

// cpuTimes are the seconds that the process has had of processors, for INFO.
func cpuTimes() []any {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return nil
	}
	return []any{"used_cpu_sys", seconds(u.Stime), "used_cpu_user", seconds(u.Utime)}
}

func seconds(t syscall.Timeval) string { return fmt.Sprintf("%d.%06d", t.Sec, t.Usec) }
