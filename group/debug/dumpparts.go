package debug

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
)

func dumpInboxes(b *bytes.Buffer, ms []group.Member) {
	t := table{head: []string{"<id", "<inbox", "<class", "ring cap", "depth now", "depth max", "items", "failed", "expired",
		"rejected", "lane full", "held", "batches", "batch", "queue p50", "queue p99", "run p50", "run p99", "lanes now",
		"lanes depth now", "lanes taken"}}
	for _, m := range ms {
		for _, in := range m.Exec.Inboxes {
			class := "items"
			if in.Control {
				class = "control"
			}
			depth, taken := 0, uint64(0)
			for _, l := range in.Lanes {
				depth, taken = depth+l.Depth, taken+l.Taken
			}
			t.add(m.ID, named(in.Name), class, in.Cap, in.Depth, in.MaxDepth, in.Consumed, in.Failed, in.Expired, in.Rejected,
				in.LaneFull, in.Held, in.Batches, mean(in.Consumed, in.Batches), quantile(&in.Delay, .5),
				quantile(&in.Delay, .99), quantile(&in.RunTime, .5), quantile(&in.RunTime, .99), len(in.Lanes), depth, taken)
		}
	}
	t.write(b)
}

func dumpSources(b *bytes.Buffer, ms []group.Member) {
	t := table{head: []string{"<id", "<source", "polls", "useful", "done", "run p50", "run p99", "<counters"}}
	for _, m := range ms {
		for _, s := range m.Exec.Sources {
			if s.Name == "census" && s.Done == 0 { // with it a group finds out if its workers are idle
				continue
			}
			t.add(m.ID, named(s.Name), s.Polls, s.Useful, s.Done, quantile(&s.RunTime, .5), quantile(&s.RunTime, .99),
				listed(s.Counters))
		}
	}
	t.write(b)
}

func dumpThreads(b *bytes.Buffer, ms []group.Member) {
	t := table{head: []string{"<id", "thread", "cpu", "running", "waiting", "switches voluntary",
		"switches involuntary", "<may run on"}}
	for _, m := range ms {
		if th := m.Exec.Thread; th.ID != 0 {
			may := "any"
			if len(m.Exec.CPUs) > 0 {
				may = commas(m.Exec.CPUs)
			}
			t.add(m.ID, th.ID, th.CPU, short(th.Running), short(th.Waiting), th.Voluntary, th.Involuntary, may)
		}
	}
	t.write(b)
}

func commas(cpus []int) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(cpus), " ", ","), "[]")
}

// listed returns cs in one line.
func listed(cs []exec.Counter) string {
	var each []string
	for _, c := range cs {
		text := fmt.Sprintf("%s %d", c.Name, c.Value)
		if c.Gauge {
			text += " now"
		}
		each = append(each, text)
	}
	return strings.Join(each, ", ")
}
