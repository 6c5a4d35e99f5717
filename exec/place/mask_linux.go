//go:build linux && !portable

package place

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// threadMask reads the affinity mask of one thread of this machine; tid 0 is the calling thread.
//
// The kernel refuses a buffer smaller than its own masks with EINVAL and does not say how large they are, so the buffer
// grows until it fits: 1024 cpus fit nearly everywhere, [MaxCPU] is the end.
func threadMask(tid int) (unix.CPUSetDynamic, error) {
	for cpus := 1024; cpus <= MaxCPU+1; cpus *= 2 {
		mask := unix.NewCPUSet(cpus)
		err := unix.SchedGetaffinityDynamic(tid, mask)
		if err == unix.EINVAL {
			continue
		}
		return mask, err
	}
	return nil, fmt.Errorf("the kernel's masks hold more than %d cpus: %w", MaxCPU+1, unix.EINVAL)
}

// setThreadMask sets the mask of the calling thread. It takes exactly as many bits as s needs; the kernel reads the
// rest as zero.
func setThreadMask(s Set) error {
	sorted := Of(s...)
	mask := unix.NewCPUSet(sorted[len(sorted)-1] + 1)
	for _, cpu := range sorted {
		mask.Set(cpu)
	}
	return unix.SchedSetaffinityDynamic(0, mask)
}

// setOf spells out a mask.
func setOf(mask unix.CPUSetDynamic) Set {
	left := mask.Count()
	s := make(Set, 0, left)
	for cpu := 0; left > 0; cpu++ {
		if mask.IsSet(cpu) {
			s = append(s, cpu)
			left--
		}
	}
	return s
}
