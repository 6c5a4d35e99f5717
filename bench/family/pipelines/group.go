package pipelines

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/place"
	"github.com/pushcore/pushcore/group"
)

// onGroup measures a shape of one branch without steps, several sources and a sink, as a group of one worker, to which
// each source is a producer.
func (sh shape) onGroup(batch int) func(measure.Spot, int) (measure.Sample, error) {
	return func(s measure.Spot, n int) (measure.Sample, error) {
		defer s.Room(sh.threads())()
		sinks := sh.newSinks()
		f := newFleet(sh, s, len(sinks))
		g, err := f.group(sinks[0])
		if err != nil {
			return measure.Sample{}, err
		}
		c := newCrew(sh, s)
		var outs []*producerOutlet
		for i := range sh.sources {
			p, err := g.Producer()
			if err != nil {
				g.Stop()
				return measure.Sample{}, errors.Join(err, g.Wait())
			}
			outs = append(outs, &producerOutlet{Producer: p})
			c.bodies[i] = sh.source(i, n, batch, []outlet{outs[i]})
		}
		began, _, err := c.run()
		for _, o := range outs {
			rest, err2 := o.Close()
			if len(rest) > 0 {
				err2 = fmt.Errorf("data error: a producer had %d events left over", len(rest))
			}
			err = errors.Join(err, o.err, err2)
		}
		var ended time.Time
		if err == nil {
			ended, err = f.await()
		}
		undone, err2 := g.Drain(context.Background())
		if len(undone) > 0 {
			err2 = fmt.Errorf("data error: %d events were left over", len(undone))
		}
		return measure.PerOp(ended.Sub(began), n), errors.Join(err, err2, g.Wait(), sh.err(sinks, n))
	}
}

// group starts a group whose worker is the shape's last thread.
func (f *fleet) group(k sink) (*group.Group[event], error) {
	_, at := f.shape.at(0)
	cfg := group.Config[event]{
		Workers: 1,
		Depth:   measure.Capacity,
		Exec:    exec.Config{Logger: slog.New(slog.DiscardHandler)},
		Worker: func(*exec.Local, int) (group.Handler[event], error) {
			return group.HandlerFunc[event](f.collect(k, 0)), nil
		},
	}
	if f.spot.Pinned && f.spot.WorkerCPU() != nil {
		cfg.CPUs = place.Of(f.spot.CPUs[f.shape.cpu(at)])
	}
	if f.shape.shares(at) {
		cfg.Exec.Spin = -1
	}
	g, err := group.New(cfg)
	if err != nil {
		return nil, err
	}
	return g, g.Start()
}

// producerOutlet is a producer of a group.
type producerOutlet struct {
	*group.Producer[event]
	err error // why something was not accepted, but for want of room
}

func (o *producerOutlet) put(w *measure.Poll, vs []event) {
	if len(vs) == 1 {
		for err := o.Send(vs[0]); o.again(err); err = o.Send(vs[0]) {
			w.Took(0, 1)
		}
	} else {
		for rest, err := o.SendBatch(vs); o.again(err); rest, err = o.SendBatch(rest) {
			w.Took(0, 1)
		}
	}
	w.Took(1, 1)
}

// again reports whether the group was full.
func (o *producerOutlet) again(err error) bool {
	if err == nil || errors.Is(err, group.ErrFull) {
		return err != nil
	}
	o.err = errors.Join(o.err, err)
	return false
}
