package group

import (
	"maps"
	"slices"

	"github.com/pushcore/pushcore/exec"
)

// Stats is what a group has done since it was made. When nobody sends and all is
// handled,
//
//	Accepted + Forwarded + Spawned = Executed + Failed + Expired + Returned
//
// but for tasks that were sent to the workers' Execs directly, which count as
// executed only.
type Stats struct {
	Accepted  uint64 // NEW items accepted
	Forwarded uint64 // items accepted from Forwarders
	Spawned   uint64 // tasks that workers have spawned on themselves, timers included
	Executed  uint64 // items and tasks handled without failing
	Failed    uint64 // those that panicked or ended in Goexit
	Expired   uint64 // NEW items that have waited for longer than Config.MaxWait
	Returned  uint64 // those handed back by Drain, and timers stopped
	Rejected  uint64 // items and tasks refused because something was full or closed
	Workers   []exec.Stats
}

// Stats returns the counters. Anyone may call it at any time; the sums are of
// moments close to each other, not of one.
func (g *Group[T]) Stats() Stats {
	s := Stats{Returned: g.returned.Load()}
	g.mu.Lock()
	producers := slices.Collect(maps.Keys(g.producers))
	s.Accepted = g.accepted.Load()
	for _, p := range producers {
		s.Accepted += p.shown.Load()
	}
	s.Forwarded, s.Rejected = g.ended.forwarded, g.ended.refused+g.refused.Load()
	for _, f := range g.forwarders {
		s.Forwarded += f.shownSends.Load()
		s.Rejected += f.shownRefused.Load()
	}
	g.mu.Unlock()
	for _, w := range g.workers {
		x := w.x.Stats()
		s.Workers = append(s.Workers, x)
		s.Spawned += x.Spawned
		s.Executed += x.Executed()
		s.Failed += x.Failed()
		s.Expired += x.Expired
		s.Returned += x.Returned
		s.Rejected += x.Rejects
	}
	return s
}
