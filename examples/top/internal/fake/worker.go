package fake

import (
	"fmt"
	"math"
	"math/bits"
	"math/rand/v2"
	"time"

	"github.com/pushcore/pushcore/exec"
)

// worker is one Exec that is not there.
type worker struct {
	g            *Group
	id           int
	level, phase float64
	x            exec.Snapshot
}

func newWorker(g *Group, id int, level float64) worker {
	w := worker{g: g, id: id, level: level, phase: 2.1 * float64(id)}
	w.x = exec.Snapshot{
		Name: fmt.Sprintf("%s/%d", g.Name, id), State: exec.StateRunning, CPUs: []int{id},
		Thread: exec.Thread{ID: 48_210 + id, CPU: id},
		Inboxes: []exec.InboxStats{
			{Name: "control", Control: true, Cap: 64},
			{Name: "new", Cap: 4096},
		},
		Sources: []exec.SourceStats{{Name: "reactor", Counters: []exec.Counter{
			{Name: "connections", Gauge: true}, {Name: "events"}, {Name: "read bytes"}, {Name: "written bytes"},
		}}},
	}
	return w
}

// pass lets some time go by.
func (w *worker) pass(now time.Time, span time.Duration) (items, rejected uint64) {
	busy, s := wave(w.level, w.phase, now), span.Seconds()
	x := &w.x
	items = uint64(busy * w.g.Rate * s)
	batch := max(1, uint64(60*math.Pow(busy, 3)))
	batches := (items + batch - 1) / batch
	x.Busy += time.Duration(busy * float64(span))
	x.Idle += time.Duration((1 - busy) * float64(span))
	x.Items += items
	x.Tasks += uint64(40 * s * busy)
	x.Timers += uint64(20 * s)
	x.Batches += batches
	x.Turns += batches + 100
	size := min(bits.Len64(batch)-1, exec.BatchSizeBuckets-1)
	x.BatchSizes[size] += batches
	x.BatchSizes[size+1] += batches / 5
	x.Depth = int(3 * busy * busy * float64(batch) * (0.5 + rand.Float64()))
	x.MaxDepth = max(x.MaxDepth, x.Depth)
	x.Parks += uint64(4000 * (1 - busy) * s)
	x.WakesReceived += uint64(3500 * (1 - busy) * s)
	x.Thread.Involuntary += uint64(30*busy*s + rand.Float64())
	x.Thread.Running += time.Duration(busy * float64(span))
	x.Asleep = busy < 0.3
	if busy > 0.93 {
		rejected = uint64(800 * (busy - 0.93) * w.g.Rate / 1e5 * s * 10)
		x.Rejects += rejected
	}
	samples := int(200 * s * (busy + .05))
	delay := time.Duration(float64(4*time.Microsecond) / (1.02 - busy))
	observe(&x.QueueDelay, delay, samples)
	observe(&x.RunTime, 2*time.Microsecond+time.Duration(batch)*70, samples)
	observe(&x.TurnTime, 3*time.Microsecond+time.Duration(batch)*90, samples)
	observe(&x.TimerLag, 30*time.Microsecond, int(20*s))
	w.inbox(items, batches, rejected, size, delay, samples)
	w.source(items, s)
	if w.id == w.g.Stalls && rand.Float64() < s/25 {
		w.stall(now)
	}
	return items, rejected
}

func (w *worker) inbox(items, batches, rejected uint64, size int, delay time.Duration, samples int) {
	in := &w.x.Inboxes[1]
	in.Depth, in.MaxDepth = w.x.Depth, w.x.MaxDepth
	in.Consumed += items
	in.Batches += batches
	in.BatchSizes[size] += batches
	in.Rejected += rejected
	observe(&in.Delay, delay, samples)
	observe(&in.RunTime, 2*time.Microsecond, samples)
}

func (w *worker) source(items uint64, s float64) {
	src := &w.x.Sources[0]
	src.Polls += uint64(20_000 * s)
	src.Useful += uint64(7_000 * s)
	src.Done += items
	observe(&src.RunTime, 6*time.Microsecond, int(50*s))
	src.Counters[0].Value = uint64(120 + 10*w.id)
	src.Counters[1].Value += items
	src.Counters[2].Value += items * 48
	src.Counters[3].Value += items * 212
}

func (w *worker) stall(now time.Time) {
	w.x.Stalls++
	w.x.LastStall = &exec.Stall{
		Exec: w.x.Name, Began: now.Add(-180 * time.Millisecond), For: 162 * time.Millisecond,
		Kind: "handler", Function: "example.org/shop/orders.(*Book).compact", Thread: "running", Preempted: 3 * time.Millisecond,
		Stack: "example.org/shop/orders.(*Book).compact(0xc000122000)\n\t/src/shop/orders/book.go:214 +0x1c4\n" +
			"example.org/shop/orders.(*Book).take(0xc000122000, {0xc000482000, 0x20, 0x20})\n\t/src/shop/orders/book.go:131 +0x9c\n" +
			"github.com/pushcore/pushcore/exec.(*Inbox[...]).run(0xc00011c000)\n\t/src/pushcore/exec/inbox.go:402 +0x118",
	}
}

// snapshot is a copy that stays as it is.
func (w *worker) snapshot() exec.Snapshot {
	x := w.x
	x.Inboxes = append([]exec.InboxStats{}, x.Inboxes...)
	x.Sources = append([]exec.SourceStats{}, x.Sources...)
	for i := range x.Sources {
		x.Sources[i].Counters = append([]exec.Counter{}, x.Sources[i].Counters...)
	}
	return x
}
