package execs

import (
	"github.com/pushcore/pushcore/bench/internal/courier"
	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/bench/internal/pools"
	"github.com/pushcore/pushcore/bench/peers/tokio"
)

// This file lists the rows about many small things that take turns on one loop: tasks, coroutines, promises, timers.
// Those that are named after one of the benchmarks of tokio's multi-threaded runtime have its shape.

// What one iteration of a shape consists of. A measurement is cut into iterations; one of fewer operations (tests have
// few) is an iteration of that size.
const (
	yieldTasks  = 200
	yieldEach   = 1000
	pings       = 1000
	chainLinks  = 1000
	spawnMany   = 10_000
	spawnFew    = 1000 // busy2's
	spawnBatch  = 1000 // what is spawned before any of it is awaited
	asyncQueues = 1 << 14
)

// iterations cuts n operations into iterations of at most most.
func iterations(n, most int) (times, size int) { return max(1, n/most), min(n, most) }

// Family lists the rows.
func Family() measure.Family {
	rows := execRows()
	rows = append(rows, asyncRows()...)
	rows = append(rows, spawnRows()...)
	rows = append(rows, sweepRows()...)
	rows = append(rows, valueRows()...)
	rows = append(rows, statsRows()...)
	return measure.Family{
		Name: "exec",
		Does: "package exec beside goroutines, pools and tokio: tasks, coroutines, calls, timers",
		Rows: rows,
	}
}

