package exectest

import (
	"time"

	"github.com/pushcore/pushcore/exec"
)

// member is an Exec as part of a simulation.
type member struct {
	x  *exec.Exec
	id int

	weight int // how often it is stepped, compared with the others
	state  sleep

	held     bool          // asleep: items wait all the same
	deadline time.Duration // asleep: when the sleep times out; exec.Never: not at all
	due      uint64        // waking: the step from which on it may go on
}

// sleep is how far a member is in its sleep.
type sleep int

const (
	up     sleep = iota // can be stepped
	asleep              // waits for a wake or its deadline
	waking              // was woken, and the wake is on its way
)

// maxSkew bounds how much faster one Exec is than another: 2^maxSkew times.
const maxSkew = 3

// decisions is the Simulator that is installed in Execs. It is a type of its own so
// that these methods are not those of Sim.
type decisions struct{ s *Sim }

func (d decisions) Pick(n int) int {
	s := d.s
	if !s.cfg.Shuffle || n == 1 {
		return 0
	}
	i := s.sched.IntN(n)
	s.trace.note(evPick, uint64(n), uint64(i))
	return i
}

func (d decisions) Full(x *exec.Exec) bool {
	s := d.s
	if s.cfg.FullRate == 0 {
		return false
	}
	refuse := s.sched.Float64() < s.cfg.FullRate
	s.trace.note(evFull, s.id(x), bit(refuse))
	return refuse
}

func (d decisions) Parked(x *exec.Exec, limit time.Duration, held bool) {
	s := d.s
	m := s.index[x]
	if m == nil {
		return // stepped by somebody else
	}
	m.state, m.held, m.deadline = asleep, held, exec.Never
	if limit < exec.Never-s.clock.now {
		m.deadline = s.clock.now + limit
	}
	s.trace.note(evParked, uint64(m.id), uint64(m.deadline))
}

func (d decisions) Woken(x *exec.Exec) {
	if m := d.s.index[x]; m != nil && m.state == asleep { // or it has timed out already
		d.s.rouse(m)
	}
}

// id is the number of x in the trace.
func (s *Sim) id(x *exec.Exec) uint64 {
	if m := s.index[x]; m != nil {
		return uint64(m.id)
	}
	return ^uint64(0)
}

// rouse ends the sleep of m, some steps from now.
func (s *Sim) rouse(m *member) {
	late := 0
	if s.cfg.WakeDelay > 0 {
		late = s.sched.IntN(s.cfg.WakeDelay + 1)
	}
	m.state, m.held, m.due = waking, false, s.steps+uint64(late)
	s.trace.note(evWoken, uint64(m.id), uint64(late))
}
