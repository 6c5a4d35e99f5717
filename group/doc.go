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
// refused before forwarded work, so that a pipeline can always drain.
//
// # The end
//
// [Group.Drain] refuses new work, handles what was accepted, and returns what could
// not be handled in time. [Group.Stop] ends at once. [Group.Stats] accounts for
// every item.
package group
