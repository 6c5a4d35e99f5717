package debug

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
)

// Dump writes to w, with one call of Write, what is known of sources now, as text for people. All figures are since the
// start unless their heading says "now". The error is that of w, or names a source that is nil.
func Dump(w io.Writer, sources ...Source) error {
	if err := check(sources); err != nil {
		return err
	}
	r := NewReport(sources...)
	return r.Dump(w)
}

// Dump writes r as text; see the function of that name.
func (r *Report) Dump(w io.Writer) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s, pid %d, %s, GOMAXPROCS %d, up %v, at %s\n",
		r.Program, r.PID, r.Go, r.GOMAXPROCS, r.Uptime.Round(time.Second), r.Time.Format(time.RFC3339))
	for i := range r.Groups {
		dumpGroup(&b, &r.Groups[i])
	}
	_, err := w.Write(b.Bytes())
	return err
}

func dumpGroup(b *bytes.Buffer, g *group.Snapshot) {
	fmt.Fprintf(b, "\ngroup %s, balancer %s, workers %d\n", named(g.Name), cmp.Or(g.Balancer, "none"), len(g.Members))
	fmt.Fprintf(b, "  accepted %d, forwarded %d, spawned %d, executed %d, failed %d, expired %d, returned %d, rejected %d\n",
		g.Accepted, g.Forwarded, g.Spawned, g.Executed, g.Failed, g.Expired, g.Returned, g.Rejected)
	fmt.Fprintf(b, "  imbalance (max/mean): items %.2f, busy %.2f; balancer full %d\n",
		g.Imbalance.Received, g.Imbalance.Busy, g.BalancerFull)
	fmt.Fprintf(b, "  now: producers %d, forwarders %d, forwards %d of %d\n",
		g.Producers, g.Forwarders, g.Forwards, g.MaxForwards)
	if c := g.Changes; c != (group.Changes{}) {
		fmt.Fprintf(b, "  changes: added %d, removed %d, replaced %d, paused %d, resumed %d, weighted %d, reassigned %d; "+
			"items handed over %d, parcels moved %d\n", c.Added, c.Removed, c.Replaced, c.Paused, c.Resumed, c.Weighted,
			c.Reassigned, c.HandedOver, c.Moved)
	}
	if len(g.Decisions) > 0 {
		fmt.Fprintf(b, "  decisions: %s\n", listed(g.Decisions))
	}
	dumpMembers(b, g.Members)
	dumpInboxes(b, g.Members)
	dumpSources(b, g.Members)
	dumpThreads(b, g.Members)
	for _, m := range g.Members {
		if m.Exec.LastStall != nil {
			dumpStall(b, m)
		}
	}
}

func dumpMembers(b *bytes.Buffer, ms []group.Member) {
	t := table{head: []string{"<id", "<exec", "<open", "weight", "<state", "cpu", "busy%", "received", "work",
		"depth now", "depth max", "queue p50", "queue p99", "run p50", "run p99", "batch", "parks", "wakes", "stalls", "panics"}}
	for _, m := range ms {
		x := &m.Exec
		state := string(x.State)
		switch {
		case x.Asleep:
			state += ", asleep"
		case x.Turn > time.Second:
			state += ", in a turn for " + short(x.Turn)
		}
		t.add(m.ID, named(x.Name), yes(m.Open), m.Weight, state, cpu(x), percent(x.Busy, x.Busy+x.Idle), m.Received,
			work(x), x.Depth, x.MaxDepth, quantile(&x.QueueDelay, .5), quantile(&x.QueueDelay, .99), quantile(&x.RunTime, .5),
			quantile(&x.RunTime, .99), mean(consumed(x)), x.Parks, x.WakesReceived, x.Stalls, x.Panics)
	}
	t.write(b)
}

// consumed returns what came by the inboxes of x, tasks too, which are not in its Items, and in how many batches.
func consumed(x *exec.Snapshot) (items, batches uint64) {
	for _, in := range x.Inboxes {
		items, batches = items+in.Consumed, batches+in.Batches
	}
	return items, batches
}

// work returns how much x has done: what came by its inboxes, and what its sources say that they did.
func work(x *exec.Snapshot) uint64 {
	n, _ := consumed(x)
	for _, s := range x.Sources {
		n += s.Done
	}
	return n
}

// dumpStall writes the last stall of m.
func dumpStall(b *bytes.Buffer, m group.Member) {
	s := m.Exec.LastStall
	whose := ""
	if s.HeldUp {
		whose = " (held up)"
	}
	fmt.Fprintf(b, "\n  last stall of %d %s: %s %s, %s since %s; thread %s, preempted for %s%s; not reported before it: %d\n",
		m.ID, named(s.Exec), cmp.Or(s.Kind, "unknown"), cmp.Or(s.Function, "(function unknown)"), short(s.For),
		s.Began.Format(time.RFC3339Nano), cmp.Or(s.Thread, "unknown"), short(s.Preempted), whose, s.Suppressed)
	for line := range strings.Lines(s.Stack) {
		fmt.Fprintf(b, "    %s\n", strings.TrimRight(line, "\n"))
	}
}

// cpu returns where the thread of x is: the processor that it ran on last, or those that it may run on.
func cpu(x *exec.Snapshot) string {
	switch {
	case x.Thread.ID != 0:
		return fmt.Sprint(x.Thread.CPU)
	case len(x.CPUs) > 0:
		return commas(x.CPUs)
	}
	return none
}
