package groups

import (
	"fmt"

	"github.com/pushcore/pushcore/bench/internal/courier"
	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/bench/internal/message"
	"github.com/pushcore/pushcore/bench/internal/pools"

	"github.com/pushcore/pushcore/group"
)

// This file sends values of 16 bytes: what a group carries when nothing is done with it.

func valueRows() []measure.Row {
	alone := team{workers: 1, producers: 1}
	rows := pools.WithLatency(measure.Row{
		Name: "Group/values/by32",
		Does: "values of 16 bytes from one producer to a group of one worker, on a cpu each, visible 32 at a time",
		Impls: measure.Join(measure.Ours("pushcore", alone.batches()), measure.Ours("pushcore-stage", alone.group(staged)),
			measure.Each("channel", message.Channel), measure.Each("mutex-swap", message.MutexSwap)),
		Wants: []measure.Want{measure.Faster("pushcore", "channel", 6), measure.Faster("pushcore-stage", "channel", 6)},
	}, done, func(load int) []measure.Impl {
		return measure.Join(measure.Ours("pushcore", alone.aged(load, message.Batch, byBatch)),
			measure.Ours("pushcore-stage", alone.aged(load, message.Batch, staged)),
			measure.Each("channel", message.ChannelAged(load)), measure.Each("mutex-swap", message.MutexSwapAged(load)))
	})
	one := pools.WithLatency(measure.Row{
		Name: "Group/values/one",
		Does: "values of 16 bytes from one producer to a group of one worker, on a cpu each, sent and visible one at a time",
		Impls: measure.Join(measure.Ours("pushcore", alone.group(oneByOne)), measure.Each("channel", message.Channel),
			measure.Each("ants", alone.peer(pools.AntsFunc)),
			measure.Each("pond", alone.peer(pools.Closures[value](pools.Pond)))),
	}, done, func(load int) []measure.Impl {
		peer := alone.agedPeer(load)
		return measure.Join(measure.Ours("pushcore", alone.aged(load, 1, oneByOne)),
			measure.Each("channel", message.ChannelAged(load)), measure.Each("ants", peer(pools.AntsFunc)),
			measure.Each("pond", peer(pools.Closures[value](pools.Pond))), measure.Floor("line-oneway", courier.LineOneWay))
	}, 10)
	one[1].Wants = []measure.Want{measure.Within("pushcore", "line-oneway", 3)}
	rows = append(rows, one...)
	for _, t := range []team{
		{workers: 1, producers: 2}, {workers: 1, producers: 4},
		{workers: 2, producers: 1}, {workers: 2, producers: 2}, {workers: 2, producers: 4},
	} {
		rows = append(rows, pools.WithLatency(measure.Row{
			Name: fmt.Sprintf("Group/values/workers=%d/producers=%d", t.workers, t.producers),
			Does: "values of 16 bytes, one at a time, staged, and by 32; " + t.who() + "; " + pools.Bounds,
			Full: true,
			Impls: measure.Join(measure.EachOurs("pushcore", t.group(oneByOne)),
				measure.EachOurs("pushcore-stage", t.group(staged)),
				measure.EachOurs("pushcore-by32", t.batches()), pools.Values(t.peer)),
		}, done, func(load int) []measure.Impl {
			return measure.Join(measure.EachOurs("pushcore", t.aged(load, 1, oneByOne)),
				measure.EachOurs("pushcore-stage", t.aged(load, message.Batch, staged)),
				measure.EachOurs("pushcore-by32", t.aged(load, message.Batch, byBatch)), pools.Values(t.agedPeer(load)))
		})...)
	}
	return rows
}

// who says who is where.
func (t team) who() string {
	s := "the worker is on the second cpu, "
	if t.workers > 1 {
		s = "a worker on each cpu, "
	}
	if t.producers == 1 {
		return s + "the producer on the first"
	}
	return s + "producers on both in turn"
}

// oneByOne sends one at a time, each visible at once.
func oneByOne(p *group.Producer[value], producer, from, to int) error {
	for i := uint64(from); i < uint64(to); i++ {
		m := pools.Make(producer, i)
		if err := p.Send(m); err != nil {
			if err = retry(func() error { return p.Send(m) }); err != nil {
				return err
			}
		}
	}
	return nil
}

// staged stages one at a time and flushes every 32.
func staged(p *group.Producer[value], producer, from, to int) error {
	for i := uint64(from); i < uint64(to); i++ {
		m := pools.Make(producer, i)
		if err := p.Stage(m); err != nil {
			if err = retry(func() error { return p.Stage(m) }); err != nil {
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

// byBatch sends 32 at a time.
func byBatch(p *group.Producer[value], producer, from, to int) error {
	batch := make([]value, message.Batch)
	for i := from; i < to; i += message.Batch {
		part := batch[:min(message.Batch, to-i)] // a batch may be moved, so it is made anew
		for k := range part {
			part[k] = pools.Make(producer, uint64(i+k))
		}
		if err := sendAll(p, part); err != nil {
			return err
		}
	}
	return nil
}
