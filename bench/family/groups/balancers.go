package groups

import (
	"fmt"

	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/bench/internal/message"
	"github.com/pushcore/pushcore/bench/internal/pools"

	"github.com/pushcore/pushcore/group"
)

// This file sends through every balancer; what a decision alone costs is in picks.go.

func balancerRows() (rows []measure.Row) {
	even := team{workers: 2, producers: 1}
	for _, d := range decisions {
		t := even
		t.policy = d.policy(t.workers)
		rows = append(rows, pools.WithLatency(measure.Row{
			Name: "Group/balancer/" + d.name,
			Does: fmt.Sprintf("values with random keys to a group of two workers by %s, staged, flushed by 32; %s",
				d.name, t.who()),
			Full: d.name != "RoundRobin" && d.name != "KeyHash",
			Impls: measure.Join(measure.EachOurs("pushcore", t.group(stagedKeys)),
				measure.EachOurs("round-robin", even.group(stagedKeys)), pools.Channels(even.peer)),
		}, done, func(load int) []measure.Impl {
			return measure.Join(measure.EachOurs("pushcore", t.aged(load, message.Batch, stagedKeys)),
				measure.EachOurs("round-robin", even.aged(load, message.Batch, stagedKeys)), pools.Channels(even.agedPeer(load)))
		})...)
	}
	return rows
}

// stagedKeys stages one at a time with random keys and flushes every 32.
func stagedKeys(p *group.Producer[value], producer, from, to int) error {
	for i := uint64(from); i < uint64(to); i++ {
		m, key := pools.Make(producer, i), keys[i&uint64(len(keys)-1)]
		if err := p.StageKey(key, m); err != nil {
			if err = retry(func() error { return p.StageKey(key, m) }); err != nil {
				return err
			}
		}
		if i%message.Batch == message.Batch-1 {
			if _, err := p.Flush(); err != nil {
				return err
			}
		}
	}
	_, err := p.Flush()
	return err
}
