package main

import (
	"strconv"
	"strings"
	"time"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
)

// workerKey tells workers apart, in the reports of one program.
type workerKey struct {
	group  groupName
	member int
	name   string
}

// row is a worker in the time between two reports.
type row struct {
	key   workerKey
	label string
	open  bool // senders may pick it
	now   exec.Snapshot
	trend trend // with what came before

	// fresh says that there was no such worker before, or that it is another one now: its counters went backwards.
	// Then there is nothing to compare with, and all that follows is 0.
	fresh    bool
	before   exec.Snapshot
	span     time.Duration
	busy     float64 // share of the time
	received float64 // items
	stalls   uint64
	delay    exec.Histogram
	run      exec.Histogram // of tasks, and of batches of items
	consumed uint64         // by inboxes
	batches  uint64         // in which it came
	polled   uint64         // what sources have done
	polls    uint64         // in which they did it
}

// rowsOf compares the workers of a group with what they were.
func rowsOf(name groupName, now, old group.Snapshot, span time.Duration) []row {
	olds := map[workerKey]group.Member{}
	for _, m := range old.Members {
		olds[keyOf(name, m)] = m
	}
	rows := make([]row, 0, len(now.Members))
	for _, m := range now.Members {
		r := row{key: keyOf(name, m), label: label(name.name, m), open: m.Open, now: m.Exec, fresh: true}
		if before, known := olds[r.key]; known && span > 0 && follows(m.Exec, before.Exec) {
			r.compare(before, m, span)
		}
		rows = append(rows, r)
	}
	return rows
}

func (r *row) compare(before, now group.Member, span time.Duration) {
	r.fresh, r.before, r.span = false, before.Exec, span
	// The turn under way is not yet in Busy: a worker that is stuck in one is busy all the same.
	busy := (now.Exec.Busy + now.Exec.Turn) - (before.Exec.Busy + before.Exec.Turn)
	r.busy = max(0, min(busy.Seconds()/span.Seconds(), 1))
	r.received = float64(now.Received - min(before.Received, now.Received))
	r.stalls = now.Exec.Stalls - min(before.Exec.Stalls, now.Exec.Stalls)
	r.delay = now.Exec.QueueDelay.Since(&before.Exec.QueueDelay)
	r.run = now.Exec.RunTime.Since(&before.Exec.RunTime)
	for i := range now.Exec.Inboxes { // inboxes are never taken away
		in, old := &now.Exec.Inboxes[i], exec.InboxStats{}
		if i < len(before.Exec.Inboxes) {
			old = before.Exec.Inboxes[i]
		}
		r.consumed += grown(in.Consumed, old.Consumed)
		r.batches += grown(in.Batches, old.Batches)
		if !ofTasks(&now.Exec, in) {
			run := in.RunTime.Since(&old.RunTime)
			r.run.Add(&run)
		}
	}
	for i := range now.Exec.Sources {
		s, old := &now.Exec.Sources[i], sourceBefore(&now.Exec, &before.Exec, i)
		r.polled += grown(s.Done, old.Done)
		r.polls += grown(s.Useful, old.Useful)
	}
}

// sourceBefore is what a source was, by its place; nothing if there was another one, or none.
func sourceBefore(now, before *exec.Snapshot, i int) exec.SourceStats {
	if i < len(before.Sources) && before.Sources[i].Name == now.Sources[i].Name {
		return before.Sources[i]
	}
	return exec.SourceStats{}
}

// ofTasks says that all that came by an inbox were tasks, as far as that is known: each of them is in the Exec's RunTime
// already. Two inboxes that every Exec has are for tasks, and where no item was consumed, so are all others.
func ofTasks(x *exec.Snapshot, in *exec.InboxStats) bool {
	return x.Items == 0 || in.Name == "tasks" && !in.Control || in.Name == "control" && in.Control
}

// follows says that one may be a later state of the other: what only grows has not become less, and it is the same
// thread.
func follows(now, before exec.Snapshot) bool {
	sameThread := now.Thread.ID == before.Thread.ID || now.Thread.ID == 0 || before.Thread.ID == 0
	return sameThread && now.Turns >= before.Turns && now.Tasks >= before.Tasks && now.Items >= before.Items &&
		now.Parks >= before.Parks && now.Busy >= before.Busy
}

func keyOf(name groupName, m group.Member) workerKey { return workerKey{name, m.ID, m.Exec.Name} }

// label is what a worker is called: the names that groups give begin with their own.
func label(group string, m group.Member) string {
	switch name := m.Exec.Name; {
	case name == "":
		return group + "/" + strconv.Itoa(m.ID)
	case group == "" || name == group || strings.HasPrefix(name, group+"/"):
		return name
	default:
		return group + "/" + name
	}
}

// rate is how much a counter has grown, per second.
func (r *row) rate(counter func(*exec.Snapshot) uint64) float64 {
	if r.fresh {
		return 0
	}
	now, before := counter(&r.now), counter(&r.before)
	return perSecond(now-min(before, now), r.span)
}

// work is the rate of what came by inboxes, and of what sources did.
func (r *row) work() float64 { return perSecondOf(r.consumed+r.polled, r) }

// batch is the mean size of a batch, or else of what a poll of a source did, 0 if there was none. It is that of the
// inboxes: the Exec's Items are without tasks, its Batches with them.
func (r *row) batch() float64 {
	switch {
	case r.batches > 0:
		return float64(r.consumed) / float64(r.batches)
	case r.polls > 0:
		return float64(r.polled) / float64(r.polls)
	}
	return 0
}
