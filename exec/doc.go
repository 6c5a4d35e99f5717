// Package exec runs work on loops that own their threads.
//
// An [Exec] is one loop on one thread, normally pinned to one core. Work is
// pushed to it through bounded lock-free rings and drained in batches; nothing is
// ever stolen from it, and nothing that runs on it needs a lock against anything
// else on it. It suits programs whose author knows where work belongs: packet
// pipelines, proxies, sharded stores. Where tasks differ widely in length, or may
// run anywhere, a goroutine each is the better tool.
//
// # Ways to bring work
//
//   - A [Task] is a method call on the loop: TrySend and Send from anywhere, a
//     [Lane] for a steady sender, [Local.Spawn] on the loop itself.
//   - An [Inbox] takes values of one type and hands them to a handler in batches:
//     the fastest way.
//   - A coroutine ([Go], [Local.Go]) is straight-line code that can wait in the middle:
//     for a [Future], a timer, another Exec ([CallFrom]), a [Mailbox].
//   - A [Source] is polled: a packet ring, a device.
//
// Every queue has a limit, and every send says whether it was accepted. What was
// accepted is executed, fails by a panic, or is returned by Drain and
// [Inbox.Undone]; it is never lost.
//
// # Inside and outside
//
// Code outside holds the *[Exec]. Code on the loop is handed the *[Local], which
// has what only the loop may do. Nothing on a loop may block: the blocking methods
// (Send, Drain, Wait, Start) return [ErrOnLoop] there.
//
// # The turn
//
// The loop goes round in turns: the control inbox, Wakers, local tasks, the other
// inboxes, sources, timers, coroutines, and the publication of staged sends, each with
// a budget, so that none starves another. A turn that finds nothing pauses, and after
// Config.Spin the thread sleeps in the kernel; a sender makes a system call only if it
// does.
//
// A turn is deterministic. [Exec.Step] runs one without any thread and with a
// clock of the caller's, for tests and simulations. With Config.Sim the simulation also
// decides on order, full rings and sleeps: see [Simulator].
//
// # Looking inside
//
// [Exec.Stats] has counters, [Exec.Snapshot] all that is known: inboxes, sources, how long items wait and tasks take,
// the thread. Both may be called by anyone, and cost the loop nothing. A turn that lasts for longer than
// Config.StallAfter is reported while it lasts: see [Stall]. Profiles, execution traces and the names of threads show
// Execs by name.
//
// # Panics
//
// A panic ends the program unless Config.OnPanic is set; then it ends only the
// task, the coroutine, or the batch that it happened in. A Goexit always ends only that.
// Go cannot stop a Goexit, so the loop moves to a new thread, or goes on in a deferred
// function where coroutines bind it to its thread.
package exec
