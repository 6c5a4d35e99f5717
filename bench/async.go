package main

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

func asyncRows() []row {
	return []row{{
		name:  "Async/yield_many/tasks",
		least: yieldTasks * yieldEach,
		impls: join(ours("pushcore", yieldManyTasks), everyProcs("gosched", yieldManyGo),
			tokioImpls("yield_many")),
		targets: []target{faster("pushcore", "gosched", 4), faster("pushcore", "tokio", 4)},
	}, {
		name:  "Async/yield_many/coroutines",
		least: yieldTasks * yieldEach,
		impls: join(ours("pushcore", yieldManyCoroutines), pullImpls("iter-pull"), everyProcs("gosched", yieldManyGo),
			tokioImpls("yield_many")),
		targets: []target{within("pushcore", "iter-pull", 1.15)},
	}, {
		name:  "Async/ping_pong",
		least: pings,
		impls: join(ours("pushcore", pingPongCoroutines), ours("pushcore-default", pingPongDefault),
			everyProcs("go", pingPongGo), tokioImpls("ping_pong")),
		targets: []target{faster("pushcore", "go", 3)},
	}, {
		name:  "Async/chained_spawn",
		least: chainLinks,
		impls: join(ours("pushcore", chainedCoroutines), ours("pushcore-tasks", chainedTasks), everyProcs("go", chainedGo),
			tokioImpls("chained_spawn")),
		targets: []target{faster("pushcore", "go", 3), faster("pushcore-tasks", "go", 3)},
	}, {
		name:    "Async/spawn",
		least:   spawnBatch,
		impls:   join(ours("pushcore", spawnCoroutines), ours("pushcore-joins", spawnJoins), everyProcs("go", spawnGo)),
		targets: []target{faster("pushcore", "go", 1.5)},
	}, {
		name: "Async/call",
		impls: join(ours("pushcore", callCoroutine), ours("pushcore-tasks", callTasks), ours("roundtrip", lineRoundTrip),
			each("channel", callChannel)),
		targets: []target{within("pushcore", "roundtrip", 4)},
	}, {
		name:    "Async/timer",
		impls:   join(ours("pushcore", timers), everyProcs("afterfunc", timersGo)),
		targets: []target{faster("pushcore", "afterfunc", 3)},
	}, {
		name: "Async/timer/armed=1e6",
		impls: join(ours("pushcore", timersAmongMany), ours("pushcore-none", timers),
			everyProcs("afterfunc", timersGoAmongMany)),
		targets: []target{within("pushcore", "pushcore-none", 1.5)},
	}, {
		name:  "Async/spawn_many_local",
		least: spawnMany,
		impls: join(ours("pushcore", spawnLocal), everyProcs("go", spawnLocalGo), tokioImpls("spawn_many_local")),
	}, {
		name:  "Async/spawn_many_remote_idle",
		least: spawnMany,
		impls: join(ours("pushcore", spawnRemote(idling)), ours("pushcore-lane", spawnRemoteLane(idling)),
			everyProcs("go", spawnRemoteGo(spawnMany, idlingGo)), tokioImpls("spawn_many_remote_idle")),
	}, {
		name:  "Async/spawn_many_remote_busy1",
		least: spawnMany,
		impls: join(ours("pushcore", spawnRemote(busyYielding)), ours("pushcore-lane", spawnRemoteLane(busyYielding)),
			everyProcs("go", spawnRemoteGo(spawnMany, busyYieldingGo)), tokioImpls("spawn_many_remote_busy1")),
	}, {
		name:  "Async/spawn_many_remote_busy2",
		least: spawnFew,
		impls: join(ours("pushcore", spawnRemote(busySpawning)), ours("pushcore-lane", spawnRemoteLane(busySpawning)),
			everyProcs("go", spawnRemoteGo(spawnFew, busySpawningGo)), tokioImpls("spawn_many_remote_busy2")),
	}}
}
