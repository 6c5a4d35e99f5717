package main

import (
	"errors"
	"sync/atomic"
	"time"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/place"
)

func execRows() []row {
	return []row{{
		name: "Exec/prepared",
		impls: join(ours("pushcore", lanePush), ours("pushcore-by32", laneStage), ours("pushcore-trysend", trySend),
			ours("pushcore-group", groupTasks), ours("pushcore-group-by32", groupTaskBatches), each("go", goPrepared)),
		targets: []target{faster("pushcore", "go", 8), faster("pushcore-by32", "go", 8)},
	}, {
		name: "Exec/closure",
		impls: join(ours("pushcore", closureStage), ours("pushcore-one", closurePush),
			each("go", goClosure), each("channel", channelClosure)),
		targets: []target{faster("pushcore", "go", 3), faster("pushcore", "channel", 1), faster("pushcore-one", "channel", 1)},
	}, {
		name: "Exec/repost",
		impls: join(ours("pushcore", repostMany), ours("pushcore-single", repostOne),
			everyProcs("gosched", goschedMany), calibrationImpl()),
		targets: []target{faster("pushcore", "gosched", 8), atMost("pushcore", 7), atMost("pushcore-single", 7)},
	}, {
		name:    "Exec/chain",
		impls:   join(ours("pushcore", chainSpawn), everyProcs("go", chainGo), calibrationImpl()),
		targets: []target{faster("pushcore", "go", 3), atMost("pushcore", 45)},
	}}
}

// start runs an Exec on the spot's second cpu while body runs, and drains it.
func (s spot) start(cfg exec.Config, body func(x *exec.Exec) error) error {
	cfg.CPUs = s.workerCPU()
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

// workerCPU is the set of the second cpu, or none where threads cannot be pinned.
func (s spot) workerCPU() place.Set {
	if _, err := place.Current(); errors.Is(err, errors.ErrUnsupported) {
		return nil
	}
	return place.Of(s.cpus[1])
}

// tally is what the tasks of one measurement share; only the loop touches it until done is set.
type tally struct {
	check
	n    int
	done atomic.Bool
}

// see notes one task's run.
func (t *tally) see(v uint64) {
	t.add(v)
	if t.next == uint64(t.n) {
		t.done.Store(true)
	}
}

func (t *tally) await() error {
	for wait := (poll{}); !t.done.Load(); {
		wait.took(0, 1)
	}
	return t.err(t.n)
}

// prepared is a task that is used again and again: sent, it costs no allocation.
type prepared struct {
	*tally
	id uint64 // tasks are sent in the order of their ids, round and round
}

func (p *prepared) Run(*exec.Local) { p.see(p.next - p.next%preparedTasks + p.id) }

const preparedTasks = 64

func (t *tally) prepare() (tasks [preparedTasks]exec.Task) {
	for i := range tasks {
		tasks[i] = &prepared{t, uint64(i)}
	}
	return tasks
}

// toExec times send, which runs on the first cpu, until the tally is full.
func (s spot) toExec(n int, send func(x *exec.Exec, t *tally) error) (sample, error) {
	t := &tally{n: n}
	var d time.Duration
	err := s.start(exec.Config{}, func(x *exec.Exec) (err error) {
		d, err = s.on(0, func() error {
			if err := send(x, t); err != nil {
				return err
			}
			return t.await()
		})
		return err
	})
	return perOp(d, n), err
}

// lanePush sends prepared tasks one at a time, each visible at once.
func lanePush(s spot, n int) (sample, error) {
	return s.toExec(n, func(x *exec.Exec, t *tally) error {
		tasks := t.prepare()
		lane, err := x.Lane()
		if err != nil {
			return err
		}
		for i := range n {
			for wait := (poll{}); !lane.Push(tasks[i%preparedTasks]); {
				wait.took(0, 1)
			}
		}
		return nil
	})
}

// laneStage makes them visible 32 at a time.
func laneStage(s spot, n int) (sample, error) {
	return s.toExec(n, func(x *exec.Exec, t *tally) error {
		tasks := t.prepare()
		return stageAll(x, n, func(i int) exec.Task { return tasks[i%preparedTasks] })
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
		for wait := (poll{}); !lane.Stage(t); wait.took(0, 1) {
			lane.Flush()
		}
		if i%32 == 31 {
			lane.Flush()
		}
	}
	lane.Flush()
}

// trySend goes through the inbox that any goroutine may send to.
func trySend(s spot, n int) (sample, error) {
	return s.toExec(n, func(x *exec.Exec, t *tally) error {
		tasks := t.prepare()
		for i := range n {
			for wait := (poll{}); !x.TrySend(tasks[i%preparedTasks]); {
				wait.took(0, 1)
			}
		}
		return nil
	})
}

// closure returns a task that carries v.
func (t *tally) closure(v uint64) exec.Task { return exec.Func(func(*exec.Local) { t.see(v) }) }

// closureStage sends a fresh closure each, 32 at a time.
func closureStage(s spot, n int) (sample, error) {
	return s.toExec(n, func(x *exec.Exec, t *tally) error {
		return stageAll(x, n, func(i int) exec.Task { return t.closure(uint64(i)) })
	})
}

// closurePush sends a fresh closure each, one at a time.
func closurePush(s spot, n int) (sample, error) {
	return s.toExec(n, func(x *exec.Exec, t *tally) error {
		lane, err := x.Lane()
		if err != nil {
			return err
		}
		for i := range uint64(n) {
			task := t.closure(i)
			for wait := (poll{}); !lane.Push(task); {
				wait.took(0, 1)
			}
		}
		return nil
	})
}
