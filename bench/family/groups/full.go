package groups

import (
	"context"
	"time"

	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/bench/internal/pools"

	"github.com/pushcore/pushcore/group"
)

// This file fills short lanes faster than the worker empties them, under every full-policy. What is refused is sent
// again: everyone does the same work. Block is for outside goroutines, Spill and CallerRuns are for loops, and to the
// others they are Fail.

// tight is a team in which the worker is the bottleneck.
func tight(full group.Full) team {
	return team{workers: 1, producers: 1, work: 100 * time.Nanosecond, depth: tightDepth, full: full}
}

const tightDepth = 64

// outbox is how much a Forwarder spills at most.
const outbox = 4 * tightDepth

func fullRows() []measure.Row {
	fail := tight(group.Fail())
	block := tight(group.Block(context.Background()))
	return append(pools.WithLatency(measure.Row{
		Name: "Group/full/producer",
		Does: "messages of 100 ns work from a goroutine through a lane of 64 that is often full, by policy; what Fail " +
			"refuses is sent again; " + fail.who(),
		Full: true,
		Impls: measure.Join(measure.Ours("fail", fail.group(oneByOne)),
			measure.Ours("block", block.group(oneByOne)),
			measure.Each("channel", fail.peer(pools.Shared)),
			measure.Each("pond", fail.peer(pools.Closures[value](pools.Pond)))),
	}, done, func(load int) []measure.Impl {
		return measure.Join(measure.Ours("fail", fail.aged(load, 1, oneByOne)),
			measure.Ours("block", block.aged(load, 1, oneByOne)), measure.Each("channel", fail.agedPeer(load)(pools.Shared)),
			measure.Each("pond", fail.agedPeer(load)(pools.Closures[value](pools.Pond))))
	}), pools.WithLatency(measure.Row{
		Name: "Group/full/forwarder",
		Does: "tasks of 100 ns from the loop of another Exec, on the first cpu, through a lane of 64 that is often full, " +
			"by policy; what Fail refuses, and what finds the outbox of Spill full, is sent again; CallerRuns does it on the " +
			"first cpu",
		Full: true,
		Impls: measure.Join(measure.Ours("fail", forwarding(group.Fail())),
			measure.Ours("spill", forwarding(group.Spill(outbox))),
			measure.Ours("caller-runs", forwarding(group.CallerRuns())),
			measure.Each("channel", fail.peer(pools.Shared))),
	}, done, func(load int) []measure.Impl {
		return measure.Join(measure.Ours("fail", forwardingAged(group.Fail(), load)),
			measure.Ours("spill", forwardingAged(group.Spill(outbox), load)),
			measure.Ours("caller-runs", forwardingAged(group.CallerRuns(), load)),
			measure.Each("channel", fail.agedPeer(load)(pools.Shared)))
	})...)
}
