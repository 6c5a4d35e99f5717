package execs

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/pushcore/pushcore/bench/internal/measure"

	"github.com/pushcore/pushcore/exec"
)

// This file holds tasks that make more tasks on their own loop.

// repostTasks is how many tasks take turns.
const repostTasks = 50

// turns checks that tasks which re-post themselves run in turn.
type turns struct {
	tasks, next, live, wrong int
	start                    time.Time
	done                     atomic.Bool
	elapsed                  time.Duration
}

// reposter runs left times by spawning itself.
type reposter struct {
	*turns
	id, left int
}

func (r *reposter) Run(l *exec.Local) {
	if r.id != r.next {
		r.wrong++
	}
	if r.next++; r.next == r.tasks {
		r.next = 0
	}
	if r.left--; r.left > 0 {
		if !l.Spawn(r) {
			r.wrong++
		}
		return
	}
	if r.live--; r.live == 0 {
		r.elapsed = time.Since(r.start)
		r.done.Store(true)
	}
}

// repost lets tasks tasks re-post themselves until they have run about n times together.
func repost(s measure.Spot, n, tasks int) (measure.Sample, error) {
	each := max(1, n/tasks)
	t := &turns{tasks: tasks, live: tasks}
	err := start(s, exec.Config{}, func(x *exec.Exec) error {
		begin := exec.Func(func(l *exec.Local) {
			t.start = time.Now()
			for i := range tasks {
				l.Spawn(&reposter{t, i, each})
			}
		})
		if !x.TrySend(begin) {
			return errors.New("the Exec refused its first task")
		}
		for wait := (measure.Poll{}); !t.done.Load(); {
			wait.Took(0, 1)
		}
		return nil
	})
	if err == nil && t.wrong > 0 {
		err = fmt.Errorf("data error: %d tasks of %d ran out of turn", t.wrong, each*tasks)
	}
	return measure.PerOp(t.elapsed, each*tasks), err
}

func repostMany(s measure.Spot, n int) (measure.Sample, error) { return repost(s, n, repostTasks) }
func repostOne(s measure.Spot, n int) (measure.Sample, error)  { return repost(s, n, 1) }

// chain is tasks of which each spawns the next, a closure of its own.
type chain struct {
	measure.Tally
	start   time.Time
	elapsed time.Duration
}

func (c *chain) link(i uint64) exec.Func {
	return func(l *exec.Local) {
		c.Add(i)
		if i+1 == uint64(c.N) {
			c.elapsed = time.Since(c.start)
			c.Done.Store(true)
		} else if !l.Spawn(c.link(i + 1)) {
			c.Wrong++
		}
	}
}

func chainSpawn(s measure.Spot, n int) (measure.Sample, error) {
	c := &chain{Tally: measure.Tally{N: n}}
	err := start(s, exec.Config{}, func(x *exec.Exec) error {
		first := func(l *exec.Local) {
			c.start = time.Now()
			l.Spawn(c.link(0))
		}
		if !x.TrySend(exec.Func(first)) {
			return errors.New("the Exec refused its first task")
		}
		return c.Await()
	})
	return measure.PerOp(c.elapsed, n), err
}
