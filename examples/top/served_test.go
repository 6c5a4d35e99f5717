package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
	"github.com/pushcore/pushcore/group/debug"
)

// served is a program whose two workers have their work from sockets, after some seconds.
func served(seconds int) debug.Report {
	g := group.Snapshot{Name: "proxy", Stats: group.Stats{Accepted: 2, Executed: 2}}
	for id, rate := range []int{3000, 1000} {
		g.Members = append(g.Members, group.Member{ID: id, Open: true, Received: 1, Exec: exec.Snapshot{
			State: exec.StateRunning, Thread: exec.Thread{ID: 7 + id},
			Stats: exec.Stats{Turns: 1000 * uint64(seconds), Tasks: 1, Busy: time.Duration(seconds*rate/4) * time.Millisecond},
			Inboxes: []exec.InboxStats{
				{Name: "control", Control: true}, {Name: "tasks", Cap: 64, Received: 1, Consumed: 1, Batches: 1},
			},
			Sources: []exec.SourceStats{
				{Name: "census", Polls: 99}, {Name: "netio", Polls: 999, Useful: uint64(seconds * rate / 5), Done: uint64(seconds * rate),
					Counters: []exec.Counter{
						{Name: "Conns", Value: 42, Gauge: true}, {Name: "Pipes", Gauge: true}, {Name: "Accepted", Value: 77},
						{Name: "Failed"}, {Name: "BytesIn", Value: uint64(100 * seconds * rate)},
					}},
			},
		}})
	}
	return debug.Report{Program: "proxy", PID: 1, Uptime: time.Duration(seconds) * time.Second,
		Time: time.Unix(int64(seconds), 0), Groups: []group.Snapshot{g}}
}

// Workers whose work comes from sources have rates, and their groups are judged by the time.
func TestWorkFromSources(t *testing.T) {
	before := served(1)
	s := compare(&before, served(3))
	require.InDelta(t, 3000, s.rows[0].work(), 1e-9)
	require.InDelta(t, 5, s.rows[0].batch(), 1e-9)
	require.InDelta(t, 4000, s.groups[0].work, 1e-9)
	require.True(t, s.groups[0].fromSources)
	require.InDelta(t, 1.5, s.groups[0].unevenness(), 1e-9)

	v := &view{shown: s, width: 100, height: 24, interval: time.Second}
	text := screenText(v)
	require.Regexp(t, `workers +busy +accept/s +work/s +reject/s +imbalance`, text)
	require.Regexp(t, `proxy +– +2 +50% +– +4.00k +0 +1.50`, text)
	require.Regexp(t, `proxy/0 .* 75% .* 3.00k `, text)
	require.Regexp(t, `WORK/S(.*\n)+proxy/0 +75.0 +3.00k`, once(s.rows))

	v.move(0)
	v.open(pageWorker)
	text = screenText(v)
	require.Contains(t, text, "Conns 42   Accepted 77 in all   BytesIn 300k/s\n")
	require.NotContains(t, text, "census")
}

// What came by inboxes counts as work, too; a group that receives more than its sources do is one of items.
func TestWorkFromInboxes(t *testing.T) {
	before, now := served(1), served(2)
	now.Groups[0].Members[0].Exec.Inboxes[1].Consumed += 500
	s := compare(&before, now)
	require.InDelta(t, 3500, s.rows[0].work(), 1e-9)
	now.Groups[0].Accepted = 8001
	require.False(t, compare(&before, now).groups[0].fromSources)
	now.Groups[0].Accepted, now.Groups[0].Balancer = 0, "maglev"
	require.False(t, compare(&before, now).groups[0].fromSources)
}

// A worker that others have kept from running is no culprit: it is not marked, and its last stall is news only if there is
// no other one.
func TestHeldUp(t *testing.T) {
	stall := func(at int, thread string, heldUp bool) *exec.Stall {
		return &exec.Stall{Began: time.Unix(int64(at), 0), For: 10 * time.Millisecond, Kind: "task", Function: "main.f",
			Thread: thread, HeldUp: heldUp}
	}
	shown := func(stalls ...*exec.Stall) *view {
		var tr tracker
		tr.add(served(1))
		now := served(3)
		for i, s := range stalls {
			now.Groups[0].Members[i].Exec.LastStall, now.Groups[0].Members[i].Exec.Stalls = s, 1
		}
		return &view{shown: tr.add(now), width: 100, height: 24, interval: time.Second}
	}
	last := func(v *view) string {
		lines := strings.Split(screenText(v), "\n")
		return strings.TrimSpace(lines[len(lines)-2])
	}
	for _, s := range []*exec.Stall{stall(2, "ready", true), stall(2, "running", true)} {
		v := shown(s)
		require.False(t, v.shown.rows[0].stalledLately(v.shown.Time))
		require.Regexp(t, `^held up 1s ago +proxy/0 +10ms +task main.f +other`, last(v))
		v.move(0)
		v.open(pageWorker)
		v.height = 40
		require.Contains(t, screenText(v), "last held up  1s ago")
	}
	v := shown(stall(1, "sleeping", false), stall(2, "ready", true))
	require.True(t, v.shown.rows[0].stalledLately(v.shown.Time))
	require.False(t, v.shown.rows[1].stalledLately(v.shown.Time))
	require.Regexp(t, `^stall 2s ago +proxy/0 +10ms +task main.f +thread sleeping`, last(v))
	require.Regexp(t, `^stall 1s ago +proxy/1 `, last(shown(stall(1, "", false), stall(2, "", false))))
}
