package place

import "fmt"

// Choose picks n cpus of those [Allowed], for n threads that are each pinned to one of them. See [ChooseFrom].
func Choose(n int) ([]int, error) {
	allowed, err := Allowed()
	if err != nil {
		return nil, err
	}
	return ChooseFrom(n, allowed)
}

// ChooseFrom picks n distinct cpus of the set allowed. The rules, the stronger first:
//
//  1. As many distinct physical cores as there are; only then their SMT siblings.
//  2. Fast cores, on a chip that has slow ones.
//  3. One last level cache, if it has enough such cores; else one NUMA node; else as few of both as the largest allow.
//  4. Not cpu 0, nor another thread of its core: that core comes last among equals, and of its threads cpu 0 comes last.
//
// The cpus come in order of preference, neighbours next to each other, and the same machine and arguments always give
// the same answer. Two programs on one machine therefore choose the same cpus: give each its own set.
//
// It is an error if n is less than 1 or more than the set holds (the message has both figures), or if the set names a
// cpu that is not [Allowed].
func ChooseFrom(n int, allowed Set) ([]int, error) {
	here, err := Allowed()
	if err != nil {
		return nil, err
	}
	if len(allowed) > 0 { // an empty set is too small, and choose says so
		if err := check(allowed, here); err != nil {
			return nil, err
		}
	}
	return choose(n, Of(allowed...), layout(here))
}

// choose is ChooseFrom on a machine of the given cpus.
func choose(n int, allowed Set, cpus []CPU) ([]int, error) {
	if n < 1 {
		return nil, fmt.Errorf("place: cannot choose %d cpus, ask for 1 to %d (allowed: %s)", n, len(allowed), show(allowed))
	}
	if n > len(allowed) {
		return nil, fmt.Errorf("place: cannot choose %d cpus, only %d allowed (%s)", n, len(allowed), show(allowed))
	}
	cores := coresOf(allowed, cpus)
	return deal(rank(cores, min(n, len(cores))), n), nil
}

// deal takes n threads of cores: the first of each core, then the second ones, and so on. Cpu 0 waits until the end
// unless it is all that its core has.
func deal(cores []core, n int) []int {
	var order, last []int
	for round, left := 0, true; left; round++ {
		left = false
		for _, c := range cores {
			if round >= len(c.threads) {
				continue
			}
			left = true
			if cpu := c.threads[round]; cpu == 0 && round > 0 {
				last = append(last, cpu)
			} else {
				order = append(order, cpu)
			}
		}
	}
	return append(order, last...)[:n]
}
