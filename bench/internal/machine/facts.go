package machine

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"strconv"
	"strings"

	"github.com/klauspost/cpuid/v2"
	"github.com/pushcore/pushcore/bench/internal/stat"
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
	Revision   string  `json:"revision"`
	Go         string  `json:"go"`
	GoMaxProcs int     `json:"gomaxprocs"`
	GC         string  `json:"gc"`
	Compilers  string  `json:"compilers"` // of peers in other languages
	Peers      string  `json:"peers"`     // in Go, that are part of this program
	CPeers     string  `json:"c_peers"`   // libraries in C, as pkg-config knows them
	CPUs       [2]int  `json:"cpus"`      // to which is pinned
	LineTripNs float64 `json:"line_round_trip_ns"`
	SkewTicks  int64   `json:"clock_skew_ticks"`
}

// ReadFacts asks the system; what it does not tell is "unknown". What must be measured is left to the caller.
func ReadFacts(cpus [2]int) Facts {
	return Facts{
		OS: runtime.GOOS, Arch: runtime.GOARCH, CPU: CPU(), Topology: topology(), Kernel: Kernel(), Hypervisor: hypervisor(),
		Governor: governors(cpus), Isolation: isolation(), Quota: quota(),
		Revision: revision(), Compilers: compilers(), Peers: peers(), CPeers: cPeers(),
		Go: goVersion(), GoMaxProcs: runtime.GOMAXPROCS(0), GC: collector(), CPUs: cpus,
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
		{"revision", f.Revision}, {"go", f.Go}, {"gomaxprocs", strconv.Itoa(f.GoMaxProcs)}, {"gc", f.GC},
		{"compilers", f.Compilers}, {"go-peers", f.Peers}, {"c-peers", f.CPeers},
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
	return strings.Join([]string{
		stat.Count(len(cpus), "cpu"), stat.Count(len(cores), "core"), stat.Count(len(caches), "last-level cache"),
		stat.Count(len(nodes), "NUMA node"), stat.Count(len(sockets), "socket"),
	}, ", ") + fmt.Sprintf("; cache line %d B", cpuid.CPU.CacheLine)
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

// governors names that of each cpu, or the one that all have.
func governors(cpus [2]int) string {
	first, second := governor(cpus[0]), governor(cpus[1])
	if first == second {
		return first
	}
	return fmt.Sprintf("%s on cpu %d, %s on cpu %d", first, cpus[0], second, cpus[1])
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
	return text
}
