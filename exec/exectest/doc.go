// Package exectest simulates Execs: any number of them, and groups of them, in one
// goroutine, on a clock that nobody waits for, in an order drawn from a seed.
//
// Handlers, balancers and pipelines are tested with it against the schedules that a
// real machine shows once a month. A [Sim] steps one Exec at a time and decides
//
//   - which Exec goes on, and which is slow,
//   - which of the local tasks, and which of the coroutines that are ready, runs next
//     (Config.Shuffle),
//   - when a ring is full (Config.FullRate),
//   - how late a wake or a timeout comes (Config.WakeDelay),
//   - how much time passes (Config.TurnTime; while all sleep, the clock jumps).
//
// The same seed, with the same program, gives the same schedule: [Sim.Trace] tells
// schedules apart. So a failure is a number. [Seeds] runs a test with many seeds and
// reports the first that fails; the environment variable PUSHCORE_SEED replays it,
// and PUSHCORE_SEEDS runs more of them than the test asks for:
//
//	PUSHCORE_SEED=4711 go test -run TestPipeline .
//	PUSHCORE_SEEDS=1000000 go test -run TestPipeline .
//
// What runs in a simulation must draw nothing from elsewhere: random numbers come
// from [Sim.Rand], time from Local.Now or [Sim.Clock], and nothing may hang on the
// order of a map. Nothing may block: in one goroutine, nobody would end the wait. Jobs of
// exec.Blocking run in that goroutine, too, in a later turn, in an order that the seed
// decides. (A group's TrySend borrows its balancer from a pool that the garbage collector
// empties now and then. Where the policy counts, as RoundRobin does, send by a Producer.
// The View's Now is the time of day, too.)
//
// # Errors
//
// [Sim.Run], [Sim.Settle] and [Sim.Quiet] return an error that names the seed when
// the simulation makes no progress, and when an Exec sleeps although something
// visible waits for it ([ErrLostWake]), which must not happen whatever the program
// does.
//
// # The end
//
// A simulated Exec cannot finish its work in Drain, because nobody would step it. Run
// it until it is quiet, then drain: [Sim.Drain] does that. For a group, call [Sim.Quiet]
// and then the group's Drain; nothing comes back undone. To see an end in the middle of
// work, call Stop or Drain at a moment of the seed's choice and account for what is
// returned.
//
// Coroutines have goroutines, in a simulation, too, and nobody ends these but the Execs. So
// a simulation is to be drained, or closed: [Sim.Close] stops all that is left. One that
// was made by [NewFor] is closed when its test ends, and so is that of each seed:
//
//	exectest.Seeds(t, 1000, func(t *testing.T, seed uint64) {
//		sim := exectest.NewFor(t, exectest.Config{Seed: seed})
//		...
//	})
//
// # Limits
//
// Turns are the unit: a turn is not interrupted, but where its coroutines wait, and two
// Execs never run at once. The
// simulation finds faults of logic, order, back-pressure and missing wakes. It does
// not find data races, and it does not see the memory order: for that there is -race,
// and threads.
package exectest
