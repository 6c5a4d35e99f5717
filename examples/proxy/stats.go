package main

import (
	"context"
	"encoding/json"
	"io"
	"slices"
	"time"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// Stats is what a proxy has done since it was started. With -json it is printed.
type Stats struct {
	Seconds    float64         `json:"seconds"`
	Open       int64           `json:"open"` // clients
	Total      counters        `json:"total"`
	BytesIn    uint64          `json:"bytes_in"`  // read from both sides
	BytesOut   uint64          `json:"bytes_out"` // and written to the other one
	BytesLost  uint64          `json:"bytes_lost"`
	EventsLost uint64          `json:"events_lost"` // that were not logged, because too many waited to be
	Workers    []WorkerStats   `json:"workers"`
	Upstreams  []UpstreamStats `json:"upstreams"`
	Load       *LoadStats      `json:"load,omitempty"` // of the demonstration
}

// WorkerStats is what one core has done.
type WorkerStats struct {
	ID     int           `json:"id"`
	CPUs   string        `json:"cpus"` // that it is pinned to; "": none
	Busy   time.Duration `json:"busy_ns"`
	Parks  uint64        `json:"parks"`
	Open   int           `json:"open"` // clients and upstreams
	Idle   int           `json:"idle"` // of these: without a coroutine
	Reads  uint64        `json:"reads"`
	Writes uint64        `json:"writes"`
	Polls  uint64        `json:"polls"`

	NoDescriptors uint64 `json:"no_descriptors"` // clients that were refused because no more files may be open
	counters
}

// UpstreamStats is what is known of one upstream.
type UpstreamStats struct {
	Address  string `json:"address"`
	State    string `json:"state"` // up, down or ejected
	Open     int64  `json:"open"`
	Total    uint64 `json:"total"`
	Failures uint64 `json:"failures"`
}

// snapshot is what a worker is asked for.
type snapshot struct {
	WorkerStats
	usage map[string]usage // by address, which more than one may have: an upstream that is named again is a new one
}

// take makes a snapshot, on the loop or when that has ended.
func (w *worker) take() snapshot {
	x, r := w.x.Stats(), netio.Stats{}
	if w.r != nil {
		r = w.r.Stats()
	}
	s := snapshot{usage: map[string]usage{}, WorkerStats: WorkerStats{
		ID: w.id, Busy: x.Busy, Parks: x.Parks, Open: r.Conns, Idle: r.Waiting,
		Reads: r.Reads, Writes: r.Writes, Polls: r.Polls, NoDescriptors: r.NoDescriptors, counters: w.count,
	}}
	if len(w.proxy.cfg.cpus) > 0 {
		s.CPUs = w.proxy.cfg.cpus[w.id : w.id+1].String()
	}
	for u, use := range w.usage {
		sum := s.usage[u.addr]
		sum.open += use.open
		sum.total += use.total
		sum.failures += use.failures
		s.usage[u.addr] = sum
	}
	return s
}

// ask has f run on a loop, or here if that has ended.
func ask[T any](x *exec.Exec, f func() T) T {
	v, err := exec.Call(context.Background(), x, func(*exec.Local) (T, error) { return f(), nil })
	if err != nil { // exec.ErrClosed
		_ = x.Wait()
		return f()
	}
	return v
}

// stats asks everyone.
func (p *proxy) stats() Stats {
	s := ask(p.monitor.x, p.monitor.take)
	s.Seconds = time.Since(p.began).Seconds()
	for _, w := range p.workers {
		one := ask(w.x, w.take)
		s.Workers = append(s.Workers, one.WorkerStats)
		s.Total.add(&one.counters)
		for addr, use := range one.usage {
			i := slices.IndexFunc(s.Upstreams, func(u UpstreamStats) bool { return u.Address == addr })
			if i < 0 {
				i = len(s.Upstreams)
				s.Upstreams = append(s.Upstreams, UpstreamStats{Address: addr, State: "removed"})
			}
			u := &s.Upstreams[i]
			u.Total += use.total
			u.Failures += use.failures
			u.Open += int64(use.open)
		}
	}
	s.Open = p.open.Load()
	for _, f := range []flow{s.Total.Upstream, s.Total.Downstream} {
		s.BytesIn += f.In
		s.BytesOut += f.Out
		s.BytesLost += f.Lost
	}
	return s
}

// add adds up what workers have counted.
func (c *counters) add(o *counters) {
	for _, n := range []struct {
		to   *uint64
		more uint64
	}{
		{&c.Accepted, o.Accepted}, {&c.Refused, o.Refused}, {&c.BadHeaders, o.BadHeaders}, {&c.BadHandshakes, o.BadHandshakes}, {&c.Handshakes, o.Handshakes},
		{&c.Unserved, o.Unserved},
		{&c.Finished, o.Finished}, {&c.Broken, o.Broken}, {&c.Idle, o.Idle}, {&c.Lifetime, o.Lifetime}, {&c.Cut, o.Cut},
		{&c.ConnectErrors, o.ConnectErrors}, {&c.Retries, o.Retries}, {&c.ReportsLost, o.ReportsLost},
	} {
		*n.to += n.more
	}
	c.Upstream.add(&o.Upstream)
	c.Downstream.add(&o.Downstream)
}

func (f *flow) add(o *flow) {
	f.In += o.In
	f.Out += o.Out
	f.Lost += o.Lost
	f.Chunks += o.Chunks
	f.Slow += o.Slow
}

// writeJSON prints stats as JSON.
func (s *Stats) writeJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(s)
}
