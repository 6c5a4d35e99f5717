//go:build linux && !portable

package place

import (
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

// The files of /sys that describe cpus. Every reader treats a file that is missing, empty or garbled alike: the machine
// does not say. Documentation/ABI/stable/sysfs-devices-system-cpu in the kernel's tree describes them.
const (
	cpuDir  = "devices/system/cpu"
	nodeDir = "devices/system/node"
)

func cpuFile(cpu int, name string) string { return fmt.Sprintf("%s/cpu%d/%s", cpuDir, cpu, name) }

// readCores returns the SMT siblings of each cpu of which they are known.
func readCores(sys fs.FS, ids Set) map[int]Set {
	type core struct{ pkg, id int }
	cores := map[int]Set{}
	rest := map[core]Set{} // cpus without a list of siblings, by the core they say they are on
	for _, id := range ids {
		if s := readSharing(sys, id, cpuFile(id, "topology/thread_siblings_list")); s != nil {
			cores[id] = s
		} else if s := readSharing(sys, id, cpuFile(id, "topology/core_cpus_list")); s != nil {
			cores[id] = s
		} else {
			pkg, ok1 := readNumber(sys, cpuFile(id, "topology/physical_package_id"))
			num, ok2 := readNumber(sys, cpuFile(id, "topology/core_id"))
			if ok1 && ok2 {
				rest[core{pkg, num}] = append(rest[core{pkg, num}], id)
			}
		}
	}
	for _, siblings := range rest {
		for _, id := range siblings {
			cores[id] = siblings
		}
	}
	return cores
}

// readCaches returns who shares cpu's level 2 and last level caches. The kernel numbers the caches without holes, and
// no processor has anywhere near 16.
func readCaches(sys fs.FS, cpu int) (l2, l3 Set) {
	for i := range 16 {
		dir := cpuFile(cpu, fmt.Sprintf("cache/index%d/", i))
		level, ok := readNumber(sys, dir+"level")
		if !ok {
			break
		}
		if readText(sys, dir+"type") == "Instruction" {
			continue
		}
		switch level {
		case 2:
			l2 = readSharing(sys, cpu, dir+"shared_cpu_list")
		case 3:
			l3 = readSharing(sys, cpu, dir+"shared_cpu_list")
		}
	}
	if l3 == nil {
		l3 = l2
	}
	return l2, l3
}

// readNodes returns the NUMA node of each cpu that some node claims.
func readNodes(sys fs.FS) map[int]int {
	nodes := map[int]int{}
	dirs, _ := fs.Glob(sys, nodeDir+"/node[0-9]*") // the only error is a bad pattern
	for _, dir := range dirs {
		node, err := strconv.Atoi(strings.TrimPrefix(dir, nodeDir+"/node"))
		if err != nil {
			continue
		}
		for _, cpu := range readList(sys, dir+"/cpulist") {
			nodes[cpu] = node
		}
	}
	return nodes
}

// readSharing reads the list of those who share something with cpu; one that leaves out cpu itself is not believed.
func readSharing(sys fs.FS, cpu int, name string) Set {
	if s := readList(sys, name); s.Contains(cpu) {
		return s
	}
	return nil
}

func readList(sys fs.FS, name string) Set {
	s, err := Parse(readText(sys, name))
	if err != nil {
		return nil
	}
	return s
}

// readNumber reads a number; a negative one is how the kernel says that it does not know.
func readNumber(sys fs.FS, name string) (int, bool) {
	n, err := strconv.Atoi(readText(sys, name))
	return n, err == nil && n >= 0
}

// readText returns a file without the blanks around it, "" if it cannot be read. Files of the kernel's are small.
func readText(sys fs.FS, name string) string {
	text, err := fs.ReadFile(sys, name)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}
