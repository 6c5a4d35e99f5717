package sockets

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/pushcore/pushcore/exec/place"
)

// errSystem is nil: servers can be measured here.
var errSystem error

// onCPUs calls f while the calling thread may run on these cpus only.
func onCPUs(cpus []int, f func() error) (err error) {
	before, err := place.Allowed()
	if err != nil {
		return err
	}
	if _, err := place.Pin(place.Of(cpus...)); err != nil {
		return err
	}
	defer func() {
		_, again := place.Pin(before)
		err = errors.Join(err, again)
	}()
	return f()
}

// cpu returns the processor time that the process has used: all its threads, those that have ended included. It is
// utime + stime of /proc/PID/stat, but in nanoseconds.
func (p *process) cpu() (time.Duration, error) {
	const schedulerClock = 2 // CPUCLOCK_SCHED: the clock of a process is its inverted id and this
	var ts unix.Timespec
	if err := unix.ClockGettime(int32(^p.cmd.Process.Pid<<3|schedulerClock), &ts); err != nil {
		return 0, fmt.Errorf("the processor time of %s: %w", p.cmd.Path, err)
	}
	return time.Duration(ts.Nano()), nil
}

// memory returns the memory that is the process's own, in bytes: that of files is not counted.
func (p *process) memory() (bytes float64, err error) {
	file := fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid)
	b, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, "RssAnon:"); ok {
			kB, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 64)
			return kB * 1024, err
		}
	}
	return 0, fmt.Errorf("%s has no RssAnon", file)
}

// settle has a server that knows SIGUSR1 give back the memory that it does not need.
func (p *process) settle() error {
	p.settled++
	if err := p.cmd.Process.Signal(syscall.SIGUSR1); err != nil {
		return err
	}
	return p.says("settled", p.settled)
}

// maxFiles returns how many files a program that asks for it may have open.
func maxFiles() uint64 {
	var l unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &l) != nil {
		return 0
	}
	return l.Max
}
