package pipelines

import (
	"errors"

	"github.com/pushcore/pushcore/bench/internal/courier"
	"github.com/pushcore/pushcore/bench/internal/measure"
	"github.com/pushcore/pushcore/exec"
)

// This file has a courier bring messages into the first stage; their ages are taken in the last one. The courier's
// sender never gives its cpu away, so the stages share the other one.

var (
	unicastLatency = shape{sources: 1, branches: []branch{{}}, apart: true}
	inRowLatency   = shape{sources: 1, branches: []branch{{steps: []step{keep, keep}}}, apart: true}
)

// mail is the sink of such a shape: Value is the stamp.
type mail struct {
	check  measure.Check
	handle func(stamp int64)
	over   bool
}

func (m *mail) wants() (branch, most int) { return 0, drain }
func (m *mail) ended() bool               { return m.over }

func (m *mail) take(_ int, events []event) int {
	for _, e := range events {
		if e.last() {
			m.over = true
			continue
		}
		m.check.Add(e.Seq)
		m.handle(int64(e.Value))
	}
	return len(events)
}

func (m *mail) err(n int, _ uint64) error { return m.check.Err(n) }

// sender numbers what it sends.
type sender struct {
	to   outlet
	w    measure.Poll
	sent int
	one  [1]event
}

func (s *sender) send(stamp int64) {
	s.one[0] = event{uint64(s.sent), uint64(stamp)}
	s.sent++
	s.to.put(&s.w, s.one[:])
}

func (s *sender) end() { s.to.put(&s.w, []event{lastOf(0)}) }

// courier carries messages through the shape on threads.
func (sh shape) courier(open transport) courier.Opener {
	return func(s measure.Spot, handle func(int64)) (courier.Courier, error) {
		restore := s.Room(sh.threads())
		c, m := newCrew(sh, s), &mail{handle: handle}
		from := &sender{to: c.stages(open, []sink{m}, 1)[0], w: sh.poll(s, 0)}
		c.start()
		return courier.Courier{Send: from.send, Stop: func() error {
			defer restore()
			from.end()
			_, _, err := c.wait()
			return errors.Join(err, m.err(from.sent, 0))
		}}, nil
	}
}

// courierExecs carries messages through the shape on Execs.
func (sh shape) courierExecs(s measure.Spot, handle func(int64)) (courier.Courier, error) {
	restore := s.Room(sh.threads())
	m := &mail{handle: handle}
	f := newFleet(sh, s, 1)
	f.spin = exec.SpinForever
	outs, err := f.open([]sink{m})
	if err != nil {
		restore()
		return courier.Courier{}, err
	}
	from := &sender{to: outs[0][0], w: sh.poll(s, 0)}
	return courier.Courier{Send: from.send, Stop: func() error {
		defer restore()
		from.end()
		_, err := f.await()
		return errors.Join(err, f.stop(), m.err(from.sent, 0))
	}}, nil
}
