package execs

import (
	"errors"
	"time"

	"github.com/pushcore/pushcore/bench/internal/courier"
	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/bench/internal/message"
	"github.com/pushcore/pushcore/bench/internal/pools"

	"github.com/pushcore/pushcore/exec"
)

func execRows() []measure.Row {
	rows := pools.WithLatency(measure.Row{
		Name: "Exec/prepared",
		Does: "tasks that are there already, from the first cpu to a worker on the second, one at a time and by 32",
		Impls: measure.Join(measure.Ours("pushcore", lanePush), measure.Ours("pushcore-by32", laneStage),
			measure.Ours("pushcore-trysend", trySend),
			measure.Each("go", GoPrepared), pools.Tasks(poolPrepared, "channel", "ants", "pond", "errgroup")),
		Wants: []measure.Want{measure.Faster("pushcore", "go", 8), measure.Faster("pushcore-by32", "go", 8)},
	}, begun, func(load int) []measure.Impl {
		return agedImpls(load, Again, "pushcore", singly(viaLane), "pushcore-by32", staged)
	})
	rows = append(rows, pools.WithLatency(measure.Row{
		Name: "Exec/closure",
		Does: "a fresh closure for each task, from the first cpu to a worker on the second, by 32 and one at a time",
		Impls: measure.Join(measure.Ours("pushcore", closureStage), measure.Ours("pushcore-one", closurePush),
			measure.Each("go", goClosure), measure.Each("channel", channelClosure),
			pools.Tasks(poolClosure, "ants", "pond", "errgroup")),
		Wants: []measure.Want{measure.Faster("pushcore", "go", 3), measure.Faster("pushcore", "channel", 1),
			measure.Faster("pushcore-one", "channel", 1)},
	}, begun, func(load int) []measure.Impl {
		return agedImpls(load, freshly, "pushcore-one", singly(viaLane), "pushcore", staged)
	})...)
	return append(rows, localRows()...)
}

// agedImpls are an Exec's, by one way of sending, one at a time by another, and by TrySend, and the pools', which get
// closures.
func agedImpls(load int, tasks making, one string, singlyBy sender, many string, stagedBy sender) []measure.Impl {
	return measure.Join(measure.Ours(one, agedExec(load, 1, 1, exec.Config{}, singlyBy, tasks)),
		measure.Ours(many, agedExec(load, 1, message.Batch, exec.Config{}, stagedBy, tasks)),
		measure.Ours("pushcore-trysend", agedExec(load, 1, 1, exec.Config{}, singly(viaTrySend), tasks)),
		pools.Tasks(AgedPool(load, 1, 0), "channel", "ants", "pond", "errgroup"),
		pools.Tasks(AgedPool(load, 1, pools.Anyone), "go"), measure.Floor("line-oneway", courier.LineOneWay))
}

func localRows() []measure.Row {
	return []measure.Row{{
		Name: "Exec/repost",
		Does: "50 tasks that take turns by posting themselves again, and one alone",
		Impls: measure.Join(measure.Ours("pushcore", repostMany), measure.Ours("pushcore-single", repostOne),
			measure.Procs("gosched", goschedMany), measure.Calibration()),
		Wants: []measure.Want{measure.Faster("pushcore", "gosched", 8), measure.AtMost("pushcore", 7),
			measure.AtMost("pushcore-single", 7)},
	}, {
		Name:  "Exec/chain",
		Does:  "a chain of closures on one loop, each of which spawns the next",
		Impls: measure.Join(measure.Ours("pushcore", chainSpawn), measure.Procs("go", chainGo), measure.Calibration()),
		Wants: []measure.Want{measure.Faster("pushcore", "go", 3), measure.AtMost("pushcore", 45)},
	}}
}

// start runs an Exec, on the spot's second cpu if that is pinned, while body runs, and drains it.
func start(s measure.Spot, cfg exec.Config, body func(x *exec.Exec) error) error {
	if s.Pinned {
		cfg.CPUs = s.WorkerCPU()
	}
	x, err := exec.New(cfg)
	if err != nil {
		return err
	}
	if err := x.Start(); err != nil {
		return err
	}
	err = body(x)
	x.Stop()
	return errors.Join(err, x.Wait())
}

