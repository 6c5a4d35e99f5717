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
	Spilled   uint64 // of those forwarded: found their lane full and went to the outbox of Spill first
	Changes   Changes
	Workers   []exec.Stats // by id; empty where there is no worker now
}

// Changes counts what was done to the workers of a group.
type Changes struct {
	Added, Removed, Replaced uint64 // workers
	Paused, Resumed          uint64 // workers, each time that they were
	Weighted                 uint64 // workers, each time that they were given another weight
	Reassigned               uint64 // calls of Reassign
	HandedOver               uint64 // items that one worker had accepted and another one got
	Moved                    uint64 // Parcels that have changed hands
}

// note counts something in Changes.
func (g *Group[T]) note(f func(n *Changes)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	f(&g.changes)
}

// past is what workers have done that are no more.
type past struct{ spawned, executed, failed, expired, returned, rejected uint64 }

func (p *past) add(s exec.Stats) {
	p.spawned += s.Spawned
	p.executed += s.Executed()
	p.failed += s.Failed()
	p.expired += s.Expired
	p.returned += s.Returned
	p.rejected += s.Rejects
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
	s.Forwarded, s.Rejected, s.Spilled = g.ended.forwarded, g.ended.refused+g.refused.Load(), g.ended.spilled
	for _, f := range g.forwarders {
		s.Forwarded += f.shownSends.Load()
		s.Rejected += f.shownRefused.Load()
		s.Spilled += f.shownSpills.Load()
	}
	workers, ro, sum := slices.Clone(g.live), g.roster.Load(), g.past
	s.Changes = g.changes
	g.mu.Unlock()
	for id, w := range ro.workers {
		if w != nil {
			s.Workers = append(s.Workers, make([]exec.Stats, id+1-len(s.Workers))...)
		}
	}
	for _, w := range workers {
		x := w.x.Stats()
		if ro.workers[w.id] == w {
			s.Workers[w.id] = x
		}
		sum.add(x)
	}
	s.Spawned, s.Executed, s.Failed = sum.spawned, sum.executed-g.errands.Load(), sum.failed
	s.Expired = sum.expired
	s.Returned += sum.returned - s.Changes.HandedOver // to the group, not to its user
	s.Rejected += sum.rejected
	return s
}
