//go:build linux && !portable

package place

import (
	"fmt"
	"os"
	"strconv"
)

func allowed() (Set, error) { return allowedTo(threads()) }

// allowedTo is [Allowed], given the threads to ask besides the main thread.
func allowedTo(tids []int) (Set, error) {
	main := os.Getpid() // the main thread's id is the process's
	all, err := threadMask(main)
	if err != nil {
		return nil, fmt.Errorf("place: reading the cpus of the main thread %d: %w", main, err)
	}
	for _, tid := range tids {
		mask, err := threadMask(tid)
		if err != nil {
			continue // it ended meanwhile
		}
		for i := range min(len(all), len(mask)) {
			all[i] |= mask[i]
		}
	}
	s := setOf(all)
	if len(s) == 0 {
		return nil, fmt.Errorf("place: reading the cpus of the main thread %d: %w", main, errNoCPU)
	}
	return s, nil
}

// threads lists the threads of this process. Without /proc there is none to list, and the main thread has to do.
func threads() []int {
	entries, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return nil
	}
	tids := make([]int, 0, len(entries))
	for _, e := range entries {
		if tid, err := strconv.Atoi(e.Name()); err == nil {
			tids = append(tids, tid)
		}
	}
	return tids
}
