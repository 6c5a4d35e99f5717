//go:build linux && !portable

package place

import (
	"io/fs"
	"strconv"
	"strings"
)

// A signal is a figure that the kernel gives for every cpu and that is higher for a fast core. Figures differ among
// equals too (favoured cores clock a little higher), so a core counts as slow only below a share of the highest.
type signal struct {
	file    string
	percent int // of the highest figure: from here on a core is fast
}

// In order of authority. Measured against what is sold: little cores have capacities of 250-400 where the largest is
// 1024, and the middle cores of three-tier chips about 750. Favoured cores clock 2-4 % above their equals, the two
// halves of an asymmetric desktop chip lie 8 % apart, ARM's largest and middle cores about 12 %; efficiency and dense
// cores 20 % and more. The first level data cache is private to a core, so that a sibling that is offline cannot bend
// the figure, and of one size among equals.
var signals = [...]signal{
	{"cpu_capacity", 50},
	{"cpufreq/cpuinfo_max_freq", 85},
	{"cache/index0/size", 100},
}

// readKinds returns the kind of each cpu, or nil where all are alike or nothing tells them apart.
func readKinds(sys fs.FS, ids Set) map[int]Kind {
	// Intel's hybrid chips have a performance counter unit per kind of core, which names its cpus. That is the vendor's
	// own word. Besides cpu_core there are cpu_atom and others, so what is not in cpu_core is slow.
	fast := readList(sys, "devices/cpu_core/cpus")
	if kinds := divide(ids, fast.Contains); kinds != nil {
		return kinds
	}
	for _, s := range signals {
		figures, highest := s.read(sys, ids)
		isFast := func(cpu int) bool { return figures[cpu]*100 >= highest*s.percent }
		if kinds := divide(ids, isFast); kinds != nil {
			return kinds
		}
	}
	return nil
}

// divide sorts ids into two kinds; if they are all of one, there is nothing to tell apart.
func divide(ids Set, isFast func(cpu int) bool) map[int]Kind {
	kinds := make(map[int]Kind, len(ids))
	fast := 0
	for _, id := range ids {
		kinds[id] = Efficiency
		if isFast(id) {
			kinds[id] = Performance
			fast++
		}
	}
	if fast == 0 || fast == len(ids) {
		return nil
	}
	return kinds
}

// read returns the figure of every cpu and the highest. If one cpu has none the others say nothing either: both are
// empty then, and all cpus alike.
func (s signal) read(sys fs.FS, ids Set) (figures map[int]int, highest int) {
	figures = make(map[int]int, len(ids))
	for _, id := range ids {
		// Cache sizes end in "K".
		n, err := strconv.Atoi(strings.TrimSuffix(readText(sys, cpuFile(id, s.file)), "K"))
		if err != nil || n <= 0 {
			return nil, 0
		}
		figures[id] = n
		highest = max(highest, n)
	}
	return figures, highest
}
