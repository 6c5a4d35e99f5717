package pipelines

import (
	"errors"
	"fmt"
	"time"

	"github.com/pushcore/pushcore/bench/internal/ages"
	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/internal/mem"
)

// This file sends one event there and back again, and the next one when it is back. A shape of two threads, of which
// each has a cpu, is enough for that.

// answer is what comes back for e.
func answer(e event) event { return event{e.Seq, ^e.Value} }

// trips are the round trips, as the thread sees them that begins them.
type trips struct {
	n, done uint64
	ages    []int64 // ticks
	sent    int64
	first   int64
	wrong   int
}

func newTrips(n int) *trips { return &trips{n: uint64(n), ages: make([]int64, 0, n)} }

func (t *trips) over() bool { return t.done == t.n }

// next returns the event to send now.
func (t *trips) next() event {
	t.sent = mem.Ticks()
	if t.done == 0 {
		t.first = t.sent
	}
	return event{t.done, t.done}
}

// back notes what has come back.
func (t *trips) back(e event) {
	t.ages = append(t.ages, mem.Ticks()-t.sent)
	if e != answer(event{t.done, t.done}) {
		t.wrong++
	}
	t.done++
}

func (t *trips) sample() (measure.Sample, error) {
	if t.wrong > 0 || t.done != t.n {
		err := fmt.Errorf("data error: %d trips of %d, of which %d brought back something else", t.done, t.n, t.wrong)
		return measure.Sample{}, err
	}
	total := t.sent + t.ages[len(t.ages)-1] - t.first
	times := ages.NewTimes()
	for _, age := range t.ages {
		times.Ticks(age)
	}
	perTrip := measure.Metric{Value: float64(mem.TicksDuration(total)) / float64(t.n), Unit: measure.NsPerOp}
	return measure.Sample{Metrics: append([]measure.Metric{perTrip}, times.Metrics()...)}, nil
}

// pingPong measures round trips between two threads.
func pingPong(open transport) func(measure.Spot, int) (measure.Sample, error) {
	return func(s measure.Spot, n int) (measure.Sample, error) {
		c, t := newCrew(unicast, s), newTrips(n)
		there, back := open(1, 1), open(1, 1)
		c.bodies[0] = func(idle measure.Poll) error {
			full := idle
			for one := make([]event, 1); !t.over(); {
				one[0] = t.next()
				there.put(&full, one)
				t.back(back.take(&idle, 1)[0])
			}
			there.put(&full, []event{lastOf(0)})
			return nil
		}
		c.bodies[1] = func(idle measure.Poll) error {
			full := idle
			for one := make([]event, 1); ; {
				if one[0] = there.take(&idle, 1)[0]; one[0].last() {
					return nil
				}
				one[0] = answer(one[0])
				back.put(&full, one)
			}
		}
		if _, _, err := c.run(); err != nil {
			return measure.Sample{}, err
		}
		return t.sample()
	}
}

// pingPongExecs measures round trips between two Execs, both of which poll for ever.
func pingPongExecs(s measure.Spot, n int) (sm measure.Sample, err error) {
	f, t := &fleet{shape: unicast, spot: s, spin: exec.SpinForever}, newTrips(n)
	var there, back *exec.Lane[event]
	over := make(chan error, 1)
	send := func() {
		if !there.Push(t.next()) {
			over <- errors.New("data error: an empty lane refused an event")
		}
	}
	asks, err := f.end(0, func(_ *exec.Local, events []event) int {
		for _, e := range events {
			if t.back(e); t.over() {
				over <- nil
			} else {
				send()
			}
		}
		return len(events)
	})
	if err != nil {
		return sm, err
	}
	answers, err := f.end(1, func(_ *exec.Local, events []event) int {
		for i, e := range events {
			if !back.Push(answer(e)) {
				return i
			}
		}
		return len(events)
	})
	if err != nil {
		return sm, err
	}
	if there, err = answers.Lane(); err != nil {
		return sm, err
	}
	if back, err = asks.Lane(); err != nil {
		return sm, err
	}
	if err := f.start(); err != nil {
		return sm, err
	}
	if !f.execs[0].TrySend(exec.Func(func(*exec.Local) { send() })) {
		over <- errors.New("the Exec refused its first task")
	}
	select {
	case err = <-over:
	case <-time.After(tooLong):
		err = errors.New("data error: an event was lost on its way there or back")
	}
	if err = errors.Join(err, f.stop()); err != nil {
		return sm, err
	}
	return t.sample()
}
