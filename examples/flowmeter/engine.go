package main

import (
	"context"
	"io"
	"sync/atomic"
	"time"

	"github.com/pushcore/pushcore/group/debug"
)

// intake is what the reader counts: what came in, to be compared with what the workers counted.
type intake struct {
	packets uint64
	bytes   uint64 // on the wire
	longer  uint64 // packets of more bytes than are kept of any
}

// add counts a packet that was read.
func (in *intake) add(p *packet) {
	in.packets++
	in.bytes += uint64(p.wire)
	if p.wire > prefixLen {
		in.longer++
	}
}

// workerStat is one worker's row of the report.
type workerStat struct {
	batches uint64 // drains that returned packets; 0: the plain loop has none
	busy    time.Duration
	idle    time.Duration
	parks   uint64
}

// outcome is what a run leaves behind, whether it came to its end or not.
type outcome struct {
	in      intake
	meters  []*meter // one per worker
	stats   []workerStat
	elapsed time.Duration
	fault   error // what ended the run early; nil: nothing did
	loss    loss
	waits   uint64 // times that the reader found no buffer free
}

// stopper tells a reader that is not to read on. A live source is closed instead, and read until
// it says that it is: what the kernel had captured by then is still counted.
type stopper struct {
	src  source
	flag atomic.Bool
	off  func() bool
}

// stopOn makes the end of ctx stop the reading of src.
func stopOn(ctx context.Context, src source) *stopper {
	s := &stopper{src: src}
	s.off = context.AfterFunc(ctx, func() {
		s.flag.Store(true)
		_ = src.close() // ends a read that waits: for packets, or for the writer of a pipe
	})
	return s
}

// now reports whether a reader of a file is to stop.
func (s *stopper) now() bool { return s.flag.Load() && !s.src.live() }

// verdict is the fault that an error of next stands for: none at the regular end, and none if
// the source was closed to stop reading.
func (s *stopper) verdict(err error) error {
	if err == nil || err == io.EOF || s.flag.Load() {
		return nil
	}
	return err
}

// runPlain is the loop to compare a group with: one goroutine reads, decodes and counts.
func runPlain(ctx context.Context, src source, o *options) (*outcome, error) {
	defer debug.DumpOnSignal(o.errs)() // there is little to say, but a signal does not end it either
	m := newMeter(o.maxFlows)
	out := &outcome{meters: []*meter{m}, stats: make([]workerStat, 1)}
	stop := stopOn(ctx, src)
	defer stop.off()
	begun := time.Now()
	out.fault = stop.verdict(plainLoop(stop, src, m, &out.in))
	out.elapsed = time.Since(begun)
	out.stats[0].busy = out.elapsed
	out.loss = src.loss()
	return out, nil
}

// plainLoop reads until the source ends or stop says so.
func plainLoop(stop *stopper, src source, m *meter, in *intake) error {
	var p packet
	for !stop.now() {
		if err := src.next(&p); err != nil {
			return err
		}
		in.add(&p)
		m.packet(p.link, p.data[:min(len(p.data), prefixLen)], p.wire, p.ts, p.tagged)
	}
	return nil
}
