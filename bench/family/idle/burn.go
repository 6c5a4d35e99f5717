package idle

import (
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/alitto/pond/v2"
	"github.com/panjf2000/ants/v2"

	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/place"
	"github.com/pushcore/pushcore/group"
)

// burnSeconds is for how long nothing happens.
const burnSeconds = 2

// starter starts workers, gives each something to do, and returns when that is done; stop ends them.
type starter = func(s measure.Spot, workers int) (stop func() error, err error)

// burn returns a measurement of the share of one core that the process takes while workers wait for n seconds.
func burn(start starter, workers int) run {
	return func(s measure.Spot, n int) (measure.Sample, error) {
		stop, err := start(s, workers)
		if err != nil {
			return measure.Sample{}, err
		}
		before, err := measure.CPUTime(false)
		began := time.Now()
		if err == nil {
			time.Sleep(time.Duration(n) * time.Second)
		}
		wall := time.Since(began)
		after, err2 := measure.CPUTime(false)
		if err := errors.Join(err, err2, stop()); err != nil {
			return measure.Sample{}, err
		}
		return measure.Of(100*float64(after-before)/float64(wall), "%core"), nil
	}
}

// spread returns a cpu for each worker, in turn over both, or none where threads cannot be pinned.
func spread(s measure.Spot, workers int) (cpus place.Set) {
	if !s.Pinned || s.WorkerCPU() == nil {
		return nil
	}
	for i := range workers {
		cpus = append(cpus, s.CPUs[(i+1)%2])
	}
	return cpus
}

// quiet is for logs that would say each time that polling loops are many here.
var quiet = slog.New(slog.DiscardHandler)

// groupOf is a group whose workers wait as spin says.
func groupOf(spin time.Duration) starter {
	return func(s measure.Spot, workers int) (func() error, error) {
		var done sync.WaitGroup
		g, err := group.New(group.Config[int]{
			Workers: workers,
			CPUs:    spread(s, workers),
			Exec:    exec.Config{Spin: spin, Logger: quiet},
			Worker: func(*exec.Local, int) (group.Handler[int], error) {
				return group.HandlerFunc[int](func(_ *exec.Local, batch []int) int {
					done.Add(-len(batch))
					return len(batch)
				}), nil
			},
		})
		if err != nil {
			return nil, err
		}
		if err := g.Start(); err != nil {
			return nil, err
		}
		stop := func() error {
			g.Stop()
			return g.Wait()
		}
		p, err := g.Producer()
		if err != nil {
			return nil, errors.Join(err, stop())
		}
		done.Add(workers)
		for i := range workers {
			if err := p.SendTo(i, i); err != nil {
				return nil, errors.Join(err, stop())
			}
		}
		done.Wait()
		return stop, nil
	}
}

// channels is a goroutine per worker, each with a channel.
func channels(s measure.Spot, workers int) (func() error, error) {
	var done, ended sync.WaitGroup
	chs := make([]chan int, workers)
	for i := range chs {
		chs[i] = make(chan int, measure.Capacity)
		ended.Go(func() {
			for range chs[i] {
				done.Done()
			}
		})
	}
	done.Add(workers)
	for i, ch := range chs {
		ch <- i
	}
	done.Wait()
	return func() error {
		for _, ch := range chs {
			close(ch)
		}
		ended.Wait()
		return nil
	}, nil
}

// together has submit bring as many tasks as there are workers. None ends before all have begun, so that each has a
// worker of its own.
func together(workers int, submit func(task func()) error) error {
	var begun, done sync.WaitGroup
	begun.Add(workers)
	for range workers {
		done.Add(1)
		err := submit(func() {
			begun.Done()
			begun.Wait()
			done.Done()
		})
		if err != nil {
			return err
		}
	}
	done.Wait()
	return nil
}

func antsPool(_ measure.Spot, workers int) (func() error, error) {
	p, err := ants.NewPool(workers)
	if err != nil {
		return nil, err
	}
	return func() error { return p.ReleaseTimeout(10 * time.Second) }, together(workers, p.Submit)
}

func pondPool(_ measure.Spot, workers int) (func() error, error) {
	p := pond.NewPool(workers)
	return func() error {
		<-p.Stop().Done()
		return nil
	}, together(workers, p.Go)
}
