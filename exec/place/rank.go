package place

import "slices"

// A core is a physical core with the threads of it that may be used.
type core struct {
	threads []int // ascending, but cpu 0 last
	kind    Kind
	near    vicinity
	zero    bool // cpu 0 is one of its threads, allowed or not
}

// vicinity is what a core shares with others. L3 is the lowest cpu of those around the cache, -1 if unknown: cores of
// which it is unknown count as sharing one, so that the rule says nothing about them.
type vicinity struct{ node, l3 int }

// coresOf groups the allowed cpus by core, in the order of each core's lowest allowed cpu. A cpu that is not described
// is a core of its own.
func coresOf(allowed Set, cpus []CPU) []core {
	described := make(map[int]CPU, len(cpus))
	for _, c := range cpus {
		described[c.ID] = c
	}
	var cores []core
	index := map[int]int{} // CPU.Core -> place in cores
	for _, id := range allowed {
		c, ok := described[id]
		if !ok {
			c = CPU{Core: -1 - id, SMT: Set{id}}
		}
		i, known := index[c.Core]
		if !known {
			i = len(cores)
			index[c.Core] = i
			near := vicinity{c.Node, -1}
			if len(c.L3) > 0 {
				near.l3 = slices.Min(c.L3)
			}
			cores = append(cores, core{kind: c.Kind, near: near, zero: c.SMT.Contains(0)})
		}
		cores[i].threads = append(cores[i].threads, id)
	}
	for _, c := range cores {
		if c.threads[0] == 0 {
			copy(c.threads, c.threads[1:])
			c.threads[len(c.threads)-1] = 0
		}
	}
	return cores
}

// rank picks n cores and puts them in order: the fast ones first, and each kind close together.
func rank(cores []core, n int) []core {
	var fast, slow []core
	for _, c := range cores {
		if c.kind == Efficiency {
			slow = append(slow, c)
		} else {
			fast = append(fast, c)
		}
	}
	k := min(n, len(fast))
	return append(together(fast, k), together(slow, n-k)...)
}

// together picks n of cores, as few caches and nodes apart as it finds.
func together(cores []core, n int) []core {
	byCache := func(c core) vicinity { return c.near }
	byNode := func(c core) vicinity { return vicinity{node: c.near.node} }

	// One cache may have room on a second node when the first has room only in several.
	if groups := groupBy(cores, byCache); len(groups) > 0 {
		if g := groups[best(groups, n)]; len(g) >= n {
			return spread([][]core{g}, n, nil)
		}
	}
	return spread(groupBy(cores, byNode), n, func(node []core, n int) []core {
		return spread(groupBy(node, byCache), n, nil)
	})
}

// spread takes n cores from groups: from one that has enough if there is such a one, else all of the largest and then
// the same again with what is left. within takes some of one group; nil takes them in order, cpu 0's core last.
func spread(groups [][]core, n int, within func(group []core, n int) []core) []core {
	if within == nil {
		within = func(group []core, n int) []core { return zeroLast(group)[:n] }
	}
	var taken []core
	for n > 0 {
		i := best(groups, n)
		k := min(n, len(groups[i]))
		taken = append(taken, within(groups[i], k)...)
		groups = slices.Delete(groups, i, i+1)
		n -= k
	}
	return taken
}

// best returns the index of the group to take n cores from: one that has enough without cpu 0's core, else one that has
// enough, else the largest, without cpu 0's core if possible. Among equals it is the first.
func best(groups [][]core, n int) int {
	score := func(g []core) int {
		quiet := len(g)
		if slices.ContainsFunc(g, func(c core) bool { return c.zero }) {
			quiet--
		}
		return min(len(g), n) + min(quiet, n) // at most 2n; a core less costs two, having to take cpu 0's costs one
	}
	top := 0
	for i := range groups {
		if score(groups[i]) > score(groups[top]) {
			top = i
		}
	}
	return top
}

// groupBy divides cores by key, the groups and the cores in them in the order in which they come.
func groupBy(cores []core, key func(core) vicinity) [][]core {
	var groups [][]core
	index := map[vicinity]int{}
	for _, c := range cores {
		i, known := index[key(c)]
		if !known {
			i = len(groups)
			index[key(c)] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], c)
	}
	return groups
}

// zeroLast returns cores with cpu 0's core moved to the end.
func zeroLast(cores []core) []core {
	i := slices.IndexFunc(cores, func(c core) bool { return c.zero })
	if i < 0 {
		return cores
	}
	return append(slices.Delete(slices.Clone(cores), i, i+1), cores[i])
}
