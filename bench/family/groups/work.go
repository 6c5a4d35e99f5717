package groups

import (
	"errors"
	"fmt"
	"time"

	"github.com/pushcore/pushcore/bench/internal/ages"
	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/bench/internal/pools"
	"github.com/pushcore/pushcore/bench/internal/stat"

	"github.com/pushcore/pushcore/group"
	"github.com/pushcore/pushcore/internal/mem"
)

// This file gives the workers something to do, and tells what a message costs its sender from what it takes until all
// are done.

// works is how long a message keeps a worker.
var works = []time.Duration{0, 100 * time.Nanosecond, time.Microsecond, 10 * time.Microsecond}

// Units of what is found beside the time of completion.
const submitNs = "submit-ns/op"

func workRows() (rows []measure.Row) {
	for _, w := range works {
		t := team{workers: 2, producers: 1, work: w}
		r := measure.Row{
			Name: fmt.Sprintf("Group/work=%s", workName(w)),
			Does: fmt.Sprintf("messages of %s work to two workers, one at a time: the time until all are done, and what a send "+
				"alone costs while there is room; %s; %s", spoken(w), t.who(), pools.Bounds),
			Full:  w != 0 && w != time.Microsecond,
			Impls: measure.Join(measure.EachOurs("pushcore", t.workGroup), pools.Values(t.workPeer)),
		}
		if w == 0 { // of nothing there is no share that is the same for all
			rows = append(rows, pools.WithLatency(r, done, func(load int) []measure.Impl {
				return measure.Join(measure.EachOurs("pushcore", t.aged(load, 1, oneByOne)), pools.Values(t.agedPeer(load)))
			})...)
			continue
		}
		rows = append(rows, r)
		alone := t
		alone.workers = 1
		for _, load := range ages.Loads {
			rows = append(rows, timed{t, load}.row(r.Name, ""), timed{alone, load}.row(r.Name, "/workers=1"))
		}
	}
	return rows
}

// row is the latency row of one about work.
func (t timed) row(name, suffix string) measure.Row {
	return measure.Row{
		Name: fmt.Sprintf("%s/latency/load=%d%s", name, t.load, suffix),
		Does: fmt.Sprintf("messages of %s work, due at even distances, at %d %% of what the workers can do: the time from "+
			"due to done; %s and sends all that is due, one at a time; %s", spoken(t.work), t.load, t.who(), pools.Bounds),
		Full:   t.work != time.Microsecond || t.load != 80 || suffix != "",
		Amount: t.amount(),
		Impls:  t.impls(),
	}
}

// workName is how rows write a duration.
func workName(w time.Duration) string {
	switch {
	case w == 0:
		return "0"
	case w < time.Microsecond:
		return fmt.Sprintf("%dns", w.Nanoseconds())
	}
	return fmt.Sprintf("%dus", w.Microseconds())
}

// spoken is how people read it.
func spoken(w time.Duration) string {
	switch {
	case w == 0:
		return "no"
	case w < time.Microsecond:
		return fmt.Sprintf("%d ns", w.Nanoseconds())
	}
	return fmt.Sprintf("%d us", w.Microseconds())
}

// submits is how many messages are sent to find out what a send costs while there is room: fewer than any bounded queue
// here holds.
const submits = measure.Capacity / 2

// submitGroup is how many sends are timed together: one takes little longer than reading the clock. The median of the
// groups counts, so that those in which the sender lost its cpu to a worker say nothing of the others.
const submitGroup = 32

// workGroup is group with the time of submission.
func (t team) workGroup(s measure.Spot, n int) (sm measure.Sample, err error) {
	defer pools.Procs(true, t.workers+t.producers)()
	roll := pools.NewRoll(t.workers)
	burst := min(n, submits)
	err = serve(t.config(s, t.handler(roll)), 1, func(ps []*group.Producer[value]) (err error) {
		sm, err = submitAndComplete(s, true, n, burst, roll, func(from, to int) error {
			return oneByOne(ps[0], 0, from, to)
		})
		return err
	})
	return sm, errors.Join(err, roll.Err(1, n+burst))
}

// workPeer is peer with the time of submission.
func (t team) workPeer(open pools.Opener[value]) run {
	return func(s measure.Spot, n int) (sm measure.Sample, err error) {
		defer pools.Procs(s.Pinned, t.workers+t.producers)()
		roll := pools.NewRoll(t.workers)
		pool, err := open(t.crew(s), t.handle(roll))
		if err != nil {
			return sm, err
		}
		burst, send := min(n, submits), pool.Sender()
		sm, err = submitAndComplete(s, s.Pinned, n, burst, roll, func(from, to int) error {
			for i := uint64(from); i < uint64(to); i++ {
				if err := send(pools.Make(0, i)); err != nil {
					return err
				}
			}
			return nil
		})
		return sm, errors.Join(err, pool.Stop(), roll.Err(1, n+burst))
	}
}

// submitAndComplete times n messages from the first send until all are done, and then the sends of a burst alone.
func submitAndComplete(s measure.Spot, threads bool, n, burst int, roll *pools.Roll, send func(from, to int) error) (
	measure.Sample, error,
) {
	groups := make([]float64, 0, burst/submitGroup+1)
	var d time.Duration
	_, err := s.On(0, func() error {
		start := time.Now()
		if err := send(0, n); err != nil {
			return err
		}
		roll.Await(threads, n)
		d = time.Since(start)
		for at := 0; at < burst; at += submitGroup {
			k := min(submitGroup, burst-at)
			from := mem.Ticks()
			if err := send(n+at, n+at+k); err != nil {
				return err
			}
			groups = append(groups, float64(mem.TicksDuration(mem.Ticks()-from))/float64(k))
		}
		roll.Await(threads, n+burst)
		return nil
	})
	if err != nil {
		return measure.Sample{}, err
	}
	return measure.Sample{Metrics: []measure.Metric{
		{Value: float64(d) / float64(n), Unit: measure.NsPerOp},
		{Value: stat.Median(groups), Unit: submitNs},
	}}, nil
}
