package machine

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"slices"
	"strconv"
	"strings"

	"github.com/klauspost/cpuid/v2"
	"github.com/pushcore/pushcore/exec/place"
)

// Facts are what a reader must know of a machine, and of the program's own settings, to make sense of figures.
type Facts struct {
	OS         string  `json:"os"`
	Arch       string  `json:"arch"`
	CPU        string  `json:"cpu"`
	Topology   string  `json:"topology"`
	Kernel     string  `json:"kernel"`
	Hypervisor string  `json:"hypervisor"`
	Governor   string  `json:"governor"`
	Isolation  string  `json:"isolation"`
	Quota      string  `json:"quota"`
	Go         string  `json:"go"`
	GoMaxProcs int     `json:"gomaxprocs"`
	GC         string  `json:"gc"`
	CPUs       [2]int  `json:"cpus"` // to which is pinned
	LineTripNs float64 `json:"line_round_trip_ns"`
	SkewTicks  int64   `json:"clock_skew_ticks"`
}

// ReadFacts asks the system; what it does not tell is "unknown". What must be measured is left to the caller.
func ReadFacts(cpus [2]int) Facts {
	return Facts{
		OS: runtime.GOOS, Arch: runtime.GOARCH, CPU: CPU(), Topology: topology(), Kernel: Kernel(), Hypervisor: hypervisor(),
		Governor: governor(cpus[1]), Isolation: isolation(), Quota: quota(),
		Go: runtime.Version(), GoMaxProcs: runtime.GOMAXPROCS(0), GC: collector(), CPUs: cpus,
	}
}

// Fact is one of them.
type Fact struct{ Name, Value string }

// List returns all facts in the order in which a report shows them. The names are those of benchstat's configuration
// lines.
func (f Facts) List() []Fact {
	return []Fact{
		{"goos", f.OS}, {"goarch", f.Arch}, {"cpu", f.CPU}, {"topology", f.Topology}, {"kernel", f.Kernel},
		{"hypervisor", f.Hypervisor}, {"governor", f.Governor}, {"isolation", f.Isolation}, {"quota", f.Quota},
		{"go", f.Go}, {"gomaxprocs", strconv.Itoa(f.GoMaxProcs)}, {"gc", f.GC},
		{"pinned", fmt.Sprintf("%d,%d", f.CPUs[0], f.CPUs[1])},
		{"line-roundtrip-ns", strconv.FormatFloat(f.LineTripNs, 'f', 1, 64)},
		{"clock-skew-ticks", strconv.FormatInt(f.SkewTicks, 10)},
	}
}

const unknown = "unknown"

// topology says how many of everything there are.
func topology() string {
	cpus, err := place.Topology()
	if err != nil {
		return unknown
	}
	sockets, nodes, cores, caches := map[int]bool{}, map[int]bool{}, map[int]bool{}, map[string]bool{}
	for _, c := range cpus {
		sockets[c.Package], nodes[c.Node], cores[c.Core], caches[c.L3.String()] = true, true, true, true
	}
	return fmt.Sprintf("%d cpus, %d cores, %d last-level caches, %d NUMA nodes, %d sockets; cache line %d B",
		len(cpus), len(cores), len(caches), len(nodes), len(sockets), cpuid.CPU.CacheLine)
}

func hypervisor() string {
	switch {
	case cpuid.CPU.HypervisorVendorString != "":
		return strings.TrimRight(cpuid.CPU.HypervisorVendorString, "\x00")
	case cpuid.CPU.VM():
		return "yes, of no known name"
	case runtime.GOARCH != "amd64":
		return unknown
	}
	return "none"
}

// governor returns the frequency governor of a cpu.
func governor(cpu int) string {
	b, err := os.ReadFile(fmt.Sprintf("/sys/devices/system/cpu/cpu%d/cpufreq/scaling_governor", cpu))
	if errors.Is(err, os.ErrNotExist) {
		return "none here to be seen"
	}
	if err != nil {
		return unknown
	}
	return strings.TrimSpace(string(b))
}

// isolation names the cpus that the kernel keeps its hands off.
func isolation() string {
	var words []string
	for _, name := range []string{"isolated", "nohz_full"} {
		b, err := os.ReadFile(filepath.Join("/sys/devices/system/cpu", name))
		if list := strings.TrimSpace(string(b)); err == nil && list != "" && list != "(null)" {
			words = append(words, name+" "+list)
		}
	}
	if len(words) == 0 {
		return "none"
	}
	return strings.Join(words, ", ")
}

func quota() string {
	if cpus, limited := place.Quota(); limited {
		return fmt.Sprintf("%.2f cpus", cpus)
	}
	return "none"
}

// collector says how the garbage collector is set.
func collector() string {
	s := []metrics.Sample{{Name: "/gc/gogc:percent"}, {Name: "/gc/gomemlimit:bytes"}}
	metrics.Read(s)
	text := "GOGC=" + strconv.FormatUint(s[0].Value.Uint64(), 10)
	if s[0].Value.Uint64() > 1<<31 {
		text = "GOGC=off"
	}
	if limit := s[1].Value.Uint64(); limit < 1<<62 {
		text += fmt.Sprintf(" GOMEMLIMIT=%d", limit)
	}
	if build, ok := debug.ReadBuildInfo(); ok {
		if i := slices.IndexFunc(build.Settings, func(s debug.BuildSetting) bool { return s.Key == "GOEXPERIMENT" }); i >= 0 {
			text += " GOEXPERIMENT=" + build.Settings[i].Value
		}
	}
	return text
}
