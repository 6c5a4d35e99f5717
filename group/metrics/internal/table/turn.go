package table

import (
	"time"

	"github.com/pushcore/pushcore/exec"
)

// turns are metrics of where a loop's time goes.
var turns = []Metric{
	{"pushcore.exec.busy", Counter, "s", "Time spent in turns that did something.",
		perExec(func(x *shot) time.Duration { return x.Busy })},
	{"pushcore.exec.idle", Counter, "s", "Time spent in turns that found nothing, and parked.",
		perExec(func(x *shot) time.Duration { return x.Idle })},
	{"pushcore.exec.slept", Counter, "s", "The part of the idle time in which the thread slept.",
		perExec(func(x *shot) time.Duration { return x.Slept })},
	{"pushcore.exec.turns", Counter, "{turn}", "Passes of the loop.",
		perExec(func(x *shot) uint64 { return x.Turns })},
	{"pushcore.exec.empty_turns", Counter, "{turn}", "Passes of the loop that found nothing to do.",
		perExec(func(x *shot) uint64 { return x.EmptyTurns })},
	{"pushcore.exec.turn_time", Histogram, "s", "Time that turns took which did something.",
		each(execLabels, visitExecs, spread(func(x *shot) Distribution { return durations(&x.TurnTime) }))},
	{"pushcore.exec.turn_time_max", Gauge, "s", "Longest turn, ever.",
		perExec(func(x *shot) time.Duration { return x.TurnTime.Max })},
	{"pushcore.exec.turn_age", Gauge, "s", "For how long the turn under way has lasted; 0 while the loop sleeps.",
		perExec(func(x *shot) time.Duration { return x.Turn })},

	{"pushcore.exec.parks", Counter, "{park}", "Times that the thread went to sleep.",
		perExec(func(x *shot) uint64 { return x.Parks })},
	{"pushcore.exec.membarriers", Counter, "{call}",
		"Calls of membarrier, one for each attempt to park that is not fenced.",
		perExec(func(x *shot) uint64 { return x.Membarriers })},
	{"pushcore.exec.fenced_parks", Counter, "{park}",
		"Attempts to park for which senders fence, because parks come thick.",
		perExec(func(x *shot) uint64 { return x.FencedParks })},
	{"pushcore.exec.wakes_received", Counter, "{wake}", "System calls made by others to wake this Exec.",
		perExec(func(x *shot) uint64 { return x.WakesReceived })},
	{"pushcore.exec.wakes_sent", Counter, "{wake}", "System calls that this loop made through lanes to wake others.",
		perExec(func(x *shot) uint64 { return x.WakesSent })},
}

// stalls are metrics of turns that took too long.
var stalls = []Metric{
	{"pushcore.exec.stalls", Counter, "{turn}", "Turns that took longer than StallAfter.",
		perExec(func(x *shot) uint64 { return x.Stalls })},
	{"pushcore.exec.last_stall_timestamp", Gauge, "s",
		"When the turn of the last stall that was reported began, since 1970; absent if there was none.",
		perStall(func(s *exec.Stall) float64 { return float64(s.Began.UnixNano()) / 1e9 })},
	{"pushcore.exec.last_stall_duration", Gauge, "s", "How long that turn had lasted when it was reported.",
		perStall(func(s *exec.Stall) time.Duration { return s.For })},
	{"pushcore.exec.last_stall_preempted", Gauge, "s",
		"How much of the part of that turn that was watched the thread has waited for a processor that others had.",
		perStall(func(s *exec.Stall) time.Duration { return s.Preempted })},
	{"pushcore.exec.last_stall_held_up", UpDown, "{turn}",
		"1 if others had the processor for most of it.",
		perStall(func(s *exec.Stall) bool { return s.HeldUp })},
}

// threads are metrics of threads as the system sees them. Linux has all of them, other systems none.
var threads = []Metric{
	{"pushcore.thread.running", Counter, "s", "Time that the thread had a processor, as the system counts it.",
		perThread(func(t *exec.Thread) time.Duration { return t.Running })},
	{"pushcore.thread.waiting", Counter, "s", "Time that the thread could have run, but others had the processor.",
		perThread(func(t *exec.Thread) time.Duration { return t.Waiting })},
	{"pushcore.thread.context_switches", Counter, "{switch}",
		"Context switches: voluntary ones because the thread went to sleep, involuntary ones because others wanted the processor.",
		each(with(execLabels, "kind"), visitThreads, func(labels []string, t *exec.Thread, emit func(Sample)) {
			emit(Sample{Labels: with(labels, "voluntary"), Value: float64(t.Voluntary)})
			emit(Sample{Labels: with(labels, "involuntary"), Value: float64(t.Involuntary)})
		})},
	{"pushcore.thread.cpu", Gauge, "{cpu}", "The processor that the thread ran on last.",
		perThread(func(t *exec.Thread) int { return t.CPU })},
}
