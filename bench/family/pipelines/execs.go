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

// This file runs shapes whose stages are Execs: each has an inbox for every branch that ends in it, and passes on through
// a lane into the next one's. The sources are threads outside, with a lane each, too.

// fleet is the Execs of a run.
type fleet struct {
	shape   shape
	spot    measure.Spot
	execs   []*exec.Exec
	inboxes []*exec.Inbox[event]
	done    chan time.Time // when each sink had all
}

// onExecs measures a shape with an Exec for each stage.
func (sh shape) onExecs(batch int) func(measure.Spot, int) (measure.Sample, error) {
	return func(s measure.Spot, n int) (measure.Sample, error) {
		defer sh.procs(s)()
		sinks := sh.newSinks()
		f := &fleet{shape: sh, spot: s, done: make(chan time.Time, len(sinks))}
		heads, err := f.build(sinks)
		if err != nil {
			return measure.Sample{}, err
		}
		if err := f.start(); err != nil {
			return measure.Sample{}, err
		}
		c := newCrew(sh, s)
		for i := range sh.sources {
			outs, err2 := lanes(heads)
			err = errors.Join(err, err2)
			c.bodies[i] = sh.source(i, n, batch, outs)
		}
		if err != nil {
			return measure.Sample{}, errors.Join(err, f.stop())
		}
		c.start()
		began, _, err := c.wait()
		var ended time.Time
		for range sinks {
			select {
			case ended = <-f.done: // the last one that ends is the last to say so, but for some ns
			case <-time.After(tooLong):
				return measure.Sample{}, errors.Join(err, errors.New("data error: an event was lost, and was the last one"), f.stop())
			}
		}
		return measure.PerOp(ended.Sub(began), n), errors.Join(err, f.stop(), sh.err(sinks, n))
	}
}

// build makes the Execs, from the sinks to the first stages, and returns the inboxes that the sources send to.
func (f *fleet) build(sinks []sink) (heads []*exec.Inbox[event], err error) {
	var joint *exec.Exec
	for b, br := range f.shape.branches {
		first, at := f.shape.at(b)
		x := joint
		if x == nil {
			if x, err = f.exec(at); err != nil {
				return nil, err
			}
		}
		k := sinks[0]
		if f.shape.join {
			joint = x
		} else {
			k = sinks[b]
		}
		in, err := f.inbox(x, f.collect(k, b))
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

// exec makes the Exec that is a thread of the shape. One that shares its cpu parks at once when it has nothing to do: it
// would keep the cpu from those that have.
func (f *fleet) exec(thread int) (*exec.Exec, error) {
	cfg := exec.Config{Name: fmt.Sprintf("stage %d", thread), Logger: slog.New(slog.DiscardHandler)}
	if f.spot.WorkerCPU() != nil {
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

// stage makes an Exec that works and passes on, and returns its inbox. It holds back what the next one has no room for.
func (f *fleet) stage(thread int, work step, next *exec.Inbox[event]) (*exec.Inbox[event], error) {
	x, err := f.exec(thread)
	if err != nil {
		return nil, err
	}
	out, err := next.Lane()
	if err != nil {
		return nil, err
	}
	buf := make([]event, exec.DefaultBurst)
	return f.inbox(x, func(_ *exec.Local, events []event) int {
		done := buf[:len(events)]
		work(done, events)
		return out.PushBatch(done)
	})
}

// collect feeds a sink from one of its branches.
func (f *fleet) collect(k sink, branch int) func(*exec.Local, []event) int {
	if !f.shape.join {
		branch = 0
	}
	over := false
	return func(_ *exec.Local, events []event) int {
		n := k.take(branch, events)
		if k.ended() && !over {
			over = true
			f.done <- time.Now()
		}
		return n
	}
}

func (f *fleet) start() error {
	for i, x := range f.execs {
		if err := x.Start(); err != nil {
			f.execs = f.execs[:i]
			return errors.Join(err, f.stop())
		}
	}
	return nil
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

// laneEdge is the end of a lane at which a thread outside sends.
type laneEdge struct{ *exec.Lane[event] }

func lanes(heads []*exec.Inbox[event]) (outs []outlet, err error) {
	for _, in := range heads {
		lane, err := in.Lane()
		if err != nil {
			return nil, err
		}
		outs = append(outs, laneEdge{lane})
	}
	return outs, nil
}

func (e laneEdge) put(w *waiter, vs []event) {
	if len(vs) == 1 {
		for !e.Push(vs[0]) {
			w.took(0, 1)
		}
	} else {
		for vs = vs[e.PushBatch(vs):]; len(vs) > 0; vs = vs[e.PushBatch(vs):] {
			w.took(0, 1)
		}
	}
	w.took(1, 1)
}
