package place

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Parse reads a cpu list as DPDK's -l, taskset -c and the kernel's own files write it: numbers and ranges between
// commas, "1-3,5".
//
//   - Blanks around a part or a number are ignored, and so is the newline that ends a file of the kernel's.
//   - An empty list is the empty set: nothing is pinned. An empty part ("1,,3") is an error, as it is most often a typo.
//   - Parts may overlap, repeat and come in any order; the result is sorted and distinct.
//   - A range that runs backwards ("3-1"), a negative number and a number above [MaxCPU] are errors.
//
// The error quotes the part that is wrong, says why, and shows what a list looks like. The cost is bounded by the
// length of the list and by MaxCPU, whatever ranges the list repeats.
func Parse(list string) (Set, error) {
	if strings.TrimSpace(list) == "" {
		return nil, nil
	}
	var spans []span
	for part := range strings.SplitSeq(list, ",") {
		s, err := parsePart(strings.TrimSpace(part))
		if err != nil {
			return nil, fmt.Errorf("place: cpu list: part %q: %w; a list looks like \"1-3,5\"", clip(part), err)
		}
		spans = append(spans, s)
	}
	return flatten(spans), nil
}

// A span is one part of a list: the cpus first to last, both included.
type span struct{ first, last int }

// parsePart reads "5" or "1-3".
func parsePart(part string) (span, error) {
	switch {
	case part == "":
		return span{}, errors.New("empty")
	case part[0] == '-':
		return span{}, errors.New("a cpu number is never negative")
	}
	lo, hi, isRange := strings.Cut(part, "-")
	first, err := parseCPU(lo)
	if err != nil {
		return span{}, err
	}
	if !isRange {
		return span{first, first}, nil
	}
	last, err := parseCPU(hi)
	if err != nil {
		return span{}, err
	}
	if last < first {
		return span{}, fmt.Errorf("the range runs backwards, write %d-%d", last, first)
	}
	return span{first, last}, nil
}

// parseCPU reads one number. ParseUint takes neither signs nor "0x", which is as the kernel has it.
func parseCPU(text string) (int, error) {
	text = strings.TrimSpace(text)
	cpu, err := strconv.ParseUint(text, 10, 32)
	switch {
	case errors.Is(err, strconv.ErrRange), err == nil && cpu > MaxCPU:
		return 0, fmt.Errorf("%s is too large, the highest cpu number is %d", clip(text), MaxCPU)
	case err != nil:
		return 0, fmt.Errorf("%q is not a cpu number (0-%d)", clip(text), MaxCPU)
	}
	return int(cpu), nil
}

// flatten merges spans before it spells them out, so that "0-65535" repeated a thousand times costs one such range.
func flatten(spans []span) Set {
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.first, b.first) })
	var s Set
	next := 0 // every cpu below has been dealt with
	for _, sp := range spans {
		for cpu := max(sp.first, next); cpu <= sp.last; cpu++ {
			s = append(s, cpu)
		}
		next = max(next, sp.last+1)
	}
	return s
}

// clip keeps an error message readable when a file that is no cpu list at all was given for one.
func clip(text string) string {
	const enough = 40
	if len(text) <= enough {
		return text
	}
	return text[:enough] + "..."
}
