package groups

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/pushcore/pushcore/bench/family/execs"
	"github.com/pushcore/pushcore/bench/internal/courier"
	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/bench/internal/message"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
)

// Family lists the rows.
func Family() measure.Family {
	rows := groupRows()
	rows = append(rows, pickRows()...)
	rows = append(rows, latencyRows()...)
	return measure.Family{Name: "group", Does: "package group and its balancers beside worker pools", Rows: rows}
}

func latencyRows() []measure.Row {
	return []measure.Row{{
		Name: "Group/latency/load=10",
		Does: "one message at a tenth of what can be sent one by one, both sides polling: from Send to the handler",
		Impls: measure.Join(measure.Ours("pushcore", courier.Loaded(openGroup(exec.SpinForever), 0.1)),
			measure.Each("channel", courier.Loaded(courier.Channel, 0.1)), measure.Ours("line-oneway", courier.LineOneWay)),
		Wants: []measure.Want{measure.Within("pushcore", "line-oneway", 3)},
	}, {
		Name: "Group/latency/parked",
		Does: "one message after 200 us of silence, to a worker that parks at once",
		Impls: measure.Join(measure.Ours("pushcore", courier.Parked(openGroup(-1))),
			measure.Each("channel", courier.Parked(courier.Channel)), measure.Ours("futex", courier.Parked(courier.Futex))),
		Wants: []measure.Want{measure.Plus("pushcore", "futex", 2000)},
	}}
}

func groupRows() []measure.Row {
	return []measure.Row{{
		Name: "Group/values/by32",
		Impls: measure.Join(measure.Ours("pushcore", groupSendBatch), measure.Ours("pushcore-stage", groupStage),
			measure.Each("channel", message.Channel), measure.Each("mutex-swap", message.MutexSwap)),
		Wants: []measure.Want{measure.Faster("pushcore", "channel", 6), measure.Faster("pushcore-stage", "channel", 6)},
	}, {
		Name:  "Group/values/one",
		Impls: measure.Join(measure.Ours("pushcore", groupSend), measure.Each("channel", message.Channel)),
	}, {
		Name:  "Group/tasks",
		Does:  "prepared tasks to a group of one worker, one at a time and by 32",
		Impls: measure.Join(measure.Ours("pushcore", groupTasks), measure.Ours("pushcore-by32", groupTaskBatches), measure.Each("go", execs.GoPrepared)),
		Wants: []measure.Want{measure.Faster("pushcore", "go", 8), measure.Faster("pushcore-by32", "go", 8)},
	}}
}

// open starts a group of one worker, on the spot's second cpu, and a producer into it. end closes both.
func open[T any](s measure.Spot, spin time.Duration, handle group.HandlerFunc[T]) (p *group.Producer[T], end func() error, err error) {
	g, err := group.New(group.Config[T]{
		Workers: 1,
		CPUs:    s.WorkerCPU(),
		Depth:   measure.Capacity,
		Exec:    exec.Config{Spin: spin},
		Worker:  func(*exec.Local, int) (group.Handler[T], error) { return handle, nil },
	})
	if err != nil {
		return nil, nil, err
	}
	if err := g.Start(); err != nil {
		return nil, nil, err
	}
	if p, err = g.Producer(); err != nil {
		g.Stop()
		return nil, nil, errors.Join(err, g.Wait())
	}
	return p, func() error {
		rest, err := p.Close()
		undone, err2 := g.Drain(context.Background())
		if n := len(rest) + len(undone); n > 0 {
			err = errors.Join(err, fmt.Errorf("data error: %d items were left over", n))
		}
		return errors.Join(err, err2, g.Wait())
	}, nil
}

// toGroup times send, which runs on the first cpu, until the worker has seen n messages.
func toGroup(s measure.Spot, n int, send func(p *group.Producer[message.Message]) error) (measure.Sample, error) {
	t := &measure.Tally{N: n}
	p, end, err := open(s, 0, message.Handler(t))
	if err != nil {
		return measure.Sample{}, err
	}
	d, err := s.On(0, func() error {
		if err := send(p); err != nil {
			return err
		}
		return t.Await()
	})
	return measure.PerOp(d, n), errors.Join(err, end())
}

