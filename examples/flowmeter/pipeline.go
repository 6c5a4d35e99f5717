package main

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/pushcore/pushcore/balance"
	"github.com/pushcore/pushcore/examples/internal/observe"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
	"github.com/pushcore/pushcore/ring"
)

// drainLimit bounds the wait for workers to count what was sent: at most slots packets.
const drainLimit = 10 * time.Second

// worker is a worker's handler. All of it but mem, which holds the slots it is sent, is its own.
type worker struct {
	m    *meter
	mem  []byte
	back *ring.SPSC[uint32]
	done [sendBatch]uint32
	warm byte // keeps the compiler from dropping the loads that warm the cache
}

// Handle implements group.Handler: it counts a batch of packets and gives their slots back.
func (w *worker) Handle(_ *exec.Local, batch []item) int {
	for rest := batch; len(rest) > 0; {
		part := rest[:min(len(rest), sendBatch)]
		rest = rest[len(part):]
		w.count(part)
	}
	return len(batch)
}

// count counts at most sendBatch packets.
func (w *worker) count(part []item) {
	// The headers are in the other core's cache. These loads do not depend on each other, so the
	// lines travel at the same time; decoding one by one would wait for each.
	for i := range part {
		at := part[i].slot * prefixLen
		w.warm += w.mem[at] + w.mem[at+uint32(max(part[i].n, 1))-1]
	}
	for i := range part {
		it := &part[i]
		w.m.packet(it.link, bytesOf(w.mem, it), it.wire, it.ts, it.tagged)
		w.done[i] = it.slot
	}
	w.back.PushAll(w.done[:len(part)])
}

// newGroup makes the group. The workers are written to workers when the group starts.
func newGroup(o *options, s *slab, workers []*worker, logger *slog.Logger, onStall func(exec.Stall)) (*group.Group[item], error) {
	return group.New(group.Config[item]{
		Name:         "flowmeter",
		Workers:      o.workers,
		CPUs:         o.cpus,
		Balance:      o.balance.policy(),
		Key:          func(it *item) uint64 { return uint64(it.hash) },
		AllowReorder: true,  // flows that were split are put together at the end
		Depth:        slots, // no lane is ever full: the slab is what runs out
		MaxProducers: 1,
		Exec:         exec.Config{Logger: logger, OnStall: onStall},
		Worker: func(_ *exec.Local, id int) (group.Handler[item], error) {
			// On the worker's own thread: its table is made in memory near its core.
			workers[id] = &worker{m: newMeter(o.maxFlows), mem: s.mem, back: s.back[id]}
			return workers[id], nil
		},
	})
}

// runGroup meters src with a group of workers.
func runGroup(ctx context.Context, src source, o *options) (*outcome, error) {
	s := newSlab(o.workers)
	workers := make([]*worker, o.workers)
	// That an idle worker parks at once is nothing to tell the user of a meter.
	logger := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	watcher, err := observe.New(o.observe, o.errs, logger)
	if err != nil {
		return nil, err
	}
	defer watcher.Close()
	g, err := newGroup(o, s, workers, logger, watcher.OnStall)
	if err != nil {
		return nil, err
	}
	if err := watcher.Show(g); err != nil {
		return nil, err
	}
	to, err := g.Producer()
	if err != nil {
		return nil, err
	}
	if err := g.Start(); err != nil {
		return nil, err
	}
	dead, ended := make(chan struct{}), error(nil)
	go func() {
		defer close(dead)
		ended = g.Wait()
	}()

	out := &outcome{}
	r := newReader(src, stopOn(ctx, src), s, to, dead)
	r.in = &out.in
	defer r.stop.off()
	begun := time.Now()
	read := make(chan struct{})
	go func() {
		defer close(read)
		keepOff(o.cpus)
		err = r.loop()
	}()
	<-read
	to.Close()
	limit, cancel := context.WithTimeout(context.Background(), drainLimit)
	defer cancel()
	undone, drainErr := g.Drain(limit)
	<-dead // from here on the workers' state is ours
	out.elapsed = time.Since(begun)
	if len(undone) > 0 {
		drainErr = cmp.Or(drainErr, fmt.Errorf("%d packets were not counted within %v", len(undone), drainLimit))
	}
	out.fault = cmp.Or(ended, err, drainErr) // the cause first
	out.waits = r.waits
	out.loss = src.loss()
	for i, st := range g.Stats().Workers {
		out.meters = append(out.meters, workers[i].m)
		out.stats = append(out.stats, workerStat{batches: st.Batches, busy: st.Busy, idle: st.Idle, parks: st.Parks})
	}
	return out, nil
}

// policy returns the balancer's policy.
func (b balancing) policy() balance.Policy {
	switch b.name {
	case "roundrobin":
		return balance.RoundRobin()
	case "bounded":
		return balance.BoundedDepth(b.bound, balance.RoundRobin())
	}
	return balance.KeyHash()
}
