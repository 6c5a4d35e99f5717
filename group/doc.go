// Package group runs several Execs behind a balancer.
//
// A [Group] of T has workers, each an Exec with a [Handler] of its own, made on
// its own thread, that gets the items sent to it in batches. Senders hold one of
// three handles:
//
//   - A [Producer] brings new work from outside. It belongs to one goroutine, has a
//     lane to every worker and a balancer of its own, and shares nothing with other
//     producers.
//   - A [Forwarder] sends from a loop, a worker's own for example, and never waits.
//   - [Group.TrySend] and [Group.Send] are for whoever has neither.
//
// A Group of exec.Task runs tasks and needs no handler.
//
// # Order
//
// Items from one sender to one worker are handled in the order sent. Whether the
// items of one key stay in order depends on the balancer: see balance.Balancer. A
// group with a Key refuses one that may reorder them, unless AllowReorder is set.
//
// # Limits
//
// Lanes, rings, producers and forwarded items on their way are bounded, by fields
// of [Config]. [Full] says what a sender does when there is no room. New work is
// refused before forwarded work, so that a pipeline can always drain. Config.MaxWait limits how
// long new work may wait for its worker: what has waited longer goes to Config.OnExpired.
//
// # The end
//
// [Group.Drain] refuses new work, handles what was accepted, and returns what could
// not be handled in time. [Group.Stop] ends at once. [Group.Stats] accounts for
// every item.
//
// What is refused is whatever comes from outside: items, tasks, and calls. Coroutines that
// asked for it (exec.Co.CancelOnDrain) are cancelled, Mailboxes are closed, and all other
// coroutines are waited for; they may forward items and call each other's workers until they
// have ended. Calls from coroutines of Execs outside the group are taken until then, too: end
// these first, or they may keep it waiting. When the context ends, all that is left is
// cancelled and returned.
//
// A worker that has ended before its time, because a panic was answered by exec.Panic.Stop,
// leaves what was bound for it undone. The others go on, and finish what they have when the
// group is drained; the error of Drain is then what has ended the one.
//
// [Group.Shutdown] is Drain with a [Report]. [Group.RunUntilSignal] is a whole server: Start,
// wait for SIGINT or SIGTERM, Shutdown, and give up on a second signal or after a grace.
// [OnSignal] is the same for those that have more than one group to end.
//
// # Workers that come and go
//
// [Group.Add], [Group.Remove], [Group.Replace], [Group.Pause] and [Group.Resume] change who the workers are, or who of
// them may be picked, while others send. Config.MaxWorkers bounds their number. Senders see a change at their next
// send; they take no lock for it. Nothing is lost by it, and nothing handled twice. What a worker has accepted it
// handles before it goes, unless there is no time for that: then it is handed over to others.
//
// With an Ordered balancer that is not Sticky, keys change their workers then, and so that they keep their order, NEW
// work is refused (ErrFull) or waits (Block) until what was accepted before has been handled. Config.Release and
// Config.Adopt move the states of keys with them.
//
// # State
//
// A [Sharded] is state that is split over the workers: each has a value of its own, made on
// its thread before its first turn, that nobody else touches. Code is brought to it: by
// [InvokeOn], [InvokeKey], [InvokeAll] and [MapReduce] from outside, and by [InvokeOnFrom]
// and its like from coroutines, in the group or on any other Exec. A worker's handlers and
// tasks find their own shard with [Sharded.Here]. A key has its shard where balance.KeyHash
// sends the items of that key ([Sharded.ShardOf]).
package group
