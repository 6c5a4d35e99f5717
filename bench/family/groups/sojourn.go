package groups

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/bench/internal/pools"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
	"github.com/pushcore/pushcore/internal/mem"
)

// This file asks for so many messages a second and looks how long each takes from when it was due until it is done.

// scheduleTime is how long messages are due in one measurement: as long for everyone, because who does not keep up gets
// later and later.
const scheduleTime = 25 * time.Millisecond

func sojournRows() (rows []measure.Row) {
	for _, w := range works[1:] {
		for _, load := range []int{50, 80} {
			two, one := team{workers: 2, producers: 1, work: w}, team{workers: 1, producers: 1, work: w}
			rows = append(rows, timed{two, load}.row(""), timed{one, load}.row("/workers=1"))
		}
	}
	return rows
}

func (t timed) row(suffix string) measure.Row {
	return measure.Row{
		Name: fmt.Sprintf("Group/sojourn/work=%s/load=%d%s", workName(t.work), t.load, suffix),
		Does: fmt.Sprintf("messages of %s work, due at even distances, at %d %% of what the workers can do: the time from "+
			"due to done; %s and sends all that is due, one at a time; %s", spoken(t.work), t.load, t.who(), pools.Bounds),
		Full:   t.work != time.Microsecond || t.load != 80 || suffix != "",
		Amount: int(float64(scheduleTime) / t.gap()),
		Impls:  measure.Join(measure.EachOurs("pushcore", t.ours), slices.DeleteFunc(pools.Values(t.peers), crawls)),
	}
}

// crawls tells who is left out: a pinned sender that is to wait for a free worker changes threads for every message, and
// a schedule for the others takes it seconds. It is measured beside the same peer unpinned in Group/work.
func crawls(im measure.Impl) bool { return im.Pinned && (im.Name == "ants" || im.Name == "errgroup") }

// timed is a team that is asked for a share of what its workers can do, in percent.
type timed struct {
	team
	load int
}

// gap is the time between two messages, in ns.
func (t timed) gap() float64 { return float64(t.work) / float64(t.workers) / float64(t.load) * 100 }

func (t timed) sojourns(n int) *sojourns {
	d := newSojourns(n)
	d.gap = t.gap() * ticksPer(time.Second) / 1e9
	return d
}

// ours is the run of a group.
func (t timed) ours(s measure.Spot, n int) (sm measure.Sample, err error) {
	defer pools.Procs(true, t.workers+t.producers)()
	roll, d, work := pools.NewRoll(t.workers), t.sojourns(n), spinOf(t.work)
	handler := func(worker int) group.HandlerFunc[value] {
		p, skew := roll.Place(worker), skewOf(s, worker)
		return func(_ *exec.Local, batch []value) int {
			for _, m := range batch {
				work.do(m.Seq)
				d.done(m.Seq, mem.Ticks()-skew)
				p.See(m)
			}
			p.Show()
			return len(batch)
		}
	}
	took := int64(0)
	err = serve(t.config(s, handler), 1, func(ps []*group.Producer[value]) (err error) {
		took, err = d.offer(s, true, roll, func(i uint64) error { return oneByOne(ps[0], 0, int(i), int(i)+1) })
		return err
	})
	return d.result(took, errors.Join(err, roll.Err(1, n)))
}

// peers is the run of a pool.
func (t timed) peers(open pools.Opener[value]) run {
	return func(s measure.Spot, n int) (sm measure.Sample, err error) {
		defer pools.Procs(s.Pinned, t.workers+t.producers)()
		roll, d, work := pools.NewRoll(t.workers), t.sojourns(n), spinOf(t.work)
		pool, err := open(t.crew(s), func(worker int, m value) {
			work.do(m.Seq)
			d.done(m.Seq, mem.Ticks()-skewOf(s, worker))
			roll.See(worker, m)
		})
		if err != nil {
			return sm, err
		}
		send := pool.Sender()
		took, err := d.offer(s, s.Pinned, roll, func(i uint64) error { return send(pools.Make(0, i)) })
		return d.result(took, errors.Join(err, pool.Stop(), roll.Err(1, n)))
	}
}

// skewOf is what a worker's clock is ahead of the producer's, where it is known which cpu it is on.
func skewOf(s measure.Spot, worker int) int64 {
	if s.Pinned && worker != pools.Anyone && pools.CPUOf(worker) == 1 {
		return s.Skew()
	}
	return 0
}

// result is sample where there was no error.
func (s *sojourns) result(took int64, err error) (measure.Sample, error) {
	if err != nil {
		return measure.Sample{}, err
	}
	return s.sample(took)
}
