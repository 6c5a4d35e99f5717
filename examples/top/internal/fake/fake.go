// Package fake serves the figures of a program that is not there, and that move as those of one that is: to test what
// shows them, and to look at it. Nothing in it measures anything.
package fake

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
	"github.com/pushcore/pushcore/group/debug"
)

// Group is a debug.Source of workers that are busy in waves. Anyone may call Snapshot at any time.
type Group struct {
	Name     string
	Balancer string
	Levels   []float64 // of busyness, one for each worker
	Rate     float64   // items per second of a worker that is always busy
	Stalls   int       // worker that stalls now and then; -1: none

	mu      sync.Mutex
	begun   time.Time
	last    time.Time
	workers []worker
	sums    group.Stats
}

// Snapshot lets the time that has gone by happen.
func (g *Group) Snapshot() group.Snapshot {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	if g.begun.IsZero() {
		g.begun, g.last = now.Add(-97*time.Minute), now.Add(-time.Second)
		for id, level := range g.Levels {
			g.workers = append(g.workers, newWorker(g, id, level))
		}
	}
	span := now.Sub(g.last)
	g.last = now
	s := group.Snapshot{Name: g.Name, Balancer: g.Balancer, Producers: 4, MaxForwards: 1024}
	for id := range g.workers {
		w := &g.workers[id]
		items, rejected := w.pass(now, span)
		g.sums.Accepted += items
		g.sums.Executed += items
		g.sums.Rejected += rejected
		s.Members = append(s.Members, group.Member{ID: id, Open: true, Weight: 1, Received: w.x.Items, Exec: w.snapshot()})
	}
	s.Stats = g.sums
	s.Imbalance = group.ImbalanceOf(s.Members)
	return s
}

// wave is how busy a worker is at a time: a slow swell, ripples, and noise.
func wave(level, phase float64, at time.Time) float64 {
	t := float64(at.UnixMilli()) / 1000
	v := level*(0.75+0.3*math.Sin(t/9+phase)+0.12*math.Sin(t/2.3+2*phase)) + 0.06*(rand.Float64()-.5)
	return max(0.004, min(v, 0.995))
}

// observe counts n durations about d, as samples do.
func observe(h *exec.Histogram, d time.Duration, n int) {
	for range n {
		v := time.Duration(float64(d) * math.Exp(0.7*rand.NormFloat64()))
		i := 0
		for i < exec.HistogramBuckets-1 && exec.BucketEnd(i) <= v {
			i++
		}
		h.Counts[i]++
		h.Sum += v
		h.Max = max(h.Max, v)
	}
}

// Report is what a program with some groups would report.
func Report(program string, pid int, uptime time.Duration, groups ...debug.Source) debug.Report {
	r := debug.NewReport(groups...)
	r.Program, r.PID, r.GOMAXPROCS, r.Uptime = program, pid, 8, uptime
	return r
}

// Handler serves reports at /stats.json.
func Handler(report func() debug.Report) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /stats.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(report())
	})
	return mux
}
