package table

import (
	"time"

	"github.com/pushcore/pushcore/exec"
)

type inboxShot = exec.InboxStats

// inboxes are metrics of inboxes. Lanes are summed up: there may be thousands, and they come and go.
var inboxes = []Metric{
	{"pushcore.inbox.depth", UpDown, "{item}", "Items that wait, in the ring and in all lanes.",
		perInbox(func(in *inboxShot) int { return in.Depth })},
	{"pushcore.inbox.depth_max", Gauge, "{item}", "Most that the loop has seen waiting, ever.",
		perInbox(func(in *inboxShot) int { return in.MaxDepth })},
	{"pushcore.inbox.capacity", UpDown, "{item}", "Items that the ring behind TrySend has room for, without lanes.",
		perInbox(func(in *inboxShot) int { return in.Cap })},
	{"pushcore.inbox.lanes", UpDown, "{lane}", "Lanes open.",
		perInbox(func(in *inboxShot) int { return len(in.Lanes) })},
	{"pushcore.inbox.lanes_depth", UpDown, "{item}", "Items that wait in lanes, all together; part of the depth.",
		perInbox(func(in *inboxShot) int { return lanes(in, func(l *exec.LaneStats) int { return l.Depth }) })},
	{"pushcore.inbox.lanes_capacity", UpDown, "{item}", "Items that the open lanes have room for, all together.",
		perInbox(func(in *inboxShot) int { return lanes(in, func(l *exec.LaneStats) int { return l.Cap }) })},

	{"pushcore.inbox.delay", Histogram, "s",
		"Time from the send of an item until it is offered to the handler; samples.",
		each(inboxLabels, visitInboxes, spread(func(in *inboxShot) Distribution { return durations(&in.Delay) }))},
	{"pushcore.inbox.delay_max", Gauge, "s", "Longest from the send until the offer, ever; of samples.",
		perInbox(func(in *inboxShot) time.Duration { return in.Delay.Max })},
	{"pushcore.inbox.run_time", Histogram, "s", "Time that the handler took for a batch; samples.",
		each(inboxLabels, visitInboxes, spread(func(in *inboxShot) Distribution { return durations(&in.RunTime) }))},
	{"pushcore.inbox.run_time_max", Gauge, "s", "Longest that the handler took for a batch, ever; of samples.",
		perInbox(func(in *inboxShot) time.Duration { return in.RunTime.Max })},
	{"pushcore.inbox.batch_size", Histogram, "{item}", "Items that a call of the handler consumed.",
		each(inboxLabels, visitInboxes, spread(sizes))},

	{"pushcore.inbox.received", Counter, "{item}", "Items sent to the inbox and accepted, whatever became of them.",
		perInbox(func(in *inboxShot) uint64 { return in.Received })},
	{"pushcore.inbox.consumed", Counter, "{item}", "Items, and tasks, consumed.",
		perInbox(func(in *inboxShot) uint64 { return in.Consumed })},
	{"pushcore.inbox.failed", Counter, "{item}", "Items of those consumed whose handler panicked.",
		perInbox(func(in *inboxShot) uint64 { return in.Failed })},
	{"pushcore.inbox.expired", Counter, "{item}", "Items that waited for longer than MaxWait.",
		perInbox(func(in *inboxShot) uint64 { return in.Expired })},
	{"pushcore.inbox.rejected", Counter, "{item}", "Items refused by TrySend and TrySendBatch.",
		perInbox(func(in *inboxShot) uint64 { return in.Rejected })},
	{"pushcore.inbox.lane_full", Counter, "{send}",
		"Times that a lane took nothing, or not all of a batch, because it was full or closed.",
		perInbox(func(in *inboxShot) uint64 { return in.LaneFull })},
	{"pushcore.inbox.held", Counter, "{call}", "Times that the handler, or Admit, held something back.",
		perInbox(func(in *inboxShot) uint64 { return in.Held })},
}

func lanes(in *inboxShot, f func(*exec.LaneStats) int) (sum int) {
	for i := range in.Lanes {
		sum += f(&in.Lanes[i])
	}
	return sum
}

type sourceShot = exec.SourceStats

// sources are metrics of what a loop polls.
var sources = []Metric{
	{"pushcore.source.polls", Counter, "{poll}", "Polls.",
		perSource(func(s *sourceShot) uint64 { return s.Polls })},
	{"pushcore.source.useful_polls", Counter, "{poll}", "Polls that did something.",
		perSource(func(s *sourceShot) uint64 { return s.Useful })},
	{"pushcore.source.done", Counter, "{item}", "What polls reported to have done.",
		perSource(func(s *sourceShot) uint64 { return s.Done })},
	{"pushcore.source.run_time", Histogram, "s", "Time that polls took which did something; samples.",
		each(sourceLabels, visitSources, spread(func(s *sourceShot) Distribution { return durations(&s.RunTime) }))},
	{"pushcore.source.run_time_max", Gauge, "s", "Longest poll, ever; of samples.",
		perSource(func(s *sourceShot) time.Duration { return s.RunTime.Max })},
	{"pushcore.source.events", Counter, "{event}", "What the source counts of its own, by name.",
		each(with(sourceLabels, "name"), visitSources, named(false, reported))},
	{"pushcore.source.level", Gauge, "{level}", "What the source says of its state now, by name.",
		each(with(sourceLabels, "name"), visitSources, named(true, reported))},
}

func reported(s *sourceShot) []exec.Counter { return s.Counters }
