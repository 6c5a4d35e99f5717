package main

import (
	"fmt"
	"runtime"

	"github.com/pushcore/pushcore/bench/internal/cargo"
	"github.com/pushcore/pushcore/bench/internal/machine"
	"github.com/pushcore/pushcore/bench/internal/stat"
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
	fmt.Fprintf(s.raw, "cpu: %s\nkernel: %s\ngo: %s\n", machine.CPU(), machine.Kernel(), runtime.Version())
	fmt.Fprintf(s.raw, "tokio: %s\n", cargo.TokioVersion())
	fmt.Fprintf(s.raw, "gomaxprocs: %d\npinned: %d,%d\nline-roundtrip-ns: %s\nclock-skew-ticks: %d\n",
		runtime.GOMAXPROCS(0), s.cpus[0], s.cpus[1], stat.Figure(trip.value), s.skew)
	return nil
}

// footer says what the machine did beside this program: figures from a machine that others use are worth little.
func (s *session) footer(before usage) {
	after := readUsage()
	if before.Busy > 0 {
		others := max(0, after.Busy-before.Busy-(after.own-before.own))
		steal := after.Steal - before.Steal
		fmt.Fprintf(s.raw, "steal-seconds: %.2f\nothers-cpu-seconds: %.2f\n", steal, others)
		if wall := after.At.Sub(before.At).Seconds(); others+steal > wall/20 {
			fmt.Fprintf(s.text, "\nNote: in these %.0f s others had %.0f s of this machine's processors: expect noise\n", wall, others+steal)
		}
	}
}

// usage is processor time in seconds.
type usage struct {
	machine.Usage
	own float64 // of this process and the children that it has waited for
}

func readUsage() usage {
	u := usage{Usage: machine.ReadUsage()}
	if own, err := cpuTime(true); err == nil {
		u.own = own.Seconds()
	}
	return u
}
