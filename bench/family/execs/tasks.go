package execs

import (
	"errors"
	"sync/atomic"

	"github.com/pushcore/pushcore/bench/internal/measure"

	"github.com/pushcore/pushcore/exec"
)

// This file holds the async rows as tasks. Each iteration begins and ends on the first cpu; the Exec has the second.

// repeatOn is repeat with an Exec.
func repeatOn(s measure.Spot, cfg exec.Config, n, most int,
	one func(x *exec.Exec, size int) (ops int, err error)) (sm measure.Sample, err error) {
	err = start(s, cfg, func(x *exec.Exec) (err error) {
		sm, err = repeat(s, n, most, func(size int) (int, error) { return one(x, size) })
		return err
	})
	return sm, err
}

var errRefused = errors.New("the Exec refused a task")

// watch waits for n values from another thread, and keeps its own.
func (g *goSum) watch(n int) {
	for wait := (measure.Poll{}); g.word.Load()>>goSumBits < uint64(n); {
		wait.Took(0, 1)
	}
}

// yielder re-posts itself until it has yielded often enough, and then signals how often it did.
type yielder struct {
	*goSum
	did, yields uint64
}

func (y *yielder) Run(l *exec.Local) {
	if y.did == y.yields {
		y.add(y.did)
		return
	}
	y.did++
	l.Spawn(y) // a task that re-posts itself is never refused
}

// yieldManyTasks lets 200 tasks re-post themselves.
func yieldManyTasks(s measure.Spot, n int) (measure.Sample, error) {
	return repeatOn(s, exec.Config{}, n, yieldTasks*yieldEach, func(x *exec.Exec, size int) (int, error) {
		yields := uint64(max(1, size/yieldTasks))
		var g goSum
		for range yieldTasks {
			if !x.TrySend(&yielder{goSum: &g, yields: yields}) {
				return 0, errRefused
			}
		}
		g.watch(yieldTasks)
		return int(yieldTasks * yields), g.err(yieldTasks, yieldTasks*yields)
	})
}

// roomy takes a whole iteration at once.
var roomy = exec.Config{LocalCap: asyncQueues, InboxCap: asyncQueues}

// spawnLocal: a task spawns many closures; the last one to run signals.
func spawnLocal(s measure.Spot, n int) (measure.Sample, error) {
	return repeatOn(s, roomy, n, spawnMany, func(x *exec.Exec, size int) (int, error) {
		t := &measure.Tally{N: size}
		first := func(l *exec.Local) {
			for i := range uint64(size) {
				if !l.Spawn(closure(t, i)) {
					t.Wrong++
				}
			}
		}
		if !x.TrySend(exec.Func(first)) {
			return 0, errRefused
		}
		return size, t.Await()
	})
}

// arrivals is where the tasks of one iteration leave their results.
type arrivals struct {
	results   []uint64
	ran, size int // the loop's
	done      atomic.Bool
}

// task returns a closure that leaves a result in place i.
func (a *arrivals) task(i uint64) exec.Func {
	return func(*exec.Local) {
		a.results[i] = ^i
		if a.ran++; a.ran == a.size {
			a.done.Store(true)
		}
	}
}

func (a *arrivals) await() error {
	for wait := (measure.Poll{}); !a.done.Load(); {
		wait.Took(0, 1)
	}
	return checkResults(a.results)
}

// spawnRemote sends many closures to an Exec that is busy with a load, as any goroutine may.
func spawnRemote(b load) func(s measure.Spot, n int) (measure.Sample, error) {
	return spawnUnder(b, func(x *exec.Exec, a *arrivals) error {
		for i := range uint64(a.size) {
			task := a.task(i)
			for wait := (measure.Poll{}); !x.TrySend(task); {
				wait.Took(0, 1)
			}
		}
		return nil
	})
}

// spawnRemoteLane is spawnRemote through a lane, flushed every 32.
func spawnRemoteLane(b load) func(s measure.Spot, n int) (measure.Sample, error) {
	return spawnUnder(b, func(x *exec.Exec, a *arrivals) error {
		lane, err := x.Lane()
		if err != nil {
			return err
		}
		defer lane.Close()
		stageOn(lane, a.size, func(i int) exec.Task { return a.task(uint64(i)) })
		return nil
	})
}

func spawnUnder(b load, spawn func(x *exec.Exec, a *arrivals) error) func(s measure.Spot, n int) (
	measure.Sample, error,
) {
	return func(s measure.Spot, n int) (measure.Sample, error) {
		var sm measure.Sample
		err := start(s, roomy, func(x *exec.Exec) error {
			end, err := b.start(x)
			if err != nil {
				return err
			}
			defer end()
			results := make([]uint64, b.most)
			sm, err = repeat(s, n, b.most, func(size int) (int, error) {
				clear(results)
				a := &arrivals{results: results[:size], size: size}
				if err := spawn(x, a); err != nil {
					return 0, err
				}
				return size, a.await()
			})
			return err
		})
		return sm, err
	}
}

// load keeps an Exec busy beside what is measured, in iterations of at most most.
type load struct {
	most  int
	tasks int
	task  func(on, ended *atomic.Bool) exec.Task
}

var (
	idling       = load{most: spawnMany}
	busyYielding = load{most: spawnMany, tasks: 2, task: yieldAndStall} // two for one worker
	busySpawning = load{most: spawnFew, tasks: 1, task: stallAndSpawn}
)

// start begins the load; end ends it and waits.
func (b load) start(x *exec.Exec) (end func(), err error) {
	var on atomic.Bool
	on.Store(true)
	ended := make([]atomic.Bool, b.tasks)
	end = func() {
		on.Store(false)
		for i := range ended {
			for wait := (measure.Poll{}); !ended[i].Load(); {
				wait.Took(0, 1)
			}
		}
	}
	for i := range ended {
		if !x.TrySend(b.task(&on, &ended[i])) {
			ended[i].Store(true)
			err = errRefused
		}
	}
	return end, err
}

// yieldAndStall is a task that re-posts itself and keeps the loop for a while each time.
func yieldAndStall(on, ended *atomic.Bool) exec.Task {
	var self exec.Func
	self = func(l *exec.Local) {
		if !on.Load() {
			ended.Store(true)
			return
		}
		stall()
		l.Spawn(self)
	}
	return self
}

// stallAndSpawn is a chain of tasks that each keep the loop for a while and spawn the next.
func stallAndSpawn(on, ended *atomic.Bool) exec.Task {
	return exec.Func(func(l *exec.Local) {
		if !on.Load() {
			ended.Store(true)
			return
		}
		stall()
		l.Spawn(stallAndSpawn(on, ended))
	})
}
