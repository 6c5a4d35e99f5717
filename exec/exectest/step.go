package exectest

import (
	"slices"
	"time"

	"github.com/pushcore/pushcore/exec"
)

// Step runs one turn of one Exec: of those that are awake, the seed chooses. If all
// sleep, it first lets the time pass until one wakes. It reports false when nothing
// will ever happen again, and when the simulation has failed: see Err.
//
// Some Execs are chosen more often than others, up to eight times; which, the seed
// decides, too. Between steps the caller may send, advance the clock, stop Execs and
// add new ones.
func (s *Sim) Step() bool {
	if s.err != nil || !s.checkWakes() {
		return false
	}
	m := s.choose()
	if m == nil {
		return false
	}
	s.step(m)
	return true
}

// step runs one turn of m.
func (s *Sim) step(m *member) {
	s.steps++
	m.state, m.held = up, false
	worked, _ := m.x.Step() // Parked or Woken may be called in it
	s.trace.note(evStep, uint64(m.id), bit(worked), uint64(s.clock.now))
	if s.cfg.TurnTime > 0 {
		s.clock.Advance(time.Duration(s.sched.Int64N(int64(s.cfg.TurnTime) + 1)))
	}
}

// choose returns the Exec that goes on, or nil if all sleep for ever.
func (s *Sim) choose() *member {
	s.members = slices.DeleteFunc(s.members, func(m *member) bool { return m.x.Ended() })
	s.expire()
	if m := s.pick(); m != nil {
		return m
	}
	// All sleep. A wake that is on its way arrives now, the earliest first.
	if m := s.earliest(waking); m != nil {
		return m
	}
	m := s.earliest(asleep)
	if m == nil || m.deadline == exec.Never {
		return nil
	}
	s.clock.Advance(m.deadline - s.clock.now)
	s.expire() // others may be due at the same time, and any of them may be first
	if m := s.pick(); m != nil {
		return m
	}
	return s.earliest(waking)
}

// expire ends the sleeps whose time has passed.
func (s *Sim) expire() {
	for _, m := range s.members {
		if m.state == asleep && m.deadline <= s.clock.now && m.deadline != exec.Never {
			s.rouse(m)
		}
		if m.state == waking && m.due <= s.steps {
			m.state = up
		}
	}
}

// pick chooses among those that are awake, by weight.
func (s *Sim) pick() *member {
	total := 0
	s.awake = s.awake[:0]
	for _, m := range s.members {
		if m.state == up {
			s.awake = append(s.awake, m)
			total += m.weight
		}
	}
	if total == 0 {
		return nil
	}
	n := s.sched.IntN(total)
	for _, m := range s.awake {
		if n -= m.weight; n < 0 {
			return m
		}
	}
	panic("exectest: the weights do not add up")
}

// earliest returns the first of those in the given state to be due.
func (s *Sim) earliest(state sleep) (first *member) {
	for _, m := range s.members {
		switch {
		case m.state != state:
		case first == nil, state == asleep && m.deadline < first.deadline, state == waking && m.due < first.due:
			first = m
		}
	}
	return first
}

// checkWakes fails the simulation if somebody sleeps who should have been woken.
func (s *Sim) checkWakes() bool {
	for _, m := range s.members {
		if m.state == asleep && m.x.LostWake() {
			s.err = s.failure(ErrLostWake, "%s is asleep although something waits for it", m.x.Name())
			return false
		}
	}
	return true
}