// prepared is a task that is used again and again: sent, it costs no allocation.
type prepared struct {
	*measure.Tally
	id uint64 // tasks are sent in the order of their ids, round and round
}

func (p *prepared) Run(*exec.Local) { p.See(p.Next - p.Next%PreparedTasks + p.id) }

// PreparedTasks is how many there are.
const PreparedTasks = 64

// Prepare returns tasks that fill the tally when they are sent in turn, again and again.
func Prepare(t *measure.Tally) (tasks [PreparedTasks]exec.Task) {
	for i := range tasks {
		tasks[i] = &prepared{t, uint64(i)}
	}
	return tasks
}

// toExec times send, which runs on the first cpu, until the tally is full.
func toExec(s measure.Spot, n int, send func(x *exec.Exec, t *measure.Tally) error) (measure.Sample, error) {
	t := &measure.Tally{N: n}
	var d time.Duration
	err := start(s, exec.Config{}, func(x *exec.Exec) (err error) {
		d, err = s.On(0, func() error {
			if err := send(x, t); err != nil {
				return err
			}
			return t.Await()
		})
		return err
	})
	return measure.PerOp(d, n), err
}

// lanePush sends prepared tasks one at a time, each visible at once.
func lanePush(s measure.Spot, n int) (measure.Sample, error) {
	return toExec(s, n, func(x *exec.Exec, t *measure.Tally) error {
		tasks := Prepare(t)
		lane, err := x.Lane()
		if err != nil {
			return err
		}
		for i := range n {
			for wait := (measure.Poll{}); !lane.Push(tasks[i%PreparedTasks]); {
				wait.Took(0, 1)
			}
		}
		return nil
	})
}

// laneStage makes them visible 32 at a time.
func laneStage(s measure.Spot, n int) (measure.Sample, error) {
	return toExec(s, n, func(x *exec.Exec, t *measure.Tally) error {
		tasks := Prepare(t)
		return stageAll(x, n, func(i int) exec.Task { return tasks[i%PreparedTasks] })
	})
}

// stageAll stages n tasks on a lane of its own and flushes every 32.
func stageAll(x *exec.Exec, n int, task func(i int) exec.Task) error {
	lane, err := x.Lane()
	if err != nil {
		return err
	}
	stageOn(lane, n, task)
	return nil
}

func stageOn(lane *exec.Lane[exec.Task], n int, task func(i int) exec.Task) {
	for i := range n {
		t := task(i)
		for wait := (measure.Poll{}); !lane.Stage(t); wait.Took(0, 1) {
			lane.Flush()
		}
		if i%32 == 31 {
			lane.Flush()
		}
	}
	lane.Flush()
}

// trySend goes through the inbox that any goroutine may send to.
func trySend(s measure.Spot, n int) (measure.Sample, error) {
	return toExec(s, n, func(x *exec.Exec, t *measure.Tally) error {
		tasks := Prepare(t)
		for i := range n {
			for wait := (measure.Poll{}); !x.TrySend(tasks[i%PreparedTasks]); {
				wait.Took(0, 1)
			}
		}
		return nil
	})
}

// closure returns a task that carries v.
func closure(t *measure.Tally, v uint64) exec.Task { return exec.Func(func(*exec.Local) { t.See(v) }) }

// closureStage sends a fresh closure each, 32 at a time.
func closureStage(s measure.Spot, n int) (measure.Sample, error) {
	return toExec(s, n, func(x *exec.Exec, t *measure.Tally) error {
		return stageAll(x, n, func(i int) exec.Task { return closure(t, uint64(i)) })
	})
}

// closurePush sends a fresh closure each, one at a time.
func closurePush(s measure.Spot, n int) (measure.Sample, error) {
	return toExec(s, n, func(x *exec.Exec, t *measure.Tally) error {
		lane, err := x.Lane()
		if err != nil {
			return err
		}
		for i := range uint64(n) {
			task := closure(t, i)
			for wait := (measure.Poll{}); !lane.Push(task); {
				wait.Took(0, 1)
			}
		}
		return nil
	})
}
