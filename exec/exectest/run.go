package exectest

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/pushcore/pushcore/exec"
)

// Errors of a simulation, wrapped in one that names its seed.
var (
	// ErrLostWake: an Exec is parked although something visible waits for it, and
	// no wake is on its way. The sender has not woken it.
	ErrLostWake = errors.New("lost wake-up")
	// ErrNoProgress: MaxSteps were taken, and what was waited for has not come.
	ErrNoProgress = errors.New("no progress")
	// ErrAsleep: what was waited for can never come, because nothing will happen
	// any more.
	ErrAsleep = errors.New("all asleep for ever")
)

// Err returns why the simulation has failed, or nil.
func (s *Sim) Err() error { return s.err }

// Run steps until until returns true, which is asked before each step. The error wraps
// ErrNoProgress, ErrAsleep or ErrLostWake.
func (s *Sim) Run(until func() bool) error {
	for n := 0; !until(); n++ {
		if err := s.try(n); err != nil {
			return err
		}
		if !s.Step() {
			if s.err == nil {
				return s.failure(ErrAsleep, "what Run waits for has not come")
			}
			return s.err
		}
	}
	return s.err
}

// Settle steps until nothing will ever happen again: all Execs sleep, without a
// deadline. A timer that always arms another one keeps it from settling; see Quiet.
func (s *Sim) Settle() error {
	for n := 0; ; n++ {
		if err := s.try(n); err != nil {
			return err
		}
		if !s.Step() {
			return s.err
		}
	}
}

// Quiet steps until all that was sent and spawned is done: all Execs sleep, no wake is
// on its way, and no handler holds items back. It does not wait for timers and
// deadlines of sources, but time may pass while items are held back.
func (s *Sim) Quiet() error {
	for n := 0; !s.quiet(); n++ {
		if err := s.try(n); err != nil {
			return err
		}
		if !s.Step() {
			break
		}
	}
	if s.err == nil {
		s.checkWakes()
	}
	return s.err
}

func (s *Sim) quiet() bool {
	for _, m := range s.members {
		if !m.x.Ended() && (m.state != asleep || m.held) {
			return false
		}
	}
	return true
}

// Drain is Quiet, and then a Drain of every Exec, in the order in which they were
// added. It returns the tasks that were not run: those of timers, unless the
// simulation has failed. (Drain a group by Quiet and its own Drain, which knows of
// items, too.)
func (s *Sim) Drain() (undone []exec.Task, err error) {
	errs := []error{s.Quiet()}
	for _, m := range s.members {
		tasks, err := m.x.Drain(context.Background())
		undone = append(undone, tasks...)
		errs = append(errs, err)
	}
	return undone, errors.Join(errs...)
}

// try returns an error instead of the nth step if that is one too many.
func (s *Sim) try(n int) error {
	if n < s.cfg.MaxSteps {
		return nil
	}
	return s.failure(ErrNoProgress, "%d steps were taken, the limit of Config.MaxSteps", n)
}

// failure names the seed and says how the Execs are.
func (s *Sim) failure(err error, format string, args ...any) error {
	var b strings.Builder
	for _, m := range s.members {
		fmt.Fprintf(&b, "\n\t%s: %s, %d waiting", m.x.Name(), m.describe(), m.x.Stats().Depth)
	}
	return fmt.Errorf("exectest: seed %d: step %d, %v: %w: %s%s", s.cfg.Seed, s.steps, s.clock.now, err, fmt.Sprintf(format, args...), b.String())
}

func (m *member) describe() string {
	switch {
	case m.x.Ended():
		return "ended"
	case m.state == up:
		return "awake"
	case m.state == waking:
		return "woken, but not yet up"
	case m.held:
		return fmt.Sprintf("asleep until %v, holding items back", m.deadline)
	case m.deadline == exec.Never:
		return "asleep for ever"
	}
	return fmt.Sprintf("asleep until %v", m.deadline)
}
