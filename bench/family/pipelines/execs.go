package pipelines

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/place"
)

// This file runs shapes whose stages are Execs: each has an inbox for every branch that ends in it, and passes on
// through a lane into the next one's. The sources are threads outside, with lanes of their own.

// onExecs measures a shape with an Exec for each stage.
func (sh shape) onExecs(batch int) func(measure.Spot, int) (measure.Sample, error) {
	return func(s measure.Spot, n int) (measure.Sample, error) {
		defer s.Room(sh.threads())()
		sinks := sh.newSinks()
		f := newFleet(sh, s, len(sinks))
		outs, err := f.open(sinks)
		if err != nil {
			return measure.Sample{}, err
		}
		c := newCrew(sh, s)
		for i := range sh.sources {
			c.bodies[i] = sh.source(i, n, batch, outs[i])
		}
		began, _, err := c.run()
		ended, err2 := f.await()
		err = errors.Join(err, err2, f.stop(), sh.err(sinks, n))
		return measure.PerOp(ended.Sub(began), n), err
	}
}

// fleet is the Execs of a run.
type fleet struct {
	shape   shape
	spot    measure.Spot
	spin    time.Duration // of those that have a cpu for themselves
	execs   []*exec.Exec
	inboxes []*exec.Inbox[event]
	done    chan time.Time // when each sink had all
}

func newFleet(sh shape, s measure.Spot, sinks int) *fleet {
	return &fleet{shape: sh, spot: s, done: make(chan time.Time, sinks)}
}

// open makes and starts the Execs, and returns each source's lanes.
func (f *fleet) open(sinks []sink) (outs [][]outlet, err error) {
	heads, err := f.build(sinks)
	if err != nil {
		return nil, err
	}
	for range f.shape.sources {
		var lanes []outlet
		for _, in := range heads {
			lane, err := in.Lane()
			if err != nil {
				return nil, err
			}
			lanes = append(lanes, laneOutlet{lane})
		}
		outs = append(outs, lanes)
	}
	return outs, f.start()
}

// build makes the Execs of each branch, the sink first, and returns the inboxes that the sources send to.
func (f *fleet) build(sinks []sink) (heads []*exec.Inbox[event], err error) {
	var end *exec.Exec
	for b, br := range f.shape.branches {
		first, at := f.shape.at(b)
		k := sinks[min(b, len(sinks)-1)]
		if end == nil || !f.shape.join {
			if end, err = f.exec(at); err != nil {
				return nil, err
			}
		}
		in, err := f.inbox(end, f.collect(k, b))
		for i := len(br.steps) - 1; i >= 0 && err == nil; i-- {
			in, err = f.stage(first+i, br.steps[i], in)
		}
		if err != nil {
			return nil, err
		}
		heads = append(heads, in)
	}
	return heads, nil
}

// exec makes the Exec that is a thread of the shape. One that shares its cpu parks at once when it has nothing to do:
// it would keep the cpu from those that have.
func (f *fleet) exec(thread int) (*exec.Exec, error) {
	// The log would say each time that two loops which never park are many here.
	cfg := exec.Config{Name: fmt.Sprintf("stage %d", thread), Spin: f.spin, Logger: slog.New(slog.DiscardHandler)}
	if f.spot.Pinned && f.spot.WorkerCPU() != nil {
		cfg.CPUs = place.Of(f.spot.CPUs[f.shape.cpu(thread)])
	}
	if f.shape.shares(thread) {
		cfg.Spin = -1
	}
	x, err := exec.New(cfg)
	if err == nil {
		f.execs = append(f.execs, x)
	}
	return x, err
}

func (f *fleet) inbox(x *exec.Exec, handle func(*exec.Local, []event) int) (*exec.Inbox[event], error) {
	in, err := exec.NewInbox(x, exec.InboxConfig[event]{Cap: measure.Capacity, Handle: handle})
	if err == nil {
		f.inboxes = append(f.inboxes, in)
	}
	return in, err
}

// end makes an Exec with an inbox.
func (f *fleet) end(thread int, handle func(*exec.Local, []event) int) (*exec.Inbox[event], error) {
	x, err := f.exec(thread)
	if err != nil {
		return nil, err
	}
	return f.inbox(x, handle)
}

// stage makes an Exec that works and passes on, and returns its inbox. It holds back what the next one has no room for.
func (f *fleet) stage(thread int, work step, next *exec.Inbox[event]) (*exec.Inbox[event], error) {
	out, err := next.Lane()
	if err != nil {
		return nil, err
	}
	buf := make([]event, exec.DefaultBurst)
	return f.end(thread, func(_ *exec.Local, events []event) int {
		done := buf[:len(events)]
		work(done, events)
		return out.PushBatch(done)
	})
}

// collect feeds a sink from one of its branches.
func (f *fleet) collect(k sink, branch int) func(*exec.Local, []event) int {
	return func(_ *exec.Local, events []event) int {
		before := k.ended()
		n := k.take(branch, events)
		if !before && k.ended() {
			f.done <- time.Now()
		}
		return n
	}
}

func (f *fleet) start() error {
	for i, x := range f.execs {
		if err := x.Start(); err != nil {
			for _, x := range f.execs[:i] {
				x.Stop()
				err = errors.Join(err, x.Wait())
			}
			return err
		}
	}
	return nil
}

// await returns when the last sink had all.
func (f *fleet) await() (ended time.Time, err error) {
	for range cap(f.done) {
		select {
		case at := <-f.done:
			if at.After(ended) {
				ended = at
			}
		case <-time.After(30 * time.Second):
			return ended, errors.New("data error: an event was lost, the last one of a source")
		}
	}
	return ended, nil
}

// stop ends the Execs; nothing may be left in their inboxes.
func (f *fleet) stop() (err error) {
	for _, x := range f.execs {
		x.Stop()
	}
	for _, x := range f.execs {
		err = errors.Join(err, x.Wait())
	}
	for _, in := range f.inboxes {
		rest, err2 := in.Undone()
		if len(rest) > 0 {
			err2 = fmt.Errorf("data error: %d events were left over", len(rest))
		}
		err = errors.Join(err, err2)
	}
	return err
}

// laneOutlet is the end of a lane at which a thread outside sends.
type laneOutlet struct{ *exec.Lane[event] }

func (o laneOutlet) put(w *measure.Poll, vs []event) { putAll(o, w, vs) }
