package execs

import (
	"errors"
	"fmt"

	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/bench/internal/message"
	"github.com/pushcore/pushcore/bench/internal/pools"

	"github.com/pushcore/pushcore/exec"
)

// This file lets several goroutines send closures to one Exec.

// sweptProducers are how many of them there are.
var sweptProducers = []int{1, 2, pools.MaxProducers}

func sweepRows() (rows []measure.Row) {
	for _, p := range sweptProducers {
		rows = append(rows, pools.WithLatency(measure.Row{
			Name: fmt.Sprintf("Exec/remote_spawn/producers=%d", p),
			Does: "closures from so many goroutines, on the first cpu and the second in turn, to one worker on the second; " +
				pools.Bounds,
			Full: true,
			Impls: measure.Join(measure.EachOurs("pushcore", sweep(p, viaTrySend)),
				measure.EachOurs("pushcore-lane", sweep(p, viaLane)),
				pools.Tasks(sweepPool(p, 0), "channel", "ants", "pond", "errgroup"),
				pools.Tasks(sweepPool(p, pools.Anyone), "go")),
		}, begun, func(load int) []measure.Impl {
			return measure.Join(measure.EachOurs("pushcore", agedExec(load, p, 1, exec.Config{}, singly(viaTrySend), freshly)),
				measure.EachOurs("pushcore-lane", agedExec(load, p, 1, exec.Config{}, singly(viaLane), freshly)),
				pools.Tasks(AgedPool(load, p, 0), "channel", "ants", "pond", "errgroup"),
				pools.Tasks(AgedPool(load, p, pools.Anyone), "go"))
		})...)
	}
	return rows
}

// viaTrySend sends to the inbox that any goroutine may send to.
func viaTrySend(x *exec.Exec) (send func(exec.Task) bool, end func(), err error) {
	return x.TrySend, func() {}, nil
}

// viaLane sends through a lane of the goroutine's own.
func viaLane(x *exec.Exec) (send func(exec.Task) bool, end func(), err error) {
	lane, err := x.Lane()
	if err != nil {
		return nil, nil, err
	}
	return lane.Push, func() { lane.Close() }, nil
}

// sweep is the run of an Exec to which each producer sends its share.
func sweep(producers int, via func(*exec.Exec) (func(exec.Task) bool, func(), error)) run {
	return func(s measure.Spot, n int) (sm measure.Sample, err error) {
		defer pools.Procs(true, 1+producers)()
		roll, each := pools.NewRoll(1), max(1, n/producers)
		place := roll.Place(0)
		task := func(m message.Message) exec.Task {
			return exec.Func(func(*exec.Local) {
				place.See(m)
				place.Show()
			})
		}
		err = start(s, exec.Config{}, func(x *exec.Exec) error {
			d, err := pools.Together(s, true, producers, func(i int) error {
				send, end, err := via(x)
				if err != nil {
					return err
				}
				defer end()
				for k := range uint64(each) {
					t := task(pools.Make(i, k))
					for wait := measure.Shared(true); !send(t); {
						wait.Took(0, 1)
					}
				}
				return nil
			}, func() { roll.Await(true, each*producers) })
			sm = measure.PerOp(d, each*producers)
			return err
		})
		return sm, errors.Join(err, roll.Err(producers, each))
	}
}

// sweepPool is the run of a pool to which each producer sends its share. worker is whose account is kept: that of the
// one worker, or of goroutines that may run at the same time.
func sweepPool(producers, worker int) func(pools.TaskOpener) run {
	return func(open pools.TaskOpener) run {
		return func(s measure.Spot, n int) (sm measure.Sample, err error) {
			defer pools.Procs(s.Pinned, 1+producers)()
			roll, each := pools.NewRoll(1), max(1, n/producers)
			pool, err := open(pools.Crew{Spot: s, Workers: 1})
			if err != nil {
				return sm, err
			}
			d, err := pools.Together(s, s.Pinned, producers, func(i int) error {
				send := pool.Sender()
				for k := range uint64(each) {
					m := pools.Make(i, k)
					if err := send(func() { roll.See(worker, m) }); err != nil {
						return err
					}
				}
				return nil
			}, func() { roll.Await(s.Pinned, each*producers) })
			return measure.PerOp(d, each*producers), errors.Join(err, pool.Stop(), roll.Err(producers, each))
		}
	}
}
