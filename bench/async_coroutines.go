package main

import (
	"fmt"
	"sync/atomic"

	"github.com/pushcore/pushcore/exec"
)

// This file holds the async rows as coroutines of one Exec.

// manyStacks keeps the stacks of a whole iteration for the next one, as a service under steady load would.
var manyStacks = exec.Config{KeepCoroutines: 2*pings + 2}

// repeatIn is repeat with one as the main coroutine of each iteration: sent to the Exec from the first cpu, which polls
// for its end.
func (s spot) repeatIn(cfg exec.Config, n, most int, one func(co *exec.Co, size int) (ops int, err error)) (sample, error) {
	return s.repeatOn(cfg, n, most, func(x *exec.Exec, size int) (int, error) {
		var (
			ops  int
			err  error
			done atomic.Bool
		)
		begin := func(l *exec.Local) {
			_, refused := exec.Go(l, func(co *exec.Co) (struct{}, error) {
				ops, err = one(co, size)
				done.Store(true)
				return struct{}{}, nil
			})
			if refused != nil {
				err = refused
				done.Store(true)
			}
		}
		if !x.TrySend(exec.Func(begin)) {
			return 0, errRefused
		}
		for wait := (poll{}); !done.Load(); {
			wait.took(0, 1)
		}
		return ops, err
	})
}

// latch lets the main coroutine wait for others: the last one wakes it. Only the loop touches it.
type latch struct {
	left int
	sum  uint64
	main exec.LocalWaker
	err  error
}

func newLatch(co *exec.Co, n int) *latch { return &latch{left: n, main: co.LocalWaker()} }

func (l *latch) add(v uint64) {
	l.sum += v
	if l.left--; l.left == 0 {
		l.main.Wake()
	}
}

// fail notes the first thing that went wrong, and ends the wait.
func (l *latch) fail(err error) {
	if l.err == nil {
		l.err = err
		l.main.Wake()
	}
}

// run starts f as a coroutine that counts with what it returns.
func (l *latch) run(loop *exec.Local, f func(co *exec.Co) (uint64, error)) {
	_, err := exec.Go(loop, func(co *exec.Co) (struct{}, error) {
		v, err := f(co)
		if err != nil {
			l.fail(err)
			return struct{}{}, err
		}
		l.add(v)
		return struct{}{}, nil
	})
	if err != nil {
		l.fail(err)
	}
}

// wait waits until all have counted, and compares the sum.
func (l *latch) wait(co *exec.Co, what string, want uint64) error {
	if err := co.Park(); err != nil {
		return err
	}
	if l.err != nil {
		return l.err
	}
	return sumError(what, l.sum, want)
}

// yieldManyCoroutines lets 200 coroutines yield to each other; each counts with how often it did.
func yieldManyCoroutines(s spot, n int) (sample, error) {
	return s.repeatIn(manyStacks, n, yieldTasks*yieldEach, func(co *exec.Co, size int) (int, error) {
		yields := max(1, size/yieldTasks)
		all := newLatch(co, yieldTasks)
		for range yieldTasks {
			all.run(co.Local(), func(co *exec.Co) (did uint64, err error) {
				for range yields {
					if err := co.Yield(); err != nil {
						return did, err
					}
					did++
				}
				return did, nil
			})
		}
		return yieldTasks * yields, all.wait(co, "yields", uint64(yieldTasks*yields))
	})
}

// pingPongCoroutines: one coroutine starts size coroutines; each starts a peer and sends it a number, which comes back
// incremented.
func pingPongCoroutines(s spot, n int) (sample, error) { return pingPong(manyStacks, s, n) }

// pingPongDefault keeps as many stacks as an Exec does that is not told otherwise.
func pingPongDefault(s spot, n int) (sample, error) { return pingPong(exec.Config{}, s, n) }

