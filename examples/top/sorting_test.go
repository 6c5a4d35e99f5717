package main

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

func TestSorted(t *testing.T) {
	before := report(1, time.Second, member(0, "a", 0, 0), member(1, "b", 0, 0), member(2, "c", 0, 0), member(3, "d", 0, 0))
	ms := before.Groups[0].Members
	now := report(1, 2*time.Second, slices.Clone(ms)...)
	for i, w := range []struct {
		busy, depth, items int
		rejects, stalls    uint64
	}{{10, 5, 300, 1, 0}, {90, 5, 100, 0, 4}, {50, 9, 200, 7, 1}, {50, 0, 0, 2, 2}} {
		x := &now.Groups[0].Members[i].Exec
		x.Busy, x.Depth = time.Duration(w.busy)*10*time.Millisecond, w.depth
		x.Inboxes = []exec.InboxStats{{Name: "new", Consumed: uint64(w.items)}}
		x.Rejects, x.Stalls = w.rejects, w.stalls
		x.QueueDelay.Counts[10*i+5], x.QueueDelay.Max = 1, time.Hour
		x.RunTime.Counts[50-10*i], x.RunTime.Max = 1, time.Hour
	}
	rows := compare(&before, now).rows
	names := func(by string, reverse bool) (s string) {
		for _, r := range sorted(rows, orders[slices.Index(orderNames(), by)], reverse) {
			s += r.now.Name
		}
		return s
	}
	for by, want := range map[string]string{
		"name": "abcd", "busy": "bcda", "work": "acbd", "queue": "cabd", "delay": "dcba", "run": "abcd", "rejects": "cdab", "stalls": "bdca",
	} {
		require.Equal(t, want, names(by, false), by)
	}
	require.Equal(t, "dcba", names("name", true))
	require.Equal(t, "acdb", names("busy", true), "what is equal stays as it came")
	require.Equal(t, "abcd", rows[0].now.Name+rows[1].now.Name+rows[2].now.Name+rows[3].now.Name, "the rows themselves stay")
}
