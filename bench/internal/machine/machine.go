// Package machine says what a measurement ran on, and who else did.
package machine

import (
	"bufio"
	"cmp"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/klauspost/cpuid/v2"
)

// Usage is processor time in seconds, at a moment.
type Usage struct {
	Busy  float64 // of all cpus, since boot; 0 if nobody counts it
	Steal float64 // withheld by the hypervisor
	At    time.Time
}

// ReadUsage reads what the system counts.
func ReadUsage() (u Usage) {
	u.At = time.Now()
	// user nice system idle iowait irq softirq steal, in 1/100 s: the kernel's USER_HZ is 100 on every architecture
	// that Go runs on.
	for i, f := range strings.Fields(Field("/proc/stat", "cpu ")) {
		v, err := strconv.ParseFloat(f, 64)
		if err != nil {
			return Usage{At: u.At}
		}
		switch i {
		case 0, 1, 2, 5, 6:
			u.Busy += v / 100
		case 7:
			u.Steal = v / 100
		}
	}
	return u
}

// Kernel returns the kernel's release.
func Kernel() string {
	b, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		return unknown
	}
	return strings.TrimSpace(string(b))
}

// CPU returns the name of the processor. Not every kernel tells it.
func CPU() string {
	if name := Field("/proc/cpuinfo", "model name"); name != unknown {
		return name
	}
	return cmp.Or(cpuid.CPU.BrandName, unknown)
}

// Field returns the rest of the first line of the file that begins with name.
func Field(file, name string) string {
	f, err := os.Open(file)
	if err != nil {
		return unknown
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if rest, ok := strings.CutPrefix(lines.Text(), name); ok {
			return strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(rest), ":"))
		}
	}
	return unknown
}
