package table

import (
	"strconv"
	"strings"
	"time"

	"github.com/pushcore/pushcore/exec"
)

type shot = exec.Snapshot

// loops are metrics of what an Exec is, and of what it has done.
var loops = []Metric{
	{"pushcore.exec.info", UpDown, "{exec}",
		"Always 1; the label says which processors the thread may run on, empty if any.",
		each(with(execLabels, "cpus"), visitExecs, func(labels []string, x *shot, emit func(Sample)) {
			emit(Sample{Labels: with(labels, cpuList(x.CPUs)), Value: 1})
		})},
	{"pushcore.exec.state", UpDown, "{exec}", "1 for the state that the Exec is in, 0 for the others.",
		each(with(execLabels, "state"), visitExecs, func(labels []string, x *shot, emit func(Sample)) {
			for _, s := range []exec.State{exec.StateMade, exec.StateRunning, exec.StateEnded} {
				emit(Sample{Labels: with(labels, string(s)), Value: float(x.State == s)})
			}
		})},
	{"pushcore.exec.asleep", UpDown, "{exec}", "1 if the thread sleeps now.",
		perExec(func(x *shot) bool { return x.Asleep })},

	{"pushcore.exec.spawned", Counter, "{task}",
		"Tasks accepted by Spawn and After, coroutines, and jobs of GoBlocking.",
		perExec(func(x *shot) uint64 { return x.Spawned })},
	{"pushcore.exec.tasks", Counter, "{task}",
		"Tasks and coroutines begun, from wherever they came, and jobs that have been run.",
		perExec(func(x *shot) uint64 { return x.Tasks })},
	{"pushcore.exec.tasks_failed", Counter, "{task}", "Tasks that panicked or called Goexit.",
		perExec(func(x *shot) uint64 { return x.TasksFailed })},
	{"pushcore.exec.control_tasks", Counter, "{task}", "Tasks that came by TryControl.",
		perExec(func(x *shot) uint64 { return x.Control })},
	{"pushcore.exec.timer_tasks", Counter, "{task}", "Tasks that a timer started.",
		perExec(func(x *shot) uint64 { return x.Timers })},
	{"pushcore.exec.coroutines", UpDown, "{coroutine}", "Coroutines that were started and have not ended.",
		perExec(func(x *shot) int { return x.Coroutines })},
	{"pushcore.exec.resumes", Counter, "{resume}", "Times that a coroutine began or went on.",
		perExec(func(x *shot) uint64 { return x.Resumes })},
	{"pushcore.exec.coroutines_cancelled", Counter, "{coroutine}", "Coroutines that were cancelled.",
		perExec(func(x *shot) uint64 { return x.Cancelled })},
	{"pushcore.exec.blocking_jobs", UpDown, "{job}", "Jobs of GoBlocking that are not over.",
		perExec(func(x *shot) int { return x.Blocking })},
	{"pushcore.exec.jobs_undone", Counter, "{job}", "Jobs that never began because the Exec has ended.",
		perExec(func(x *shot) uint64 { return x.JobsUndone })},

	{"pushcore.exec.items", Counter, "{item}", "Items consumed by batch handlers.",
		perExec(func(x *shot) uint64 { return x.Items })},
	{"pushcore.exec.items_failed", Counter, "{item}", "Items whose batch panicked.",
		perExec(func(x *shot) uint64 { return x.ItemsFailed })},
	{"pushcore.exec.expired", Counter, "{item}", "Items that have waited for longer than MaxWait.",
		perExec(func(x *shot) uint64 { return x.Expired })},
	{"pushcore.exec.returned", Counter, "{item}",
		"Items and tasks given back undone, timers stopped, and jobs that never began.",
		perExec(func(x *shot) uint64 { return x.Returned })},
	{"pushcore.exec.rejects", Counter, "{item}", "Items and tasks refused because something was full or closed.",
		perExec(func(x *shot) uint64 { return x.Rejects })},
	{"pushcore.exec.panics", Counter, "{panic}", "Panics and Goexits.",
		perExec(func(x *shot) uint64 { return x.Panics })},
	{"pushcore.exec.depth", UpDown, "{item}", "Items and tasks that wait, in the local queue and in all inboxes.",
		perExec(func(x *shot) int { return x.Depth })},
	{"pushcore.exec.depth_max", Gauge, "{item}",
		"Most that a turn has seen waiting in the local queue or in one inbox, ever.",
		perExec(func(x *shot) int { return x.MaxDepth })},

	{"pushcore.exec.run_time", Histogram, "s",
		"Time that a task, or a coroutine until it waits, has had the loop; samples.",
		each(execLabels, visitExecs, spread(func(x *shot) Distribution { return durations(&x.RunTime) }))},
	{"pushcore.exec.run_time_max", Gauge, "s", "Longest that a task or coroutine has had the loop, ever; of samples.",
		perExec(func(x *shot) time.Duration { return x.RunTime.Max })},
	{"pushcore.exec.timer_lag", Histogram, "s", "By how much timers fired late; samples.",
		each(execLabels, visitExecs, spread(func(x *shot) Distribution { return durations(&x.TimerLag) }))},
	{"pushcore.exec.timer_lag_max", Gauge, "s", "By how much a timer fired late at most, ever; of samples.",
		perExec(func(x *shot) time.Duration { return x.TimerLag.Max })},
}

// cpuList writes processors as the kernel does: 0-3,8.
func cpuList(cpus []int) string {
	var b strings.Builder
	for i := 0; i < len(cpus); i++ {
		first := i
		for i+1 < len(cpus) && cpus[i+1] == cpus[i]+1 {
			i++
		}
		if first > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.Itoa(cpus[first]))
		if i > first {
			b.WriteByte('-')
			b.WriteString(strconv.Itoa(cpus[i]))
		}
	}
	return b.String()
}
