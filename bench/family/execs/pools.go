package execs

import (
	"errors"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/bench/internal/pools"
)

// This file gives pools of one worker the work that an Exec is given.

// The runs of a row.
type run = func(s measure.Spot, n int) (measure.Sample, error)

// onPool opens a pool of one worker while body runs.
func onPool(s measure.Spot, open pools.TaskOpener, body func(send func(func()) error) (measure.Sample, error)) (
	measure.Sample, error,
) {
	defer pools.Procs(s.Pinned, 2)()
	p, err := open(pools.Crew{Spot: s, Workers: 1})
	if err != nil {
		return measure.Sample{}, err
	}
	sm, err := body(p.Sender())
	return sm, errors.Join(err, p.Stop())
}

// poolPrepared sends functions that are there already.
func poolPrepared(open pools.TaskOpener) run {
	return countedOn(open, func(t *measure.Tally) func(i uint64) func() {
		var tasks [PreparedTasks]func()
		for id := range tasks {
			tasks[id] = func() { t.See(t.Next - t.Next%PreparedTasks + uint64(id)) }
		}
		return func(i uint64) func() { return tasks[i%PreparedTasks] }
	})
}

// poolClosure sends a closure each.
func poolClosure(open pools.TaskOpener) run {
	return countedOn(open, func(t *measure.Tally) func(i uint64) func() {
		return func(i uint64) func() { return func() { t.See(i) } }
	})
}

// countedOn sends n tasks, which fill a tally, and waits for them. The tally is plain, as an Exec's is: one worker runs
// one task after the other, in the order sent.
func countedOn(open pools.TaskOpener, tasks func(*measure.Tally) func(i uint64) func()) run {
	return func(s measure.Spot, n int) (measure.Sample, error) {
		return onPool(s, open, func(send func(func()) error) (measure.Sample, error) {
			t := &measure.Tally{N: n}
			task := tasks(t)
			d, err := s.On(0, func() error {
				for i := range uint64(n) {
					if err := send(task(i)); err != nil {
						return err
					}
				}
				for !t.Done.Load() {
					runtime.Gosched() // the worker may be a goroutine of this thread's P
				}
				return t.Err(n)
			})
			return measure.PerOp(d, n), err
		})
	}
}

// spawnRemotePool sends many closures to a pool, and waits for the results of all. The load runs beside it, as
// goroutines: a task of a pool cannot yield, and one that submits itself again to a bounded pool may wait for itself.
func spawnRemotePool(most int, busy func(on *atomic.Bool, wg *sync.WaitGroup)) func(pools.TaskOpener) run {
	return func(open pools.TaskOpener) run {
		return func(s measure.Spot, n int) (measure.Sample, error) {
			return onPool(s, open, func(send func(func()) error) (measure.Sample, error) {
				return spawnBeside(s, n, most, busy, oneByOne, send)
			})
		}
	}
}

// spawnPools are the pools of the rows about spawning.
func spawnPools(most int, busy func(on *atomic.Bool, wg *sync.WaitGroup)) []measure.Impl {
	return pools.Tasks(spawnRemotePool(most, busy), "channel", "ants", "pond", "errgroup")
}
