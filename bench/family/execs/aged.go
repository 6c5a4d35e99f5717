package execs

import (
	"errors"

	"github.com/pushcore/pushcore/bench/internal/ages"
	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/bench/internal/message"
	"github.com/pushcore/pushcore/bench/internal/pools"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/internal/mem"
)

// This file sends tasks when they are due, and notes when each runs.

// begun is what ends an age in this family.
const begun = "it begins"

// Delivery is the account of one run in which producers send tasks when they are due. Exported is what package groups
// needs of it.
type Delivery struct {
	due       *ages.Schedule
	roll      *pools.Roll
	skew      int64
	producers int
}

// NewDelivery is the account of tasks that run on the spot's second cpu.
func NewDelivery(s measure.Spot, due *ages.Schedule, producers int) *Delivery {
	return &Delivery{due: due, roll: pools.NewRoll(1), skew: s.Skew(), producers: producers}
}

// Err says whether all tasks have run, each once and in order.
func (d *Delivery) Err() error { return d.roll.Err(d.producers, d.due.Share()) }

// ran notes that producer p's i-th task runs, on the worker's loop.
func (d *Delivery) ran(p, i int) {
	d.due.Done(p, i, mem.Ticks()-d.skew)
	place := d.roll.Place(0)
	place.See(pools.Make(p, uint64(i)))
	place.Show()
}

// making returns what makes one producer's tasks.
type making func(d *Delivery, producer int) func(i int) exec.Task

// freshly makes a closure each.
func freshly(d *Delivery, p int) func(i int) exec.Task {
	return func(i int) exec.Task { return exec.Func(func(*exec.Local) { d.ran(p, i) }) }
}

// coroutines makes closures that start a coroutine each, which is what is aged.
func coroutines(d *Delivery, p int) func(i int) exec.Task {
	return func(i int) exec.Task {
		return exec.Func(func(l *exec.Local) {
			if err := l.Go(func(*exec.Co) { d.ran(p, i) }); err != nil {
				d.ran(p, i+1) // which is out of order, an error
			}
		})
	}
}

// recycled is a task that is used again and again: sent, it costs no allocation.
type recycled struct {
	*Delivery
	p, i int
}

func (t *recycled) Run(*exec.Local) { t.ran(t.p, t.i) }

// Again makes tasks once. When one is used again the lane has taken half as many since, and so it has run.
func Again(d *Delivery, p int) func(i int) exec.Task {
	const many = 4 * measure.Capacity
	all := make([]recycled, many)
	return func(i int) exec.Task {
		t := &all[i%many]
		*t = recycled{d, p, i}
		return t
	}
}

// agedExec is the run of an Exec to which producers send tasks that are due, batch at most at once.
func agedExec(load, producers, batch int, cfg exec.Config, via sender, tasks making) run {
	return func(s measure.Spot, n int) (measure.Sample, error) {
		return ages.Load(n, producers, load, func(due *ages.Schedule) error {
			defer pools.Procs(true, 1+producers)()
			d := NewDelivery(s, due, producers)
			err := start(s, cfg, func(x *exec.Exec) error {
				return d.Together(s, true, batch, func(p int) (func(from, to int) error, func(), error) {
					send, end, err := via(x)
					task := tasks(d, p)
					return func(from, to int) error {
						send(from, to, task)
						return nil
					}, end, err
				})
			})
			return errors.Join(err, d.Err())
		})
	}
}

// AgedPool is the run of a pool of one worker. worker is whose account is kept, see sweepPool.
func AgedPool(load, producers, worker int) func(pools.TaskOpener) run {
	return func(open pools.TaskOpener) run {
		return func(s measure.Spot, n int) (measure.Sample, error) {
			return ages.Load(n, producers, load, func(due *ages.Schedule) error {
				defer pools.Procs(s.Pinned, 1+producers)()
				d := NewDelivery(s, due, producers)
				pool, err := open(pools.Crew{Spot: s, Workers: 1})
				if err != nil {
					return err
				}
				err = d.Together(s, s.Pinned, 1, func(p int) (func(from, to int) error, func(), error) {
					send := pool.Sender()
					return func(i, _ int) error {
						return send(func() {
							due.Done(p, i, mem.Ticks()-d.skew)
							d.roll.See(worker, pools.Make(p, uint64(i)))
						})
					}, func() {}, nil
				})
				return errors.Join(err, pool.Stop(), d.Err())
			})
		}
	}
}

// Together lets each producer, a thread or a goroutine, send what is due, batch at most at once, and waits until all
// has run. sender returns what a producer sends with, and what is to be called when it has sent all.
func (d *Delivery) Together(s measure.Spot, threads bool, batch int,
	sender func(p int) (send func(from, to int) error, end func(), err error),
) error {
	var idle func()
	if d.producers > 1 || !threads { // else a cpu each
		idle = func() { measure.GiveWay(threads) }
	}
	_, err := pools.Together(s, threads, d.producers, func(p int) error {
		send, end, err := sender(p)
		if err != nil {
			return err
		}
		defer end()
		return d.due.Send(p, batch, idle, send)
	}, func() {
		d.roll.Await(threads, d.due.Len())
		d.due.End()
	})
	return err
}

// sender opens a producer's way to an Exec; send sends the tasks from one to before another, waiting for room.
type sender func(*exec.Exec) (send func(from, to int, task func(i int) exec.Task), end func(), err error)

// singly sends each by what via opens.
func singly(via func(*exec.Exec) (func(exec.Task) bool, func(), error)) sender {
	return func(x *exec.Exec) (func(from, to int, task func(int) exec.Task), func(), error) {
		push, end, err := via(x)
		return func(from, to int, task func(int) exec.Task) {
			for i := from; i < to; i++ {
				t := task(i)
				for wait := measure.Shared(true); !push(t); {
					wait.Took(0, 1)
				}
			}
		}, end, err
	}
}

// staged stages on a lane and flushes once.
func staged(x *exec.Exec) (func(from, to int, task func(int) exec.Task), func(), error) {
	lane, err := x.Lane()
	if err != nil {
		return nil, nil, err
	}
	return func(from, to int, task func(int) exec.Task) {
		stageOn(lane, to-from, func(i int) exec.Task { return task(from + i) })
	}, func() { lane.Close() }, nil
}

// agedValues sends values that are due through a lane of an inbox, 32 at most at once.
func agedValues(load int) run {
	return func(s measure.Spot, n int) (measure.Sample, error) {
		return ages.Load(n, 1, load, func(due *ages.Schedule) error {
			t := &measure.Tally{N: due.Len()}
			whole, skew := message.Handler(t), s.Skew()
			handle := func(l *exec.Local, batch []message.Message) int {
				now := mem.Ticks() - skew
				for _, m := range batch {
					due.Done(0, int(m.Seq), now)
				}
				return whole(l, batch)
			}
			return startInbox(s, exec.Config{Spin: exec.SpinForever}, handle, func(lane *exec.Lane[message.Message]) error {
				_, err := s.On(0, func() error {
					batch := make([]message.Message, message.Batch)
					err := due.Send(0, message.Batch, nil, func(from, to int) error {
						rest := batch[:to-from]
						message.Fill(rest, uint64(from))
						for wait := (measure.Poll{}); ; wait.Took(0, 1) {
							if rest = rest[lane.PushBatch(rest):]; len(rest) == 0 {
								return nil
							}
						}
					})
					err = errors.Join(err, t.Await())
					due.End()
					return err
				})
				return err
			})
		})
	}
}
