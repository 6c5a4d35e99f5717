package table

import (
	"strconv"
	"time"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
)

// reader finds the samples of a metric in a snapshot.
type reader struct {
	Labels []string
	read   func(*group.Snapshot, func(Sample))
}

var (
	groupLabels  = []string{"group"}
	execLabels   = []string{"group", "worker", "exec"}
	inboxLabels  = []string{"group", "worker", "exec", "inbox", "class"}
	sourceLabels = []string{"group", "worker", "exec", "source"}
)

// number is what fields of snapshots are made of.
type number interface {
	uint64 | uint32 | int | float64 | time.Duration | bool
}

func float[N number](n N) float64 {
	switch v := any(n).(type) {
	case uint64:
		return float64(v)
	case uint32:
		return float64(v)
	case int:
		return float64(v)
	case float64:
		return v
	case time.Duration:
		return v.Seconds()
	case bool:
		if v {
			return 1
		}
	}
	return 0
}

// with returns labels and more, never in the memory of labels.
func with(labels []string, more ...string) []string {
	return append(labels[:len(labels):len(labels)], more...)
}

// each makes a reader of visit, which calls back with every T of a snapshot and its labels, and of f, which emits what
// is read from one T.
func each[T any](
	names []string, visit func(*group.Snapshot, func([]string, *T)), f func([]string, *T, func(Sample)),
) reader {
	return reader{names, func(g *group.Snapshot, emit func(Sample)) {
		visit(g, func(labels []string, t *T) { f(labels, t, emit) })
	}}
}

// value emits one number of a T.
func value[T any, N number](f func(*T) N) func([]string, *T, func(Sample)) {
	return func(labels []string, t *T, emit func(Sample)) { emit(Sample{Labels: labels, Value: float(f(t))}) }
}

// spread emits a distribution of a T.
func spread[T any](f func(*T) Distribution) func([]string, *T, func(Sample)) {
	return func(labels []string, t *T, emit func(Sample)) {
		emit(Sample{Labels: labels, Distribution: f(t)})
	}
}

func visitGroup(g *group.Snapshot, f func([]string, *group.Snapshot)) { f([]string{g.Name}, g) }

func visitWorkers(g *group.Snapshot, f func([]string, *group.Member)) {
	for i := range g.Members {
		m := &g.Members[i]
		f([]string{g.Name, strconv.Itoa(m.ID), m.Exec.Name}, m)
	}
}

func visitExecs(g *group.Snapshot, f func([]string, *exec.Snapshot)) {
	visitWorkers(g, func(labels []string, m *group.Member) { f(labels, &m.Exec) })
}

// visitThreads visits those that the system tells something of.
func visitThreads(g *group.Snapshot, f func([]string, *exec.Thread)) {
	visitExecs(g, func(labels []string, x *exec.Snapshot) {
		if x.Thread.ID != 0 {
			f(labels, &x.Thread)
		}
	})
}

func visitStalls(g *group.Snapshot, f func([]string, *exec.Stall)) {
	visitExecs(g, func(labels []string, x *exec.Snapshot) {
		if x.LastStall != nil {
			f(labels, x.LastStall)
		}
	})
}

func visitInboxes(g *group.Snapshot, f func([]string, *exec.InboxStats)) {
	visitExecs(g, func(labels []string, x *exec.Snapshot) {
		for i := range x.Inboxes {
			in := &x.Inboxes[i]
			class := "data"
			if in.Control {
				class = "control"
			}
			f(with(labels, in.Name, class), in)
		}
	})
}

func visitSources(g *group.Snapshot, f func([]string, *exec.SourceStats)) {
	visitExecs(g, func(labels []string, x *exec.Snapshot) {
		for i := range x.Sources {
			f(with(labels, x.Sources[i].Name), &x.Sources[i])
		}
	})
}

func perGroup[N number](f func(*group.Snapshot) N) reader {
	return each(groupLabels, visitGroup, value(f))
}

func perWorker[N number](f func(*group.Member) N) reader {
	return each(execLabels, visitWorkers, value(f))
}

func perExec[N number](f func(*exec.Snapshot) N) reader {
	return each(execLabels, visitExecs, value(f))
}

func perThread[N number](f func(*exec.Thread) N) reader {
	return each(execLabels, visitThreads, value(f))
}

func perStall[N number](f func(*exec.Stall) N) reader {
	return each(execLabels, visitStalls, value(f))
}

func perInbox[N number](f func(*exec.InboxStats) N) reader {
	return each(inboxLabels, visitInboxes, value(f))
}

func perSource[N number](f func(*exec.SourceStats) N) reader {
	return each(sourceLabels, visitSources, value(f))
}

// named emits those of the counters that are gauges, or those that are not, each labelled with its name.
func named[T any](gauges bool, f func(*T) []exec.Counter) func([]string, *T, func(Sample)) {
	return func(labels []string, t *T, emit func(Sample)) {
		for _, c := range f(t) {
			if c.Gauge == gauges {
				emit(Sample{Labels: with(labels, c.Name), Value: float64(c.Value)})
			}
		}
	}
}
