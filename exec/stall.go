package exec

import "time"

// Stall is a turn that has lasted for longer than Config.StallAfter, described while it lasted.
type Stall struct {
	Exec  string
	Began time.Time     // the turn
	For   time.Duration // how long it had lasted when this was written

	// What the loop was in: the function of the user's that it had called, and what kind of thing that is. Where the
	// stack could not be had, or showed the loop itself at work, Function is empty.
	Kind     string // "task", "coroutine", "handler", "timer", "source" or "loop"
	Function string
	Stack    string // of the goroutine that had the loop, innermost frame first

	// What the thread was doing, as the system sees it: "running" (or it would, but others have the processor),
	// "sleeping" (a lock, a channel, a system call), "disk". Empty where the system does not tell.
	Thread string
	// Preempted is how much of the turn the thread has waited for a processor that others had. If that is most of it,
	// nothing in this program is to blame.
	Preempted time.Duration

	Suppressed int // stalls of this Exec since the last report that were not reported, so as not to flood
}
