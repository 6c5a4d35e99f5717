package place

import (
	"slices"
	"strconv"
	"strings"
)

// MaxCPU is the highest cpu number that a list may name. Linux is built for 8192 cpus at most today; the limit is there
// so that a slip of the finger in a list costs an error and not a gigabyte.
const MaxCPU = 65535

// Set is a set of cpu numbers. A nil or empty Set means "no cpu in particular", that is: not pinned.
//
// [Of], [Parse] and [Allowed] return sets that are sorted and distinct. The []int that [Choose] returns is assignable
// to a Set too and keeps its order of preference; every method here accepts that. A Set is a plain slice: whoever
// shares one between goroutines must not change it.
type Set []int

// Of returns the set of the given cpus, sorted, each once. It judges nothing: a number that no machine has is named by
// [Pin] or [ChooseFrom], which know what is allowed.
func Of(cpus ...int) Set {
	s := slices.Clone(cpus)
	slices.Sort(s)
	return slices.Compact(s)
}

// Contains reports whether cpu is in s.
func (s Set) Contains(cpu int) bool {
	return slices.Contains(s, cpu) // not a binary search: s may be in order of preference
}

// String writes s as the kernel does: ascending, runs as ranges, "1-3,5". The empty set is "". [Parse] reads it back.
func (s Set) String() string {
	sorted := Of(s...)
	var b strings.Builder
	for first := 0; first < len(sorted); {
		last := first
		for last+1 < len(sorted) && sorted[last+1] == sorted[last]+1 {
			last++
		}
		if first > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.Itoa(sorted[first]))
		if last > first {
			b.WriteByte('-')
			b.WriteString(strconv.Itoa(sorted[last]))
		}
		first = last + 1
	}
	return b.String()
}
