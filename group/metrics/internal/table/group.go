package table

import (
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
)

type groupShot = group.Snapshot

// groups are metrics of whole groups.
var groups = []Metric{
	{"pushcore.group.info", UpDown, "{group}", "Always 1; the label says which balancer the group has.",
		each(with(groupLabels, "balancer"), visitGroup, func(labels []string, g *groupShot, emit func(Sample)) {
			emit(Sample{Labels: with(labels, g.Balancer), Value: 1})
		})},
	{"pushcore.group.accepted", Counter, "{item}", "New items accepted.",
		perGroup(func(g *groupShot) uint64 { return g.Accepted })},
	{"pushcore.group.forwarded", Counter, "{item}", "Items accepted from Forwarders.",
		perGroup(func(g *groupShot) uint64 { return g.Forwarded })},
	{"pushcore.group.spawned", Counter, "{task}", "Tasks that workers have spawned on themselves, timers included.",
		perGroup(func(g *groupShot) uint64 { return g.Spawned })},
	{"pushcore.group.executed", Counter, "{item}", "Items and tasks handled without failing.",
		perGroup(func(g *groupShot) uint64 { return g.Executed })},
	{"pushcore.group.failed", Counter, "{item}", "Items and tasks that panicked or ended in Goexit.",
		perGroup(func(g *groupShot) uint64 { return g.Failed })},
	{"pushcore.group.expired", Counter, "{item}", "New items that have waited for longer than MaxWait.",
		perGroup(func(g *groupShot) uint64 { return g.Expired })},
	{"pushcore.group.returned", Counter, "{item}", "Items and tasks handed back undone by a drain, and timers stopped.",
		perGroup(func(g *groupShot) uint64 { return g.Returned })},
	{"pushcore.group.rejected", Counter, "{item}", "Items and tasks refused because something was full or closed.",
		perGroup(func(g *groupShot) uint64 { return g.Rejected })},
	{"pushcore.group.spilled", Counter, "{item}", "Items forwarded that found their lane full and went to an outbox first.",
		perGroup(func(g *groupShot) uint64 { return g.Spilled })},

	{"pushcore.group.changes", Counter, "{change}", "Changes made to the workers, by kind.",
		each(with(groupLabels, "change"), visitGroup, readChanges)},
	{"pushcore.group.handed_over", Counter, "{item}", "Items that one worker had accepted and another one got.",
		perGroup(func(g *groupShot) uint64 { return g.Changes.HandedOver })},
	{"pushcore.group.parcels_moved", Counter, "{parcel}", "Parcels, the states of keys, that have changed hands.",
		perGroup(func(g *groupShot) uint64 { return g.Changes.Moved })},

	{"pushcore.group.imbalance", Gauge, "1",
		"What the worker with the most has had, divided by the mean of open workers, since the group was made: 1 is even.",
		each(with(groupLabels, "of"), visitGroup, func(labels []string, g *groupShot, emit func(Sample)) {
			emit(Sample{Labels: with(labels, "received"), Value: g.Imbalance.Received})
			emit(Sample{Labels: with(labels, "busy"), Value: g.Imbalance.Busy})
		})},
	{"pushcore.group.producers", UpDown, "{producer}", "Producers open.",
		perGroup(func(g *groupShot) int { return g.Producers })},
	{"pushcore.group.forwarders", UpDown, "{forwarder}", "Forwarders open.",
		perGroup(func(g *groupShot) int { return g.Forwarders })},
	{"pushcore.group.forwards", UpDown, "{item}",
		"Forwarded items on their way, or reserved for what handlers have in hand.",
		perGroup(func(g *groupShot) int { return g.Forwards })},
	{"pushcore.group.forwards_limit", UpDown, "{item}", "Forwarded items that may be on their way at once.",
		perGroup(func(g *groupShot) int { return g.MaxForwards })},

	{"pushcore.balancer.full", Counter, "{pick}", "Times that a balancer picked no worker.",
		perGroup(func(g *groupShot) uint64 { return g.BalancerFull })},
	{"pushcore.balancer.decisions", Counter, "{decision}", "What balancers count of their own, by name.",
		each(with(groupLabels, "decision"), visitGroup, named(false, decisions))},
	{"pushcore.balancer.level", Gauge, "{level}", "What balancers say of their state now, by name.",
		each(with(groupLabels, "name"), visitGroup, named(true, decisions))},
}

func decisions(g *groupShot) []exec.Counter { return g.Decisions }

func readChanges(labels []string, g *groupShot, emit func(Sample)) {
	c := &g.Changes
	for _, k := range []struct {
		name string
		n    uint64
	}{
		{"added", c.Added}, {"removed", c.Removed}, {"replaced", c.Replaced}, {"paused", c.Paused},
		{"resumed", c.Resumed}, {"weighted", c.Weighted}, {"reassigned", c.Reassigned},
	} {
		emit(Sample{Labels: with(labels, k.name), Value: float64(k.n)})
	}
}

// workers are metrics of places in a group.
var workers = []Metric{
	{"pushcore.worker.open", UpDown, "{worker}", "1 if balancers may pick the worker, 0 if it is paused.",
		perWorker(func(m *group.Member) bool { return m.Open })},
	{"pushcore.worker.weight", Gauge, "{share}", "The worker's weight relative to the others.",
		perWorker(func(m *group.Member) uint32 { return m.Weight })},
	{"pushcore.worker.received", Counter, "{item}", "Items that the worker was sent, whatever became of them.",
		perWorker(func(m *group.Member) uint64 { return m.Received })},
}
