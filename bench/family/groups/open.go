package groups

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/bench/internal/pools"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/place"
	"github.com/pushcore/pushcore/group"
)

// This file starts groups and ends them, and says how to wait for room.

// serve starts a group and so many producers into it, calls body, and drains the group. What is left over is an error.
func serve[T any](c group.Config[T], producers int, body func([]*group.Producer[T]) error) error {
	return running(c, func(g *group.Group[T]) (err error) {
		ps := make([]*group.Producer[T], producers)
		for i := range ps {
			if ps[i], err = g.Producer(); err != nil {
				return err
			}
		}
		err = body(ps)
		for _, p := range ps {
			rest, err2 := p.Close()
			err = errors.Join(err, err2, leftOver(len(rest)))
		}
		return err
	})
}

// running starts a group, calls body, and drains the group. What is left over is an error.
func running[T any](c group.Config[T], body func(*group.Group[T]) error) error {
	g, err := group.New(c)
	if err != nil {
		return err
	}
	if err := g.Start(); err != nil {
		return err
	}
	err = body(g)
	undone, err2 := g.Drain(context.Background())
	return errors.Join(err, err2, leftOver(len(undone)), g.Wait())
}

func leftOver(n int) error {
	if n > 0 {
		return fmt.Errorf("data error: %d items were left over", n)
	}
	return nil
}

// one is the group of one worker, on the spot's second cpu.
func one[T any](s measure.Spot, spin time.Duration, handle group.HandlerFunc[T]) group.Config[T] {
	return group.Config[T]{
		Workers: 1,
		CPUs:    workerCPUs(s, 1),
		Depth:   measure.Capacity,
		Exec:    exec.Config{Spin: spin},
		Worker:  func(*exec.Local, int) (group.Handler[T], error) { return handle, nil },
	}
}

// workerCPUs is where so many workers are, or nothing where threads are not pinned or cannot be.
func workerCPUs(s measure.Spot, workers int) (set place.Set) {
	if !s.Pinned || s.WorkerCPU() == nil {
		return nil
	}
	for i := range workers {
		set = append(set, s.CPUs[pools.CPUOf(i)])
	}
	return set
}

// sendAll sends a batch, waiting for room.
func sendAll[T any](p *group.Producer[T], batch []T) error {
	for wait := measure.Shared(true); ; {
		rest, err := p.SendBatch(batch)
		if err == nil {
			return nil
		}
		if !errors.Is(err, group.ErrFull) {
			return err
		}
		batch = rest
		wait.Took(0, 1)
	}
}

// retry calls send until there is room.
func retry(send func() error) error {
	for wait := measure.Shared(true); ; {
		wait.Took(0, 1)
		if err := send(); !errors.Is(err, group.ErrFull) {
			return err
		}
	}
}
