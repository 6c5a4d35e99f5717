package main

import (
	"errors"
	"time"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/place"
	"github.com/pushcore/pushcore/group"
)

func idleRows() []row {
	return []row{{
		name:    "Idle/workers=2",
		impls:   []impl{ours("pushcore", idle)},
		targets: []target{below("pushcore", 1, " %")},
		rounds:  1,
		n:       5,
	}}
}

// idle starts a group of two workers, sends nothing, and returns the share of one core that the process used in n
// seconds.
func idle(s spot, n int) (sample, error) {
	cfg := group.Config[message]{
		Workers: 2,
		Worker: func(*exec.Local, int) (group.Handler[message], error) {
			return group.HandlerFunc[message](func(_ *exec.Local, batch []message) int { return len(batch) }), nil
		},
	}
	if s.workerCPU() != nil {
		cfg.CPUs = place.Of(s.cpus[:]...)
	}
	g, err := group.New(cfg)
	if err != nil {
		return sample{}, err
	}
	if err := g.Start(); err != nil {
		return sample{}, err
	}
	before, err := cpuTime(false)
	start := time.Now()
	time.Sleep(time.Duration(n) * time.Second)
	wall := time.Since(start)
	after, err2 := cpuTime(false)
	g.Stop()
	if err := errors.Join(err, err2, g.Wait()); err != nil {
		return sample{}, err
	}
	return sample{value: 100 * float64(after-before) / float64(wall), unit: "%core"}, nil
}