func pingPong(cfg exec.Config, s spot, n int) (sample, error) {
	return s.repeatIn(cfg, n, pings, func(co *exec.Co, size int) (int, error) {
		all := newLatch(co, size)
		first := func(co *exec.Co) (struct{}, error) {
			for i := range uint64(size) {
				all.run(co.Local(), func(co *exec.Co) (uint64, error) { return ping(co, i) })
			}
			return struct{}{}, nil
		}
		if _, err := exec.Go(co.Local(), first); err != nil {
			return 0, err
		}
		return size, all.wait(co, "the sum of the answers", triangle(size+1))
	})
}

func ping(co *exec.Co, v uint64) (uint64, error) {
	there, back := exec.NewPromise[uint64](co.Local()), exec.NewPromise[uint64](co.Local())
	pong := func(co *exec.Co) (struct{}, error) {
		v, err := there.Future().Await(co)
		if err != nil {
			back.Fail(err)
		} else {
			back.Complete(v + 1)
		}
		return struct{}{}, nil
	}
	if _, err := exec.Go(co.Local(), pong); err != nil {
		return 0, err
	}
	there.Complete(v)
	return back.Future().Await(co)
}

// chainedCoroutines is a chain of coroutines, each of which starts the next.
func chainedCoroutines(s spot, n int) (sample, error) {
	return s.repeatIn(manyStacks, n, chainLinks, func(co *exec.Co, size int) (int, error) {
		all := newLatch(co, size)
		var link func(co *exec.Co, i uint64) (uint64, error)
		start := func(l *exec.Local, i uint64) {
			all.run(l, func(co *exec.Co) (uint64, error) { return link(co, i) })
		}
		link = func(co *exec.Co, i uint64) (uint64, error) {
			if i+1 < uint64(size) {
				start(co.Local(), i+1)
			}
			return i, nil
		}
		start(co.Local(), 0)
		return size, all.wait(co, "the sum of the chain", triangle(size))
	})
}

// spawnCoroutines starts coroutines and waits until all have ended.
func spawnCoroutines(s spot, n int) (sample, error) {
	return s.repeatIn(manyStacks, n, spawnBatch, func(co *exec.Co, size int) (int, error) {
		all := newLatch(co, size)
		for i := range uint64(size) {
			_, err := exec.Go(co.Local(), func(*exec.Co) (struct{}, error) {
				all.add(i)
				return struct{}{}, nil
			})
			if err != nil {
				return 0, err
			}
		}
		return size, all.wait(co, "the sum of the coroutines", triangle(size))
	})
}

// spawnJoins starts coroutines and awaits the result of each.
func spawnJoins(s spot, n int) (sample, error) {
	joins := make([]*exec.Join[uint64], spawnBatch)
	return s.repeatIn(manyStacks, n, spawnBatch, func(co *exec.Co, size int) (int, error) {
		for i := range joins[:size] {
			j, err := exec.Go(co.Local(), func(*exec.Co) (uint64, error) { return uint64(i), nil })
			if err != nil {
				return 0, err
			}
			joins[i] = j
		}
		for i, j := range joins[:size] {
			if v, err := j.Await(co); err != nil || v != uint64(i) {
				return 0, fmt.Errorf("data error: coroutine %d returned %d and %w", i, v, err)
			}
		}
		return size, nil
	})
}

// callCoroutine calls a function on the other Exec and waits for what it returns.
func callCoroutine(s spot, n int) (sample, error) {
	n = trips(n)
	var l *laps
	calls := func(co *exec.Co, to *exec.Exec) error {
		l = newLaps(n)
		for i := range uint64(n) {
			v, err := exec.CallFrom(co, to, func(*exec.Local) (uint64, error) { return ^i, nil })
			if err != nil {
				return err
			}
			if err := sumError("the answer", v, ^i); err != nil {
				return err
			}
			l.lap()
		}
		return nil
	}
	err := s.callers(func(loop *exec.Local, to *exec.Exec, end func(error)) {
		_, err := exec.Go(loop, func(co *exec.Co) (struct{}, error) {
			end(calls(co, to))
			return struct{}{}, nil
		})
		if err != nil {
			end(err)
		}
	})
	if err != nil {
		return sample{}, err
	}
	return l.sample(), nil
}
