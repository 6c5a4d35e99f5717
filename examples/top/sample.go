package main

import (
	"time"

	"github.com/pushcore/pushcore/group"
	"github.com/pushcore/pushcore/group/debug"
)

// sample is one report, beside the one before it.
type sample struct {
	debug.Report
	span   time.Duration // between the two; 0: there is none to compare with
	groups []groupRow
	rows   []row // of all groups, in their order
}

// groupName tells groups apart: names may be the same.
type groupName struct {
	name string
	nth  int // of those with this name
}

// compare makes a sample of a report and the one before it, which may be nil.
func compare(before *debug.Report, now debug.Report) *sample {
	s := &sample{Report: now}
	olds := map[groupName]group.Snapshot{}
	if before != nil && before.PID == now.PID && before.Uptime < now.Uptime {
		s.span = now.Uptime - before.Uptime // the clock on the wall may be set, this one not
		for i, name := range groupNames(before.Groups) {
			olds[name] = before.Groups[i]
		}
	}
	for i, name := range groupNames(now.Groups) {
		old, known := olds[name]
		rows := rowsOf(name, now.Groups[i], old, s.span)
		s.rows = append(s.rows, rows...)
		s.groups = append(s.groups, groupOf(now.Groups[i], old, known, rows, s.span))
	}
	return s
}

// groupNames names groups, in their order.
func groupNames(groups []group.Snapshot) []groupName {
	names, seen := make([]groupName, len(groups)), map[string]int{}
	for i, g := range groups {
		names[i] = groupName{g.Name, seen[g.Name]}
		seen[g.Name]++
	}
	return names
}
