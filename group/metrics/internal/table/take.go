package table

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
	"github.com/pushcore/pushcore/group/debug"
)

// Check returns an error that names the first source that is nil.
func Check(sources []debug.Source) error {
	if i := slices.Index(sources, nil); i >= 0 {
		return fmt.Errorf("metrics: source %d of %d is nil: it must be a group, a server, or debug.Execs", i, len(sources))
	}
	return nil
}

// Take takes one snapshot of each source. No two series of what it returns have the same labels: of groups that have
// the same name the second is called name#2, and so are inboxes and sources of one Exec, and their counters. A series
// that is there twice would cost its reader the whole scrape.
func Take(sources []debug.Source) []group.Snapshot {
	all := make([]group.Snapshot, len(sources))
	for i, s := range sources {
		all[i] = s.Snapshot()
	}
	all = distinct(all, func(g *group.Snapshot) *string { return &g.Name })
	for i := range all {
		g := &all[i]
		g.Balancer = valid(g.Balancer)
		g.Decisions = distinct(g.Decisions, counterName)
		g.Members = slices.Clone(g.Members) // what the source keeps of them is not ours to write to
		for j := range g.Members {
			x := &g.Members[j].Exec
			x.Name = valid(x.Name)
			x.Inboxes = distinct(x.Inboxes, func(in *exec.InboxStats) *string { return &in.Name })
			x.Sources = distinct(x.Sources, func(s *exec.SourceStats) *string { return &s.Name })
			for k := range x.Sources {
				x.Sources[k].Counters = distinct(x.Sources[k].Counters, counterName)
			}
		}
	}
	return all
}

func counterName(c *exec.Counter) *string { return &c.Name }

// distinct returns a copy of list in which no two have the same name.
func distinct[T any](list []T, name func(*T) *string) []T {
	list = slices.Clone(list)
	seen := make(map[string]bool, len(list))
	for i := range list {
		p := name(&list[i])
		*p = valid(*p)
		for base, n := *p, 2; seen[*p]; n++ {
			*p = fmt.Sprintf("%s#%d", base, n)
		}
		seen[*p] = true
	}
	return list
}

// valid makes s what a label may be.
func valid(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }
