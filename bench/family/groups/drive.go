package groups

import (
	"context"
	"errors"
	"time"

	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/bench/internal/pools"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
)

// This file drives a group, or a peer, by several producers, and keeps the account.

// team is what a row asks for.
type team struct {
	workers, producers int
	work               time.Duration  // per message; 0: none
	policy             balance.Policy // of groups; nil: the default
	full               group.Full     // of groups
	depth              int            // of groups' lanes; 0: measure.Capacity
	loose              bool           // what is refused may overtake, see pools.Roll
}

// config is that of the team's group.
func (t team) config(s measure.Spot, handler func(worker int) group.HandlerFunc[value]) group.Config[value] {
	c := group.Config[value]{
		Workers: t.workers,
		CPUs:    workerCPUs(s, t.workers),
		Depth:   measure.Capacity,
		Balance: t.policy,
		OnFull:  t.full,
		Worker: func(_ *exec.Local, id int) (group.Handler[value], error) {
			return handler(id), nil
		},
	}
	if t.depth > 0 {
		c.Depth = t.depth
	}
	if t.workers > 1 || t.producers > 1 {
		// A producer shares a cpu with a worker. Block gives it away, as whoever sends into a full channel does; one who
		// sends again what Fail has refused would have to see to that.
		c.OnFull = group.Block(context.Background())
	}
	return c
}

// crew is that of the team's peers.
func (t team) crew(s measure.Spot) pools.Crew {
	return pools.Crew{Spot: s, Workers: t.workers, Bound: t.depth}
}

// handler fills a worker's place of the roll, and does the work.
func (t team) handler(r *pools.Roll) func(worker int) group.HandlerFunc[value] {
	work := spinOf(t.work)
	return func(worker int) group.HandlerFunc[value] {
		p := r.Place(worker)
		if work == 0 {
			return func(_ *exec.Local, batch []value) int {
				for _, m := range batch {
					p.See(m)
				}
				p.Show()
				return len(batch)
			}
		}
		return func(_ *exec.Local, batch []value) int {
			for _, m := range batch {
				work.do(m.Seq)
				p.See(m)
			}
			p.Show()
			return len(batch)
		}
	}
}

// batches returns the run of a group to which each producer sends batches.
func (t team) batches() run {
	t.loose = t.workers > 1
	return t.group(byBatch)
}

// sending sends one producer's messages, from the first of them to before the last.
type sending func(p *group.Producer[value], producer, from, to int) error

// group returns the run of a group to which each producer sends its share.
func (t team) group(send sending) run {
	return func(s measure.Spot, n int) (sm measure.Sample, err error) {
		defer pools.Procs(true, t.workers+t.producers)()
		each := t.share(n)
		roll := pools.NewRoll(t.workers)
		roll.Loose = t.loose
		err = serve(t.config(s, t.handler(roll)), t.producers, func(ps []*group.Producer[value]) error {
			d, err := pools.Together(s, true, t.producers,
				func(i int) error { return send(ps[i], i, 0, each) },
				func() { roll.Await(true, each*t.producers) })
			sm = measure.PerOp(d, each*t.producers)
			return err
		})
		return sm, errors.Join(err, roll.Err(t.producers, each))
	}
}

// peer returns the run of a pool to which each producer sends its share.
func (t team) peer(open pools.Opener[value]) run {
	return func(s measure.Spot, n int) (sm measure.Sample, err error) {
		defer pools.Procs(s.Pinned, t.workers+t.producers)()
		each := t.share(n)
		roll := pools.NewRoll(t.workers)
		pool, err := open(t.crew(s), t.handle(roll))
		if err != nil {
			return sm, err
		}
		d, err := pools.Together(s, s.Pinned, t.producers, func(i int) error {
			send := pool.Sender()
			for k := range uint64(each) {
				if err := send(pools.Make(i, k)); err != nil {
					return err
				}
			}
			return nil
		}, func() { roll.Await(s.Pinned, each*t.producers) })
		return measure.PerOp(d, each*t.producers), errors.Join(err, pool.Stop(), roll.Err(t.producers, each))
	}
}

// handle is handler for peers.
func (t team) handle(r *pools.Roll) func(worker int, m value) {
	work := spinOf(t.work)
	if work == 0 {
		return r.See
	}
	return func(worker int, m value) {
		work.do(m.Seq)
		r.See(worker, m)
	}
}

// share is how many of n messages each producer sends.
func (t team) share(n int) int { return max(1, n/t.producers) }