// groupSendBatch sends 32 at a time.
func groupSendBatch(s measure.Spot, n int) (measure.Sample, error) {
	return toGroup(s, n, func(p *group.Producer[message.Message]) error {
		batch := make([]message.Message, message.Batch)
		for i := 0; i < n; i += message.Batch {
			message.Fill(batch, uint64(i))
			if err := sendAll(p, batch); err != nil {
				return err
			}
		}
		return nil
	})
}

// sendAll sends a batch, waiting for room.
func sendAll[T any](p *group.Producer[T], batch []T) error {
	for wait := (measure.Poll{}); ; wait.Took(0, 1) {
		rest, err := p.SendBatch(batch)
		if err == nil {
			return nil
		}
		if !errors.Is(err, group.ErrFull) {
			return err
		}
		batch = rest
	}
}

// retry calls send until there is room.
func retry[T any](send func(T) error, v T) error {
	for wait := (measure.Poll{}); ; wait.Took(0, 1) {
		if err := send(v); !errors.Is(err, group.ErrFull) {
			return err
		}
	}
}

// groupStage stages one at a time and flushes every 32.
func groupStage(s measure.Spot, n int) (measure.Sample, error) {
	return toGroup(s, n, func(p *group.Producer[message.Message]) error {
		for i := range uint64(n) {
			m := message.Make(i)
			if err := p.Stage(m); err != nil {
				if err = retry(p.Stage, m); err != nil {
					return err
				}
			}
			if i%message.Batch == message.Batch-1 {
				if _, err := p.Flush(); err != nil {
					return err
				}
			}
		}
		_, err := p.Flush()
		return err
	})
}

// groupSend sends one at a time, each visible at once.
func groupSend(s measure.Spot, n int) (measure.Sample, error) {
	return toGroup(s, n, func(p *group.Producer[message.Message]) error {
		for i := range uint64(n) {
			m := message.Make(i)
			if err := p.Send(m); err != nil {
				if err = retry(p.Send, m); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// tasksToGroup times send into a group of tasks.
func tasksToGroup(s measure.Spot, n int, send func(p *group.Producer[exec.Task], tasks []exec.Task) error) (measure.Sample, error) {
	t := &measure.Tally{N: n}
	p, end, err := open(s, 0, exec.RunTasks)
	if err != nil {
		return measure.Sample{}, err
	}
	d, err := s.On(0, func() error {
		tasks := execs.Prepare(t)
		if err := send(p, tasks[:]); err != nil {
			return err
		}
		return t.Await()
	})
	return measure.PerOp(d, n), errors.Join(err, end())
}

// groupTasks sends prepared tasks one at a time.
func groupTasks(s measure.Spot, n int) (measure.Sample, error) {
	return tasksToGroup(s, n, func(p *group.Producer[exec.Task], tasks []exec.Task) error {
		for i := range n {
			t := tasks[i%execs.PreparedTasks]
			if err := p.Send(t); err != nil {
				if err = retry(p.Send, t); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// groupTaskBatches sends them 32 at a time.
func groupTaskBatches(s measure.Spot, n int) (measure.Sample, error) {
	return tasksToGroup(s, n, func(p *group.Producer[exec.Task], tasks []exec.Task) error {
		batch := make([]exec.Task, message.Batch) // SendBatch may move what it is given
		for i := 0; i < n; i += message.Batch {
			at := i % execs.PreparedTasks
			copy(batch, tasks[at:at+message.Batch])
			if err := sendAll(p, batch); err != nil {
				return err
			}
		}
		return nil
	})
}

// openGroup is a courier to a group.
func openGroup(spin time.Duration) courier.Opener {
	return func(s measure.Spot, handle func(int64)) (courier.Courier, error) {
		p, end, err := open(s, spin, func(_ *exec.Local, batch []int64) int {
			for _, v := range batch {
				handle(v)
			}
			return len(batch)
		})
		if err != nil {
			return courier.Courier{}, err
		}
		var failed error
		return courier.Courier{Send: func(v int64) {
			if err := p.Send(v); err != nil {
				failed = errors.Join(failed, retry(p.Send, v))
			}
		}, Stop: func() error { return errors.Join(failed, end()) }}, nil
	}
}
