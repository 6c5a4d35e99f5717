//go:build linux && !portable

package place

import (
	"io/fs"
	"os"
)

func layout(allowed Set) []CPU { return readTopology(os.DirFS("/sys"), allowed, askProcessor) }

// readTopology is [Topology] below a directory that stands for /sys, which tests make up. ask describes the cpus of a
// set as the processor does, or returns nil.
func readTopology(sys fs.FS, allowed Set, ask func(Set) []CPU) []CPU {
	// The allowed ones come first in importance: lxcfs shows "0-1" as online in a container that runs on cpus 6 and 7.
	online := readList(sys, cpuDir+"/online")
	ids := Of(append(online, allowed...)...)

	nodes := readNodes(sys)
	kinds := readKinds(sys, ids)
	cores := readCores(sys, ids)
	cpus := make([]CPU, len(ids))
	complete := true
	for i, id := range ids {
		c := CPU{ID: id, Node: nodes[id], Kind: kinds[id], SMT: cores[id]}
		if pkg, ok := readNumber(sys, cpuFile(id, "topology/physical_package_id")); ok {
			c.Package = pkg
		}
		c.L2, c.L3 = readCaches(sys, id)
		cpus[i] = c
		complete = complete && c.SMT != nil && c.L3 != nil
	}
	if !complete {
		merge(cpus, ask(allowed))
	}
	for i := range cpus {
		if c := &cpus[i]; c.SMT == nil {
			c.SMT = Set{c.ID}
		}
	}
	numberCores(cpus)
	return cpus
}

// merge fills in what cpus lack from what the processor says of the same cpus. The kernel's word goes first: it knows
// of the firmware's corrections.
func merge(cpus, processor []CPU) {
	said := make(map[int]CPU, len(processor))
	for _, c := range processor {
		said[c.ID] = c
	}
	for i := range cpus {
		c := &cpus[i]
		p, ok := said[c.ID]
		if !ok {
			continue
		}
		if c.SMT == nil {
			c.SMT, c.Package = p.SMT, p.Package
		}
		if c.L3 == nil {
			c.L2, c.L3 = p.L2, p.L3
		}
		if c.Kind == Uniform {
			c.Kind = p.Kind
		}
	}
}
