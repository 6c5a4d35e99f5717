//go:build linux && !portable

package place

import (
	"os"
	"runtime"
	"slices"

	"github.com/klauspost/cpuid/v2"
	"github.com/klauspost/cpuid/v2/topology"
	"golang.org/x/sys/unix"
)

// askProcessor describes the cpus of s by the cpuid instruction, which has to run on each of them; nil if that is not
// possible. NUMA nodes stay 0: the processor does not know how the firmware arranged the memory.
func askProcessor(s Set) (cpus []CPU) {
	onOwnThread(func() {
		// The scan visits the cpus of this thread's mask in ascending order and numbers them by its steps. The numbers
		// mean something only if it had the mask we think and skipped none.
		if setThreadMask(s) != nil {
			return
		}
		if mask, err := ownMask(); err != nil || mask.String() != s.String() {
			return
		}
		system, err := cpuid.ScanTopology()
		if err != nil || !system.Scanned || system.Online != len(s) {
			return
		}
		cpus = describe(system, s)
	})
	return cpus
}

// onOwnThread runs f on a thread that is used for nothing else and ends when f returns, masks and all; it waits for f.
func onOwnThread(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		if unix.Gettid() == os.Getpid() {
			// Not on the main thread: it would not end, and [Allowed] looks at its mask. While this goroutine holds it,
			// no other can get it.
			defer runtime.UnlockOSThread()
			onOwnThread(f)
			return
		}
		f() // and end locked
	}()
	<-done
}

// describe turns the tree of a scan into cpus; thread i of the scan ran on s[i].
func describe(system *topology.System, s Set) []CPU {
	var cpus []CPU
	for _, pkg := range system.Packages {
		for _, group := range pkg.Groups { // the cores around one last level cache
			all := threadsOf(s, group.Cores...)
			for _, core := range group.Cores {
				c := CPU{Package: pkg.ID, SMT: threadsOf(s, core), Kind: kindOf(core.Type)}
				// A cache hangs where all who share it are below: at the core, if it is the core's own.
				if hasLevel(core.Caches, 2) {
					c.L2, c.L3 = c.SMT, c.SMT
				}
				if hasLevel(core.Caches, 3) {
					c.L3 = c.SMT
				} else if hasLevel(group.Caches, 3) {
					c.L3 = all
				}
				for _, id := range c.SMT {
					c.ID = id
					cpus = append(cpus, c)
				}
			}
		}
	}
	// An ordinary processor calls all its cores fast.
	isFast := func(c CPU) bool { return c.Kind == Performance }
	isSlow := func(c CPU) bool { return c.Kind == Efficiency }
	if !slices.ContainsFunc(cpus, isFast) || !slices.ContainsFunc(cpus, isSlow) {
		for i := range cpus {
			cpus[i].Kind = Uniform
		}
	}
	return cpus
}

func threadsOf(s Set, cores ...topology.Core) Set {
	var ids []int
	for _, core := range cores {
		for _, t := range core.Threads {
			ids = append(ids, s[t.ID])
		}
	}
	return Of(ids...)
}

func kindOf(t topology.CoreType) Kind {
	switch t {
	case topology.Performance:
		return Performance
	case topology.Efficiency:
		return Efficiency
	}
	return Uniform
}

func hasLevel(caches []topology.Cache, level int) bool {
	return slices.ContainsFunc(caches, func(c topology.Cache) bool { return c.Level == level })
}
