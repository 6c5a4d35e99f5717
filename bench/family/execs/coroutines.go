package execs

import (
	"context"
	"fmt"
	"time"

	"github.com/pushcore/pushcore/bench/internal/measure"

	"github.com/pushcore/pushcore/exec"
)

// This file holds the async rows as coroutines of one Exec.

// manyStacks keeps the stacks of a whole iteration for the next one, as a service under steady load would.
var manyStacks = exec.Config{KeepCoroutines: 2*pings + 2}

// repeatIn is repeat with everything in one coroutine, main, as the peers have everything in one goroutine. Nobody
// polls outside meanwhile: the garbage collector would have no processor left but the loop's.
func repeatIn(s measure.Spot, cfg exec.Config, n, most int,
	one func(co *exec.Co, size int) (ops int, err error)) (sm measure.Sample, err error) {
	times, size := iterations(n, most)
	main := func(co *exec.Co) error {
		if _, err := one(co, size); err != nil {
			return err
		}
		start, total := time.Now(), 0
		for range times {
			ops, err := one(co, size)
			if err != nil {
				return err
			}
			total += ops
		}
		sm = measure.PerOp(time.Since(start), total)
		return nil
	}
	err = start(s, cfg, func(x *exec.Exec) error {
		_, err := exec.CallGo(context.Background(), x, func(co *exec.Co) (struct{}, error) { return struct{}{}, main(co) })
		return err
	})
	return sm, err
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

// done counts a coroutine with what it returned.
func (l *latch) done(v uint64, err error) {
	if err != nil {
		l.fail(err)
	} else {
		l.add(v)
	}
}

// start starts a coroutine.
func (l *latch) start(loop *exec.Local, f func(co *exec.Co)) {
	if err := loop.Go(f); err != nil {
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
func yieldManyCoroutines(s measure.Spot, n int) (measure.Sample, error) {
	return repeatIn(s, manyStacks, n, yieldTasks*yieldEach, func(co *exec.Co, size int) (int, error) {
		yields := max(1, size/yieldTasks)
		all := newLatch(co, yieldTasks)
		for range yieldTasks {
			all.start(co.Local(), func(co *exec.Co) {
				did := uint64(0)
				for range yields {
					if err := co.Yield(); err != nil {
						all.fail(err)
						return
					}
					did++
				}
				all.add(did)
			})
		}
		return yieldTasks * yields, all.wait(co, "yields", uint64(yieldTasks*yields))
	})
}

// pingPongCoroutines: one coroutine starts size coroutines; each starts a peer and sends it a number, which comes back
// incremented.
func pingPongCoroutines(s measure.Spot, n int) (measure.Sample, error) {
	return pingPong(manyStacks, s, n)
}

// pingPongDefault keeps as many stacks as an Exec does that is not told otherwise.
func pingPongDefault(s measure.Spot, n int) (measure.Sample, error) {
	return pingPong(exec.Config{}, s, n)
}

func pingPong(cfg exec.Config, s measure.Spot, n int) (measure.Sample, error) {
	return repeatIn(s, cfg, n, pings, func(co *exec.Co, size int) (int, error) {
		all := newLatch(co, size)
		all.start(co.Local(), func(co *exec.Co) {
			for i := range uint64(size) {
				all.start(co.Local(), func(co *exec.Co) { all.done(ping(co, i)) })
			}
		})
		return size, all.wait(co, "the sum of the answers", triangle(size+1))
	})
}

func ping(co *exec.Co, v uint64) (uint64, error) {
	there, back := exec.NewPromise[uint64](co.Local()), exec.NewPromise[uint64](co.Local())
	err := co.Local().Go(func(co *exec.Co) {
		v, err := there.Future().Await(co)
		if err != nil {
			back.Fail(err)
		} else {
			back.Complete(v + 1)
		}
	})
	if err != nil {
		return 0, err
	}
	there.Complete(v)
	return back.Future().Await(co)
}

// chainedCoroutines is a chain of coroutines, each of which starts the next.
func chainedCoroutines(s measure.Spot, n int) (measure.Sample, error) {
	return repeatIn(s, manyStacks, n, chainLinks, func(co *exec.Co, size int) (int, error) {
		all := newLatch(co, size)
		var link func(l *exec.Local, i uint64)
		link = func(l *exec.Local, i uint64) {
			all.start(l, func(co *exec.Co) {
				if i+1 < uint64(size) {
					link(co.Local(), i+1)
				}
				all.add(i)
			})
		}
		link(co.Local(), 0)
		return size, all.wait(co, "the sum of the chain", triangle(size))
	})
}

// chainedTasks is a chain of closures, each of which spawns the next.
func chainedTasks(s measure.Spot, n int) (measure.Sample, error) {
	return repeatIn(s, exec.Config{}, n, chainLinks, func(co *exec.Co, size int) (int, error) {
		all := newLatch(co, size)
		var link func(i uint64) exec.Func
		link = func(i uint64) exec.Func {
			return func(l *exec.Local) {
				if i+1 < uint64(size) && !l.Spawn(link(i+1)) {
					all.fail(errRefused)
				}
				all.add(i)
			}
		}
		if !co.Local().Spawn(link(0)) {
			return 0, errRefused
		}
		return size, all.wait(co, "the sum of the chain", triangle(size))
	})
}

// spawnCoroutines starts coroutines and waits until all have ended.
func spawnCoroutines(s measure.Spot, n int) (measure.Sample, error) {
	return repeatIn(s, manyStacks, n, spawnBatch, func(co *exec.Co, size int) (int, error) {
		all := newLatch(co, size)
		for i := range uint64(size) {
			all.start(co.Local(), func(*exec.Co) { all.add(i) })
		}
		return size, all.wait(co, "the sum of the coroutines", triangle(size))
	})
}

// spawnJoins starts coroutines and awaits the result of each.
func spawnJoins(s measure.Spot, n int) (measure.Sample, error) {
	joins := make([]*exec.Join[uint64], spawnBatch)
	return repeatIn(s, manyStacks, n, spawnBatch, func(co *exec.Co, size int) (int, error) {
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
