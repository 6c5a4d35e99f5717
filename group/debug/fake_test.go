package debug_test

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
)

// fake is a Source that shows the same figures each time, but for Accepted, which counts the snapshots.
type fake struct {
	state group.Snapshot
	taken atomic.Uint64
}

func (f *fake) Snapshot() group.Snapshot {
	s := f.state
	s.Accepted = f.taken.Add(1)
	return s
}

// newFake returns a group in which everything has some value.
func newFake() *fake {
	s := group.Snapshot{
		Name: "ingest", Balancer: "PowerOfTwo",
		Stats: group.Stats{
			Forwarded: 12, Spawned: 3, Executed: 990, Failed: 1, Expired: 2, Returned: 4, Rejected: 7,
			Changes: group.Changes{Added: 2, Removed: 1, HandedOver: 5},
		},
		Imbalance: group.Imbalance{Received: 1.0526, Busy: 1.25},
		Producers: 2, Forwarders: 1, Forwards: 3, MaxForwards: 256, BalancerFull: 6,
		Decisions: []exec.Counter{{Name: "stayed", Value: 900}, {Name: "keys", Value: 31, Gauge: true}},
	}
	for id := range 2 {
		s.Members = append(s.Members, newMember(id))
	}
	s.Members[1].Open = false
	s.Members[1].Weight = 3
	s.Members[0].Exec.LastStall = &exec.Stall{
		Exec: "ingest/0", Began: time.Date(2026, 1, 2, 3, 4, 5, 600_000_000, time.UTC), For: 312 * time.Millisecond,
		Kind: "handler", Function: "example.com/shop.(*Worker).Handle", Thread: "sleeping", Preempted: 4 * time.Millisecond,
		Suppressed: 2, Stack: "goroutine 42 [syscall]:\nsyscall.Syscall(...)\n\t/go/src/syscall.go:73\n",
	}
	// A worker of which nothing is known yet.
	s.Members = append(s.Members, group.Member{ID: 2, Weight: 1, Exec: exec.Snapshot{State: exec.StateMade}})
	return &fake{state: s}
}

func newMember(id int) group.Member {
	n := uint64(id + 1)
	return group.Member{ID: id, Open: true, Weight: 1, Received: 1000 * n, Exec: exec.Snapshot{
		Name: fmt.Sprintf("ingest/%d", id), State: exec.StateRunning, Asleep: id == 1, CPUs: []int{id, id + 4},
		Thread: exec.Thread{
			ID: 4711 + id, CPU: id + 4, Running: 3 * time.Second, Waiting: 20 * time.Millisecond, Voluntary: 11, Involuntary: 2,
		},
		Stats: exec.Stats{
			Turns: 400 * n, Items: 960 * n, Batches: 80 * n, BatchSizes: [exec.BatchSizeBuckets]uint64{10 * n, 20 * n, 50 * n},
			Depth: 5, MaxDepth: 77, Parks: 40, WakesReceived: 30, Stalls: n - 1, Panics: 1,
			Busy: 1500 * time.Millisecond, Idle: 4500 * time.Millisecond,
		},
		QueueDelay: histogram(40, n), RunTime: histogram(28, n), TurnTime: histogram(50, n), TimerLag: histogram(60, n),
		Inboxes: []exec.InboxStats{
			{Name: "forward", Control: true, Cap: 64, Consumed: 12, Batches: 4},
			{
				Name: "new", Cap: 1024, Depth: 5, MaxDepth: 77, Consumed: 960 * n, Failed: 1, Expired: 2, Rejected: 3, LaneFull: 4,
				Held: 6, Batches: 80 * n, Delay: histogram(40, n), RunTime: histogram(28, n),
				Lanes: []exec.LaneStats{{Cap: 256, Depth: 3, Taken: 500}, {Cap: 256, Depth: 1, Taken: 400}},
			},
		},
		Sources: []exec.SourceStats{{
			Name: "netio", Polls: 100, Useful: 60, Done: 600, RunTime: histogram(30, n),
			Counters: []exec.Counter{{Name: "accepted", Value: 99}, {Name: "open", Value: 9, Gauge: true}},
		}, {Name: "census", Polls: 400}},
	}}
}

// histogram has something in a few buckets from the one at.
func histogram(at int, n uint64) (h exec.Histogram) {
	for i, c := range []uint64{60, 25, 10, 4, 1} {
		h.Counts[at+2*i] = c * n
		h.Sum += time.Duration(c*n) * exec.BucketEnd(at+2*i)
		h.Max = exec.BucketEnd(at + 2*i)
	}
	return h
}
