package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// header describes the machine in lines that benchstat keeps beside the results.
func (s *session) header() error {
	both := spot{cpus: s.cpus, pinned: true}
	trip, err := lineRoundTrip(both, 1<<15)
	if err != nil {
		return err
	}
	if s.skew, err = clockSkew(both); err != nil {
		return err
	}
	fmt.Fprintf(s.raw, "goos: %s\ngoarch: %s\npkg: github.com/pushcore/pushcore/bench\n", runtime.GOOS, runtime.GOARCH)
	fmt.Fprintf(s.raw, "cpu: %s\nkernel: %s\ngo: %s\n", field("/proc/cpuinfo", "model name"), kernel(), runtime.Version())
	fmt.Fprintf(s.raw, "tokio: %s\n", tokioVersion())
	fmt.Fprintf(s.raw, "gomaxprocs: %d\npinned: %d,%d\nline-roundtrip-ns: %s\nclock-skew-ticks: %d\n",
		runtime.GOMAXPROCS(0), s.cpus[0], s.cpus[1], figure(trip.value), s.skew)
	return nil
}

// footer says what the machine did beside this program: figures from a machine that others use are worth little.
func (s *session) footer(before usage) {
	after := readUsage()
	if before.busy > 0 {
		others := max(0, after.busy-before.busy-(after.own-before.own))
		steal := after.steal - before.steal
		fmt.Fprintf(s.raw, "steal-seconds: %.2f\nothers-cpu-seconds: %.2f\n", steal, others)
		if wall := after.at.Sub(before.at).Seconds(); others+steal > wall/20 {
			fmt.Fprintf(s.text, "\nNote: in these %.0f s others had %.0f s of this machine's processors: expect noise\n", wall, others+steal)
		}
	}
}

// usage is processor time in seconds.
type usage struct {
	busy  float64 // of all cpus, since boot; 0 if nobody counts it
	steal float64 // withheld by the hypervisor
	own   float64 // of this process and the children that it has waited for
	at    time.Time
}

func readUsage() (u usage) {
	// user nice system idle iowait irq softirq steal, in 1/100 s: the kernel's USER_HZ is 100 on every architecture
	// that Go runs on.
	for i, f := range strings.Fields(field("/proc/stat", "cpu ")) {
		v, err := strconv.ParseFloat(f, 64)
		if err != nil {
			return usage{}
		}
		switch i {
		case 0, 1, 2, 5, 6:
			u.busy += v / 100
		case 7:
			u.steal = v / 100
		}
	}
	u.at = time.Now()
	if own, err := cpuTime(true); err == nil {
		u.own = own.Seconds()
	}
	return u
}

func kernel() string {
	b, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(b))
}

// field returns the rest of the first line of the file that begins with name.
func field(file, name string) string {
	f, err := os.Open(file)
	if err != nil {
		return "unknown"
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if rest, ok := strings.CutPrefix(lines.Text(), name); ok {
			return strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(rest), ":"))
		}
	}
	return "unknown"
}
