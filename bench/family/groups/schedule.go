package groups

import (
	"errors"

	"github.com/pushcore/pushcore/bench/internal/ages"
	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/bench/internal/pools"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
	"github.com/pushcore/pushcore/internal/mem"
)

// This file sends messages when they are due, and notes when each is done.

// aged returns the run of a group to which producers send what is due, batch at most at once, at a share of its pace.
func (t team) aged(load, batch int, send sending) run {
	return func(s measure.Spot, n int) (measure.Sample, error) {
		return ages.Load(n, t.producers, load, func(due *ages.Schedule) error {
			return t.offer(s, due, batch, send)
		})
	}
}

// offer sends to a group what is due.
func (t team) offer(s measure.Spot, due *ages.Schedule, batch int, send sending) error {
	defer pools.Procs(true, t.workers+t.producers)()
	roll, work := pools.NewRoll(t.workers), spinOf(t.work)
	roll.Loose = t.loose || batch > 1 && t.workers > 1
	handler := func(worker int) group.HandlerFunc[value] {
		p, skew := roll.Place(worker), skewOf(s, worker)
		return func(_ *exec.Local, batch []value) int {
			for _, m := range batch {
				work.do(m.Seq)
				producer, i := pools.Split(m)
				due.Done(producer, i, mem.Ticks()-skew)
				p.See(m)
			}
			p.Show()
			return len(batch)
		}
	}
	err := serve(t.config(s, handler), t.producers, func(ps []*group.Producer[value]) error {
		return t.together(s, true, due, roll, batch, func(p int) func(from, to int) error {
			return func(from, to int) error { return send(ps[p], p, from, to) }
		})
	})
	return errors.Join(err, roll.Err(t.producers, due.Share()))
}

// agedPeer returns the run of a pool.
func (t team) agedPeer(load int) func(open pools.Opener[value]) run {
	return func(open pools.Opener[value]) run {
		return func(s measure.Spot, n int) (measure.Sample, error) {
			return ages.Load(n, t.producers, load, func(due *ages.Schedule) error { return t.offerPeer(s, due, open) })
		}
	}
}

// offerPeer sends to a pool what is due, one at a time.
func (t team) offerPeer(s measure.Spot, due *ages.Schedule, open pools.Opener[value]) error {
	defer pools.Procs(s.Pinned, t.workers+t.producers)()
	roll, work := pools.NewRoll(t.workers), spinOf(t.work)
	pool, err := open(t.crew(s), func(worker int, m value) {
		work.do(m.Seq)
		producer, i := pools.Split(m)
		due.Done(producer, i, mem.Ticks()-skewOf(s, worker))
		roll.See(worker, m)
	})
	if err != nil {
		return err
	}
	err = t.together(s, s.Pinned, due, roll, 1, func(p int) func(from, to int) error {
		send := pool.Sender()
		return func(from, _ int) error { return send(pools.Make(p, uint64(from))) }
	})
	return errors.Join(err, pool.Stop(), roll.Err(t.producers, due.Share()))
}

// together lets each producer send what is due, and waits until the roll has all. Whoever has nothing to send gives its
// cpu away, which may be a worker's.
func (t team) together(s measure.Spot, threads bool, due *ages.Schedule, roll *pools.Roll, batch int,
	sender func(producer int) func(from, to int) error,
) error {
	var idle func()
	if t.workers+t.producers > len(s.CPUs) || !threads {
		idle = func() { measure.GiveWay(threads) }
	}
	_, err := pools.Together(s, threads, t.producers, func(p int) error {
		return due.Send(p, batch, idle, sender(p))
	}, func() {
		roll.Await(threads, due.Len())
		due.End()
	})
	return err
}

// skewOf is what a worker's clock is ahead of the producer's, where it is known which cpu it is on.
func skewOf(s measure.Spot, worker int) int64 {
	if s.Pinned && worker != pools.Anyone && pools.CPUOf(worker) == 1 {
		return s.Skew()
	}
	return 0
}
