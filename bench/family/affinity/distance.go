package affinity

import (
	"fmt"
	"sync"

	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/exec/place"
)

// distance is how far two cpus are apart.
type distance struct {
	name  string
	among func(a, b place.CPU) bool
	lacks string // why a machine has no such pair
}

var distances = []distance{{
	"same-cpu", func(a, b place.CPU) bool { return a.ID == b.ID }, "no cpu is allowed",
}, {
	"smt", func(a, b place.CPU) bool { return a.ID != b.ID && a.Core == b.Core },
	"no SMT siblings among the allowed cpus",
}, {
	"same-cache", func(a, b place.CPU) bool { return a.Core != b.Core && a.L3.Contains(b.ID) },
	"no two cores among the allowed cpus are known to share a last level cache",
}, {
	"other-cache", func(a, b place.CPU) bool {
		return a.Package == b.Package && a.L3 != nil && b.L3 != nil && !a.L3.Contains(b.ID)
	},
	"no two last level caches of one socket among the allowed cpus",
}, {
	"other-socket", func(a, b place.CPU) bool { return a.Package != b.Package },
	"no second socket among the allowed cpus",
}}

// pair finds two cpus at this distance, the second of which is the wanted one if that is possible.
func (d distance) pair(cpus []place.CPU, allowed place.Set, wanted int) (two [2]int, ok bool) {
	for _, b := range cpus {
		if !allowed.Contains(b.ID) || ok && b.ID != wanted {
			continue
		}
		for _, a := range cpus {
			if allowed.Contains(a.ID) && d.among(a, b) {
				two, ok = [2]int{a.ID, b.ID}, true
				break
			}
		}
	}
	return two, ok
}

// at returns w on two cpus at a distance.
func at(d distance, w work) work {
	return func(s measure.Spot, n int) (measure.Sample, error) {
		if s.WorkerCPU() == nil {
			return measure.Sample{}, errUnpinned
		}
		m, err := machine()
		if err != nil {
			return measure.Sample{}, err
		}
		two, ok := d.pair(m.cpus, m.allowed, s.CPUs[1])
		if !ok {
			return measure.Sample{}, fmt.Errorf("%w: %s (%s)", measure.ErrSkip, d.lacks, m.allowed)
		}
		return w(measure.Spot{CPUs: two, Pinned: true}, n)
	}
}

var errUnpinned = fmt.Errorf("%w: threads cannot be pinned here", measure.ErrSkip)

type layout struct {
	cpus    []place.CPU
	allowed place.Set
}

// machine reads the layout once.
var machine = sync.OnceValues(func() (m layout, err error) {
	if m.allowed, err = place.Allowed(); err == nil {
		m.cpus, err = place.Topology()
	}
	return m, err
})
