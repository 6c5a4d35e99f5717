package place

import "slices"

// CPU is one logical cpu, as the scheduler counts them, and what it shares with others.
type CPU struct {
	ID      int // the number that lists and masks use
	Node    int // NUMA node; 0 where the machine does not say
	Package int // socket; 0 where the machine does not say

	// Core is the physical core, counted over the whole machine from 0 in the order of each core's lowest cpu: equal
	// for SMT siblings, different for all others. The kernel's core_id, which starts again in every package, is not
	// used.
	Core int

	SMT Set // the cpus of the same physical core, this one included: never empty
	L2  Set // the cpus that share its level 2 cache, this one included; nil where the machine does not say
	L3  Set // the same for its last level cache, which is the level 2 cache on a machine that has no third

	Kind Kind // fast or slow, on a chip that has both
}

// Kind tells the cores of a hybrid chip apart.
type Kind uint8

const (
	Uniform     Kind = iota // all cores are alike, or the machine does not say
	Performance             // P-core, big core
	Efficiency              // E-core, little core, dense core
)

// String returns "uniform", "performance" or "efficiency".
func (k Kind) String() string {
	switch k {
	case Performance:
		return "performance"
	case Efficiency:
		return "efficiency"
	}
	return "uniform"
}

// Topology describes the cpus of the machine that are online, in ascending order of their numbers, which may have
// holes. Those that are [Allowed] are always among them; in a container there are usually others.
//
// On Linux it reads /sys. What is missing there, as in some containers and small VMs, is asked of the processor by
// running its cpuid instruction on every allowed cpu, on a thread that is used for nothing else and ended afterwards
// (amd64). What is still missing is as documented at the fields of [CPU], and never an error: the only error is that of
// Allowed. On other systems the topology is flat: every cpu is a core of its own, and nothing is known to be shared.
func Topology() ([]CPU, error) {
	allowed, err := Allowed()
	if err != nil {
		return nil, err
	}
	return layout(allowed), nil
}

// flat describes cpus of which nothing is known.
func flat(s Set) []CPU {
	cpus := make([]CPU, len(s))
	for i, id := range s {
		cpus[i] = CPU{ID: id, SMT: Set{id}}
	}
	numberCores(cpus)
	return cpus
}

// numberCores fills in Core from SMT. A core is known by its lowest sibling, so that two files that disagree about who
// the siblings are make two cores and not a contradiction.
func numberCores(cpus []CPU) {
	lowest := map[int]int{} // lowest sibling -> Core
	for i := range cpus {
		key := slices.Min(cpus[i].SMT)
		if _, known := lowest[key]; !known {
			lowest[key] = len(lowest)
		}
		cpus[i].Core = lowest[key]
	}
}
