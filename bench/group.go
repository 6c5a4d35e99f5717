package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
)

func groupRows() []row {
	return []row{{
		name: "Group/values/by32",
		impls: join(ours("pushcore", groupSendBatch), ours("pushcore-stage", groupStage), ours("pushcore-lane", laneValues),
			each("channel", channelMessages), each("mutex-swap", mutexMessages)),
		targets: []target{faster("pushcore", "channel", 6), faster("pushcore-stage", "channel", 6), faster("pushcore-lane", "channel", 6)},
	}, {
		name:  "Group/values/one",
		impls: join(ours("pushcore", groupSend), each("channel", channelMessages)),
	}}
}

// open starts a group of one worker, on the spot's second cpu, and a producer into it. end closes both.
func open[T any](s spot, spin time.Duration, handle group.HandlerFunc[T]) (p *group.Producer[T], end func() error, err error) {
	g, err := group.New(group.Config[T]{
		Workers: 1,
		CPUs:    s.workerCPU(),
		Depth:   capacity,
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
func toGroup(s spot, n int, send func(p *group.Producer[message]) error) (sample, error) {
	t := &tally{n: n}
	p, end, err := open(s, 0, t.handle)
	if err != nil {
		return sample{}, err
	}
	d, err := s.on(0, func() error {
		if err := send(p); err != nil {
			return err
		}
		return t.await()
	})
	return perOp(d, n), errors.Join(err, end())
}

// groupSendBatch sends 32 at a time.
func groupSendBatch(s spot, n int) (sample, error) {
	return toGroup(s, n, func(p *group.Producer[message]) error {
		batch := make([]message, messageBatch)
		for i := 0; i < n; i += messageBatch {
			fill(batch, uint64(i))
			if err := sendAll(p, batch); err != nil {
				return err
			}
		}
		return nil
	})
}

// sendAll sends a batch, waiting for room.
func sendAll[T any](p *group.Producer[T], batch []T) error {
	for wait := (poll{}); ; wait.took(0, 1) {
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
	for wait := (poll{}); ; wait.took(0, 1) {
		if err := send(v); !errors.Is(err, group.ErrFull) {
			return err
		}
	}
}

// groupStage stages one at a time and flushes every 32.
func groupStage(s spot, n int) (sample, error) {
	return toGroup(s, n, func(p *group.Producer[message]) error {
		for i := range uint64(n) {
			m := message{i, ^i}
			if err := p.Stage(m); err != nil {
				if err = retry(p.Stage, m); err != nil {
					return err
				}
			}
			if i%messageBatch == messageBatch-1 {
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
func groupSend(s spot, n int) (sample, error) {
	return toGroup(s, n, func(p *group.Producer[message]) error {
		for i := range uint64(n) {
			m := message{i, ^i}
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
func tasksToGroup(s spot, n int, send func(p *group.Producer[exec.Task], tasks []exec.Task) error) (sample, error) {
	t := &tally{n: n}
	p, end, err := open(s, 0, exec.RunTasks)
	if err != nil {
		return sample{}, err
	}
	d, err := s.on(0, func() error {
		tasks := t.prepare()
		if err := send(p, tasks[:]); err != nil {
			return err
		}
		return t.await()
	})
	return perOp(d, n), errors.Join(err, end())
}

// groupTasks sends prepared tasks one at a time.
func groupTasks(s spot, n int) (sample, error) {
	return tasksToGroup(s, n, func(p *group.Producer[exec.Task], tasks []exec.Task) error {
		for i := range n {
			t := tasks[i%preparedTasks]
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
func groupTaskBatches(s spot, n int) (sample, error) {
	return tasksToGroup(s, n, func(p *group.Producer[exec.Task], tasks []exec.Task) error {
		batch := make([]exec.Task, messageBatch) // SendBatch may move what it is given
		for i := 0; i < n; i += messageBatch {
			at := i % preparedTasks
			copy(batch, tasks[at:at+messageBatch])
			if err := sendAll(p, batch); err != nil {
				return err
			}
		}
		return nil
	})
}

// openGroup is a courier to a group.
func openGroup(spin time.Duration) opener {
	return func(s spot, handle func(int64)) (courier, error) {
		p, end, err := open(s, spin, func(_ *exec.Local, batch []int64) int {
			for _, v := range batch {
				handle(v)
			}
			return len(batch)
		})
		if err != nil {
			return courier{}, err
		}
		var failed error
		return courier{func(v int64) {
			if err := p.Send(v); err != nil {
				failed = errors.Join(failed, retry(p.Send, v))
			}
		}, func() error { return errors.Join(failed, end()) }}, nil
	}
}
