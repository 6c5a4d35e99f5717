package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
	"github.com/pushcore/pushcore/group/debug"
)

// member is a worker with some counters.
func member(id int, name string, items uint64, busy time.Duration) group.Member {
	m := group.Member{ID: id, Open: true, Received: items, Exec: exec.Snapshot{Name: name, State: exec.StateRunning}}
	m.Exec.Items, m.Exec.Turns, m.Exec.Batches, m.Exec.Busy = items, items, items/10, busy
	m.Exec.Inboxes = []exec.InboxStats{{Name: "new", Consumed: items, Batches: items / 10}}
	return m
}

// report is one of a process that is up for some time, with one group.
func report(pid int, up time.Duration, members ...group.Member) debug.Report {
	g := group.Snapshot{Name: "g", Balancer: "maglev", Members: members}
	for _, m := range members {
		g.Accepted += m.Received
		g.Executed += m.Exec.Items
	}
	return debug.Report{Program: "p", PID: pid, Uptime: up, Time: time.Unix(1000, 0).Add(up), Groups: []group.Snapshot{g}}
}

func TestRates(t *testing.T) {
	before := report(1, 10*time.Second, member(0, "g/0", 1000, time.Second), member(1, "g/1", 100, time.Second))
	now := report(1, 12*time.Second, member(0, "g/0", 4000, 2500*time.Millisecond), member(1, "g/1", 1100, 1500*time.Millisecond))
	now.Time = before.Time.Add(-time.Hour) // a clock that is set changes nothing
	now.Groups[0].Rejected = 10
	s := compare(&before, now)
	require.Equal(t, 2*time.Second, s.span)
	r := s.rows[0]
	require.False(t, r.fresh)
	require.Equal(t, "g/0", r.label)
	require.InDelta(t, .75, r.busy, 1e-9)
	require.InDelta(t, 1500, r.work(), 1e-9)
	require.InDelta(t, 10, r.batch(), 1e-9)
	g := s.groups[0]
	require.False(t, g.fresh)
	require.InDelta(t, 2000, g.accepted, 1e-9)
	require.InDelta(t, 2000, g.work, 1e-9)
	require.InDelta(t, 5, g.rejected, 1e-9)
	require.InDelta(t, .5, g.busy, 1e-9)
	require.InDelta(t, 1.5, g.imbalance.Received, 1e-9)
	require.InDelta(t, 1.5, g.imbalance.Busy, 1e-9)
	require.Equal(t, 2, g.open)
}

// A worker that is stuck in a turn has shown nothing, and is busy.
func TestBusyCountsTheTurnUnderWay(t *testing.T) {
	m := member(0, "g/0", 10, time.Second)
	before := report(1, time.Second, m)
	m.Exec.Turn = 900 * time.Millisecond
	s := compare(&before, report(1, 2*time.Second, m))
	require.InDelta(t, .9, s.rows[0].busy, 1e-9)
	m.Exec.Turn = time.Hour
	s = compare(&before, report(1, 2*time.Second, m))
	require.InDelta(t, 1, s.rows[0].busy, 1e-9)
}

// What cannot be a later state of what was is new.
func TestWhatIsNew(t *testing.T) {
	old := member(0, "g/0", 1000, time.Second)
	old.Exec.Thread.ID = 7
	before := report(1, 10*time.Second, old)
	later := member(0, "g/0", 2000, 2*time.Second)
	later.Exec.Thread.ID = 7
	otherThread := later
	otherThread.Exec.Thread.ID = 8
	for name, c := range map[string]struct {
		now   debug.Report
		fresh bool
	}{
		"the same":               {report(1, 11*time.Second, later), false},
		"another process":        {report(2, 11*time.Second, later), true},
		"the pid came again":     {report(1, 9*time.Second, later), true},
		"the same moment":        {report(1, 10*time.Second, later), true},
		"counters went back":     {report(1, 11*time.Second, member(0, "g/0", 10, 3*time.Second)), true},
		"busy went back":         {report(1, 11*time.Second, member(0, "g/0", 2000, time.Millisecond)), true},
		"another thread":         {report(1, 11*time.Second, otherThread), true},
		"another name":           {report(1, 11*time.Second, member(0, "g/x", 2000, 2*time.Second)), true},
		"another id":             {report(1, 11*time.Second, member(1, "g/0", 2000, 2*time.Second)), true},
		"a thread that is quiet": {report(1, 11*time.Second, member(0, "g/0", 2000, 2*time.Second)), false},
	} {
		s := compare(&before, c.now)
		require.Equal(t, c.fresh, s.rows[0].fresh, name)
		if c.fresh {
			require.Zero(t, s.rows[0].busy, name)
			require.Zero(t, s.rows[0].work(), name)
		}
	}
	require.True(t, compare(nil, before).rows[0].fresh)
	require.True(t, compare(nil, before).groups[0].fresh)
}

