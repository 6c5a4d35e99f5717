package pipelines

import (
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/pushcore/pushcore/bench/internal/measure"
)

// This file runs shapes whose stages are loops on goroutines, with any queue between them.

// crew is threads of a shape that start together.
type crew struct {
	shape  shape
	spot   measure.Spot
	bodies map[int]func(idle measure.Poll) error // by the threads' numbers
}

func newCrew(sh shape, s measure.Spot) *crew {
	return &crew{shape: sh, spot: s, bodies: map[int]func(measure.Poll) error{}}
}

// run runs the bodies, each on its cpu, and returns when they began and when the last one ended.
func (c *crew) run() (began, ended time.Time, err error) {
	threads := slices.Collect(maps.Keys(c.bodies))
	ends := make([]time.Time, len(threads))
	cpu := func(i int) int { return c.shape.cpu(threads[i]) }
	began, err = c.spot.Team(len(threads), cpu, c.spot.Poll(c.shape.threads()), func(i int) error {
		err := c.bodies[threads[i]](c.shape.poll(c.spot, threads[i]))
		ends[i] = time.Now()
		return err
	})
	return began, slices.MaxFunc(ends, time.Time.Compare), err
}

// on measures a shape with a thread for each stage.
func (sh shape) on(open transport, batch int) func(measure.Spot, int) (measure.Sample, error) {
	return func(s measure.Spot, n int) (measure.Sample, error) {
		defer s.Room(sh.threads())()
		c, sinks := newCrew(sh, s), sh.newSinks()
		heads := c.stages(open, sinks, batch)
		for i := range sh.sources {
			c.bodies[i] = sh.source(i, n, batch, heads)
		}
		began, ended, err := c.run()
		return measure.PerOp(ended.Sub(began), n), errors.Join(err, sh.err(sinks, n))
	}
}

// stages adds all but the sources to the crew and returns where these send to.
func (c *crew) stages(open transport, sinks []sink, batch int) (heads []outlet) {
	var ends []edge
	for b, br := range c.shape.branches {
		first, _ := c.shape.at(b)
		in := open(c.shape.sources, batch)
		heads = append(heads, in)
		for i, work := range br.steps {
			out := open(1, drain)
			c.bodies[first+i] = stage(in, out, work)
			in = out
		}
		ends = append(ends, in)
	}
	if c.shape.join {
		_, at := c.shape.at(0)
		c.bodies[at] = collect(sinks[0], ends)
		return heads
	}
	for b, k := range sinks {
		_, at := c.shape.at(b)
		c.bodies[at] = collect(k, ends[b:b+1])
	}
	return heads
}

// source sends the events of source i, at most batch at once, to all branches.
func (sh shape) source(i, n, batch int, heads []outlet) func(idle measure.Poll) error {
	return func(idle measure.Poll) error {
		f, buf := sh.feed(i, n), make([]event, batch)
		put := func(vs []event) {
			for _, h := range heads {
				h.put(&idle, vs)
			}
		}
		if sh.due != nil {
			_ = sh.due.Send(i, batch, sh.idle(&idle), func(from, to int) error { // put's error, and it has none
				put(f.fill(buf[:to-from]))
				return nil
			})
		}
		for vs := f.fill(buf); len(vs) > 0; vs = f.fill(buf) {
			put(vs)
		}
		for _, h := range heads {
			h.put(&idle, []event{lastOf(i)})
		}
		return nil
	}
}

// idle is what a source does that shares its cpu, while nothing is due.
func (sh shape) idle(wait *measure.Poll) func() {
	if !wait.Yields() {
		return nil
	}
	return func() { wait.Took(0, 1) }
}

// stage takes what there is, works on it, and passes it on together.
func stage(in, out edge, work step) func(idle measure.Poll) error {
	return func(idle measure.Poll) error {
		full, buf := idle, make([]event, drain)
		for {
			vs := in.take(&idle, drain)
			done := buf[:len(vs)]
			work(done, vs)
			out.put(&full, done)
			if done[len(done)-1].last() {
				return nil
			}
		}
	}
}

// collect feeds a sink from the ends of its branches.
func collect(k sink, ends []edge) func(idle measure.Poll) error {
	return func(idle measure.Poll) error {
		for !k.ended() {
			b, most := k.wants()
			k.take(b, ends[b].take(&idle, most))
		}
		return nil
	}
}

// err says what is wrong with what the sinks have got.
func (sh shape) err(sinks []sink, n int) (err error) {
	for i, want := range sh.plain(n) {
		err = errors.Join(err, sinks[i].err(n, want))
	}
	return err
}
