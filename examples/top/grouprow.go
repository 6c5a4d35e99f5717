package main

import (
	"time"

	"github.com/pushcore/pushcore/group"
)

// groupRow is a group in the time between two reports.
type groupRow struct {
	name      string
	balancer  string
	open, all int // workers

	fromSources bool // its work comes from sources, such as sockets, and not by inboxes

	fresh                            bool    // there is nothing to compare with: what follows is 0
	busy                             float64 // share of the time, mean of all workers
	accepted, work, failed, rejected float64 // per second
	imbalance                        group.Imbalance
}

// groupOf compares a group with what it was, if that is known. rows are its workers.
func groupOf(now, old group.Snapshot, known bool, rows []row, span time.Duration) groupRow {
	g := groupRow{name: now.Name, balancer: now.Balancer, all: len(rows), fromSources: fromSources(&now)}
	var received, busy []float64
	for _, r := range rows {
		if r.open {
			g.open++
		}
		g.busy += r.busy / float64(len(rows))
		if r.open && !r.fresh {
			received, busy = append(received, r.received), append(busy, r.busy)
		}
	}
	g.fresh = !known || now.Accepted < old.Accepted || now.Executed < old.Executed || now.Rejected < old.Rejected
	if g.fresh {
		return g
	}
	g.accepted = perSecond(now.Accepted-old.Accepted, span)
	for i := range rows {
		g.work += rows[i].work()
	}
	g.failed = perSecond(now.Failed-min(old.Failed, now.Failed), span)
	g.rejected = perSecond(now.Rejected-old.Rejected, span)
	g.imbalance = group.Imbalance{Received: group.MaxByMean(received), Busy: group.MaxByMean(busy)}
	return g
}

// fromSources says that there is no balancer that sends, and that not much more came than the tasks that Execs are begun
// with.
func fromSources(s *group.Snapshot) bool {
	done := uint64(0)
	for i := range s.Members {
		for _, src := range s.Members[i].Exec.Sources {
			done += src.Done
		}
	}
	return s.Balancer == "" && s.Accepted <= done
}

// unevenness is of items where they are received, else of time.
func (g *groupRow) unevenness() float64 {
	if g.fromSources {
		return g.imbalance.Busy
	}
	return g.imbalance.Received
}

func perSecond(n uint64, span time.Duration) float64 { return float64(n) / span.Seconds() }