// Groups may have the same name, and come and go.
func TestGroupsAreToldApart(t *testing.T) {
	two := func(up time.Duration, a, b uint64) debug.Report {
		r := report(1, up, member(0, "g/0", a, time.Second))
		r.Groups = append(r.Groups, report(1, up, member(0, "g/0", b, time.Second)).Groups...)
		return r
	}
	before := two(time.Second, 10, 1000)
	s := compare(&before, two(2*time.Second, 15, 3000))
	require.InDelta(t, 5, s.rows[0].work(), 1e-9)
	require.InDelta(t, 2000, s.rows[1].work(), 1e-9)
	require.NotEqual(t, s.rows[0].key, s.rows[1].key)
	one := two(3*time.Second, 20, 0)
	one.Groups = one.Groups[:1]
	require.Len(t, compare(&before, one).rows, 1)
	require.True(t, compare(&one, two(4*time.Second, 30, 9)).rows[1].fresh)
}

func TestIntervalsOfHistograms(t *testing.T) {
	m := member(0, "g/0", 10, time.Second)
	m.Exec.QueueDelay.Counts[3], m.Exec.QueueDelay.Max = 100, exec.BucketEnd(3)
	m.Exec.Inboxes = []exec.InboxStats{{Name: "in"}}
	m.Exec.Inboxes[0].RunTime.Counts[9], m.Exec.RunTime.Counts[2] = 7, 3
	m.Exec.Stalls = 2
	before := report(1, time.Second, m)
	m.Exec.QueueDelay.Counts[40], m.Exec.QueueDelay.Max = 5, exec.BucketEnd(40)
	m.Exec.Inboxes = []exec.InboxStats{m.Exec.Inboxes[0], {Name: "later"}}
	m.Exec.Inboxes[0].RunTime.Counts[9] += 2
	m.Exec.Inboxes[1].RunTime.Counts[9] = 1
	m.Exec.RunTime.Counts[2] += 4
	m.Exec.Stalls = 3
	r := compare(&before, report(1, 2*time.Second, m)).rows[0]
	require.EqualValues(t, 5, r.delay.Count())
	require.Greater(t, r.delay.Quantile(.5), exec.BucketEnd(39))
	require.EqualValues(t, 1, r.stalls)
	require.EqualValues(t, 4, r.run.Counts[2])
	require.EqualValues(t, 3, r.run.Counts[9])
}

// Tasks that come by inboxes make batches, and are no Items of the Exec; how long they took is counted once.
func TestTasksOfInboxes(t *testing.T) {
	state := func(n, items uint64) group.Member {
		m := member(0, "g/0", 0, time.Second)
		m.Exec.Turns, m.Exec.Tasks, m.Exec.Items, m.Exec.Batches = n, n, items, n/20
		m.Exec.RunTime.Counts[5] = n
		m.Exec.Inboxes = nil
		for i, name := range []string{"control", "tasks", "new"} {
			in := exec.InboxStats{Name: name, Control: i == 0, Consumed: n, Batches: n / 20}
			in.RunTime.Counts[30+i] = n / 20
			m.Exec.Inboxes = append(m.Exec.Inboxes, in)
		}
		return m
	}
	before := report(1, time.Second, state(1000, 0))
	r := compare(&before, report(1, 2*time.Second, state(2000, 0))).rows[0]
	require.InDelta(t, 20, r.batch(), 1e-9)
	require.EqualValues(t, 1000, r.run.Count(), "all are tasks")

	before = report(1, time.Second, state(1000, 1000))
	r = compare(&before, report(1, 2*time.Second, state(2000, 2000))).rows[0]
	require.EqualValues(t, 1000+50, r.run.Count(), "new is of items")
	require.EqualValues(t, 50, r.run.Counts[32])
}

func TestLabels(t *testing.T) {
	for _, c := range []struct{ group, name, want string }{
		{"g", "g/3", "g/3"}, {"g", "", "g/5"}, {"g", "g", "g"}, {"g", "other", "g/other"}, {"", "x", "x"}, {"g", "gg/1", "g/gg/1"},
	} {
		require.Equal(t, c.want, label(c.group, group.Member{ID: 5, Exec: exec.Snapshot{Name: c.name}}))
	}
}
