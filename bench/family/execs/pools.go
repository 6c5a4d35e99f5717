package execs

import (
	"errors"
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
	return countedOn(open, func(g *goSum) func(i uint64) func() {
		var tasks [PreparedTasks]func()
		for id := range tasks {
			tasks[id] = func() { g.add(uint64(id)) }
		}
		return func(i uint64) func() { return tasks[i%PreparedTasks] }
	}, func(n int) (sum uint64) {
		const lap = PreparedTasks
		return uint64(n/lap)*triangle(lap) + triangle(n%lap)
	})
}

// poolClosure sends a closure each.
func poolClosure(open pools.TaskOpener) run {
	return countedOn(open, func(g *goSum) func(i uint64) func() {
		return func(i uint64) func() { return func() { g.add(i) } }
	}, triangle)
}

// countedOn sends n tasks, which add up to sum, and waits for them.
func countedOn(open pools.TaskOpener, tasks func(*goSum) func(i uint64) func(), sum func(n int) uint64) run {
	return func(s measure.Spot, n int) (measure.Sample, error) {
		n = min(n, goSumMost)
		return onPool(s, open, func(send func(func()) error) (measure.Sample, error) {
			var g goSum
			task := tasks(&g)
			d, err := s.On(0, func() error {
				for i := range uint64(n) {
					if err := send(task(i)); err != nil {
						return err
					}
				}
				g.await(n)
				return g.err(n, sum(n))
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
				return spawnBeside(s, n, most, busy, send)
			})
		}
	}
}

// spawnPools are the pools of the rows about spawning.
func spawnPools(most int, busy func(on *atomic.Bool, wg *sync.WaitGroup)) []measure.Impl {
	return pools.Tasks(spawnRemotePool(most, busy), "channel", "ants", "pond", "errgroup")
}
