package dashboard

import (
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
)

// fake is a Source whose figures move with time, as those of a group under load do.
type fake struct {
	mu      sync.Mutex
	name    string
	from    time.Time
	state   group.Snapshot
	sockets bool        // what the members do comes from there
	skew    float64     // of what the members receive, the part that all goes to the first
	stalled *exec.Stall // the last one of the first member
	shown   int         // snapshots
}

func newFake(name string, members int) *fake {
	f := &fake{name: name, from: time.Now(), state: group.Snapshot{Name: name, Balancer: "PowerOfTwo", MaxForwards: 4096, Producers: 3}}
	for id := range members {
		f.state.Members = append(f.state.Members, group.Member{ID: id, Open: true, Weight: 1, Exec: exec.Snapshot{
			Name: fmt.Sprintf("%s/%d", name, id), State: exec.StateRunning, CPUs: []int{id},
			Thread:  exec.Thread{ID: 4711 + id, CPU: id},
			Inboxes: []exec.InboxStats{{Name: "control", Control: true, Cap: 64}, {Name: "new", Cap: 1024}},
			Sources: []exec.SourceStats{{Name: "netio epoll", Counters: []exec.Counter{{Name: "open", Value: 42, Gauge: true}}}, {Name: "census"}},
		}})
	}
	return f
}

// newServed returns a group of Execs whose work is that of sockets: each was sent the task that it began with.
func newServed(name string, members int) *fake {
	f := newFake(name, members)
	f.state.Balancer, f.state.Producers, f.state.MaxForwards, f.sockets = "", 0, 0, true
	for i := range f.state.Members {
		m := &f.state.Members[i]
		m.Received, m.Exec.Tasks = 1, 1
		m.Exec.Inboxes = []exec.InboxStats{{Name: "control", Control: true, Cap: 64}, {Name: "tasks", Cap: 64, Received: 1, Consumed: 1, Batches: 1}}
		m.Exec.Sources = []exec.SourceStats{{Name: "netio", Counters: []exec.Counter{
			{Name: "Conns", Value: 42, Gauge: true}, {Name: "Waiting", Gauge: true}, {Name: "Accepted", Value: 77},
			{Name: "Failed"}, {Name: "BytesIn"},
		}}}
	}
	f.state.Accepted, f.state.Executed = uint64(members), uint64(members)
	return f
}

// set changes f.
func (f *fake) set(change func(f *fake)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(f)
}

// taken returns how many snapshots were.
func (f *fake) taken() (n int) {
	f.set(func(f *fake) { n = f.shown })
	return n
}

// Snapshot moves f on by the time that has passed.
func (f *fake) Snapshot() group.Snapshot {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.shown++
	now := time.Now()
	passed := now.Sub(f.from)
	f.from = now
	for i := range f.state.Members {
		f.move(i, passed)
	}
	s := f.state
	s.Members = append([]group.Member(nil), s.Members...)
	for i := range s.Members {
		x := &s.Members[i].Exec
		x.Inboxes, x.Sources = append([]exec.InboxStats(nil), x.Inboxes...), append([]exec.SourceStats(nil), x.Sources...)
	}
	s.Imbalance = group.ImbalanceOf(s.Members)
	return s
}

func (f *fake) move(i int, passed time.Duration) {
	m := &f.state.Members[i]
	x := &m.Exec
	wave := 0.5 + 0.4*math.Sin(float64(time.Now().UnixMilli())/900+float64(i))
	n := uint64(40_000 * passed.Seconds() * (0.8 + 0.4*wave) * (1 - f.skew))
	if i == 0 {
		n += uint64(40_000 * passed.Seconds() * f.skew * float64(len(f.state.Members)))
	}
	x.Busy += time.Duration(wave * float64(passed))
	x.Idle += time.Duration((1 - wave) * float64(passed))
	x.Turns += n / 8
	x.Parks += n / 400
	x.WakesReceived += n / 500
	observe(&x.RunTime, n, 900*time.Nanosecond, wave)
	x.Sources[0].Polls += n / 8
	x.Sources[0].Useful += n / 20
	x.Sources[0].Done += n
	x.Thread.Running += time.Duration(wave * float64(passed))
	x.Thread.Voluntary = x.Parks
	if i == 0 {
		x.LastStall = f.stalled
	}
	f.state.Executed += n
	if f.sockets {
		x.Resumes += n
		cs := append([]exec.Counter(nil), x.Sources[0].Counters...)
		cs[len(cs)-1].Value += 100 * n
		x.Sources[0].Counters = cs
		return
	}
	m.Received += n
	f.state.Accepted += n
	x.Tasks += n / 100
	x.Items += n
	x.Batches += n / 12
	for b, part := range []uint64{2, 5, 9, 14, 8, 3, 1} {
		x.BatchSizes[b] += n / 12 * part / 42
	}
	x.Depth, x.MaxDepth = int(90*wave), max(x.MaxDepth, int(100*wave))
	observe(&x.QueueDelay, n, 3*time.Microsecond, wave)
	x.Inboxes[1].Consumed, x.Inboxes[1].Batches = x.Items, x.Batches
	x.Inboxes[1].Delay, x.Inboxes[1].RunTime = x.QueueDelay, x.RunTime
}

// observe counts n durations around mid.
func observe(h *exec.Histogram, n uint64, mid time.Duration, wave float64) {
	at := 0
	for exec.BucketEnd(at) < time.Duration(float64(mid)*(0.5+wave)) {
		at++
	}
	for i, part := range []uint64{60, 25, 10, 4, 1} {
		h.Counts[at+3*i] += n * part / 100
		h.Sum += time.Duration(n*part/100) * exec.BucketEnd(at+3*i)
		h.Max = max(h.Max, exec.BucketEnd(at+3*i))
	}
}

// stall is one that is told of in full.
func stall() *exec.Stall {
	return &exec.Stall{
		Exec: "ingest/0", Began: time.Now(), For: 312 * time.Millisecond, Kind: "handler",
		Function: "example.com/shop/orders.(*Worker).Handle", Thread: "sleeping", Preempted: 4 * time.Millisecond, Suppressed: 2,
		Stack: "goroutine 42 [syscall]:\nsyscall.Syscall(0x1, 0x7, 0xc000123000)\n\t/usr/lib/go/src/syscall/syscall_linux.go:73\n" +
			"example.com/shop/orders.(*Worker).Handle(0xc00007a000)\n\t/src/shop/orders/worker.go:128 +0x2f4\n",
	}
}