func asyncRows() []measure.Row {
	return []measure.Row{{
		Name:  "Exec/yield_many/tasks",
		Does:  "200 tasks of one Exec that give way to each other 1000 times each, by posting themselves again",
		Least: yieldTasks * yieldEach,
		Impls: measure.Join(measure.Ours("pushcore", yieldManyTasks), measure.Procs("gosched", yieldManyGo),
			tokio.Impls("yield_many")),
		Wants: []measure.Want{measure.Faster("pushcore", "gosched", 4), measure.Faster("pushcore", "tokio", 4)},
	}, {
		Name:  "Exec/yield_many/coroutines",
		Does:  "200 coroutines of one Exec that give way to each other 1000 times each",
		Least: yieldTasks * yieldEach,
		Impls: measure.Join(measure.Ours("pushcore", yieldManyCoroutines), pullImpls("iter-pull"),
			measure.Procs("gosched", yieldManyGo),
			tokio.Impls("yield_many")),
		Wants: []measure.Want{measure.Within("pushcore", "iter-pull", 1.15)},
	}, {
		Name:  "Exec/ping_pong",
		Does:  "1000 coroutines that each start a second one, send it a number and get it back, on one Exec",
		Least: pings,
		Impls: measure.Join(measure.Ours("pushcore", pingPongCoroutines), measure.Ours("pushcore-default", pingPongDefault),
			measure.Procs("go", pingPongGo), tokio.Impls("ping_pong")),
		Wants: []measure.Want{measure.Faster("pushcore", "go", 3)},
	}, {
		Name:  "Exec/chained_spawn",
		Does:  "a chain of 1000 coroutines, or tasks, of which each starts the next on its own loop",
		Least: chainLinks,
		Impls: measure.Join(measure.Ours("pushcore", chainedCoroutines), measure.Ours("pushcore-tasks", chainedTasks),
			measure.Procs("go", chainedGo),
			tokio.Impls("chained_spawn")),
		Wants: []measure.Want{measure.Faster("pushcore", "go", 3), measure.Faster("pushcore-tasks", "go", 3)},
	}, {
		Name: "Exec/call",
		Does: "a question from one Exec to another on the other cpu, and its answer",
		Impls: measure.Join(measure.Ours("pushcore", callCoroutine), measure.Ours("pushcore-tasks", callTasks),
			measure.Floor("roundtrip", measure.LineRoundTrip),
			measure.Each("channel", callChannel)),
		Wants: []measure.Want{measure.Within("pushcore", "roundtrip", 4)},
		Few:   measure.TripGroup,
	}, {
		Name:  "Exec/timer",
		Does:  "a timer armed and stopped before it fires, on the loop",
		Impls: measure.Join(measure.Ours("pushcore", timers), measure.Procs("afterfunc", timersGo)),
		Wants: []measure.Want{measure.Faster("pushcore", "afterfunc", 3)},
	}, {
		Name: "Exec/timer/armed=1e6",
		Does: "a timer armed and stopped among a million others that stay armed",
		Impls: measure.Join(measure.Ours("pushcore", timersAmongMany), measure.Ours("pushcore-none", timers),
			measure.Procs("afterfunc", timersGoAmongMany)),
		Wants: []measure.Want{measure.Within("pushcore", "pushcore-none", 1.5)},
	}, {
		Name:  "Exec/spawn_many_local",
		Does:  "10000 closures that a task spawns on its own loop, until the last has run",
		Least: spawnMany,
		Impls: measure.Join(measure.Ours("pushcore", spawnLocal), measure.Procs("go", spawnLocalGo),
			tokio.Impls("spawn_many_local")),
	}, {
		Name:  "Exec/spawn_many_remote_idle",
		Does:  "10000 closures from the first cpu to an idle worker on the second, until the results of all are there",
		Least: spawnMany,
		Impls: measure.Join(measure.Ours("pushcore", spawnRemote(idling)),
			measure.Ours("pushcore-lane", spawnRemoteLane(idling)),
			measure.Procs("go", spawnRemoteGo(spawnMany, idlingGo)),
			spawnPools(spawnMany, idlingGo), tokio.Impls("spawn_many_remote_idle")),
	}, {
		Name: "Exec/spawn_many_remote_busy1",
		Does: "10000 closures to a worker that two tasks keep busy, which stall for 10 us and yield; beside a pool " +
			"these are goroutines",
		Least: spawnMany,
		Few:   64,
		Impls: measure.Join(measure.Ours("pushcore", spawnRemote(busyYielding)),
			measure.Ours("pushcore-lane", spawnRemoteLane(busyYielding)),
			measure.Procs("go", spawnRemoteGo(spawnMany, busyYieldingGo)),
			spawnPools(spawnMany, busyYieldingGo), tokio.Impls("spawn_many_remote_busy1")),
	}, {
		Name: "Exec/spawn_many_remote_busy2",
		Does: "1000 closures to a worker that a chain of tasks keeps busy, each of which stalls for 10 us; beside a " +
			"pool these are goroutines",
		Least: spawnFew,
		Few:   64,
		Impls: measure.Join(measure.Ours("pushcore", spawnRemote(busySpawning)),
			measure.Ours("pushcore-lane", spawnRemoteLane(busySpawning)),
			measure.Procs("go", spawnRemoteGo(spawnFew, busySpawningGo)),
			spawnPools(spawnFew, busySpawningGo), tokio.Impls("spawn_many_remote_busy2")),
	}}
}

func spawnRows() []measure.Row {
	return pools.WithLatency(measure.Row{
		Name:  "Exec/spawn",
		Does:  "1000 coroutines started from the loop, and the results of all awaited",
		Least: spawnBatch,
		Impls: measure.Join(measure.Ours("pushcore", spawnCoroutines), measure.Ours("pushcore-joins", spawnJoins),
			measure.Procs("go", spawnGo)),
		Wants: []measure.Want{measure.Faster("pushcore", "go", 1.5)},
	}, begun, func(load int) []measure.Impl {
		cfg := manyStacks
		return measure.Join(measure.Ours("pushcore", agedExec(load, 1, 1, cfg, singly(viaLane), coroutines)),
			pools.Tasks(AgedPool(load, 1, pools.Anyone), "go"), measure.Floor("line-oneway", courier.LineOneWay))
	})
}
