package main

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"

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
func repost(s spot, n, tasks int) (sample, error) {
	each := max(1, n/tasks)
	t := &turns{tasks: tasks, live: tasks}
	err := s.start(exec.Config{}, func(x *exec.Exec) error {
		begin := exec.Func(func(l *exec.Local) {
			t.start = time.Now()
			for i := range tasks {
				l.Spawn(&reposter{t, i, each})
			}
		})
		if !x.TrySend(begin) {
			return errors.New("the Exec refused its first task")
		}
		for wait := (poll{}); !t.done.Load(); {
			wait.took(0, 1)
		}
		return nil
	})
	if err == nil && t.wrong > 0 {
		err = fmt.Errorf("data error: %d tasks of %d ran out of turn", t.wrong, each*tasks)
	}
	return perOp(t.elapsed, each*tasks), err
}

func repostMany(s spot, n int) (sample, error) { return repost(s, n, repostTasks) }
func repostOne(s spot, n int) (sample, error)  { return repost(s, n, 1) }

// chain is tasks of which each spawns the next, a closure of its own.
type chain struct {
	tally
	start   time.Time
	elapsed time.Duration
}

func (c *chain) link(i uint64) exec.Func {
	return func(l *exec.Local) {
		c.add(i)
		if i+1 == uint64(c.n) {
			c.elapsed = time.Since(c.start)
			c.done.Store(true)
		} else if !l.Spawn(c.link(i + 1)) {
			c.wrong++
		}
	}
}

func chainSpawn(s spot, n int) (sample, error) {
	c := &chain{tally: tally{n: n}}
	err := s.start(exec.Config{}, func(x *exec.Exec) error {
		first := func(l *exec.Local) {
			c.start = time.Now()
			l.Spawn(c.link(0))
		}
		if !x.TrySend(exec.Func(first)) {
			return errors.New("the Exec refused its first task")
		}
		return c.await()
	})
	return perOp(c.elapsed, n), err
}
