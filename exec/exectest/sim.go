package exectest

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/pushcore/pushcore/exec"
)

// DefaultMaxSteps is the default of Config.MaxSteps.
const DefaultMaxSteps = 1 << 20

// Config says what a simulation is like. The zero value is a calm one with seed 0:
// Execs take turns at random, and nothing goes wrong.
type Config struct {
	// Seed decides everything else that happens.
	Seed uint64

	// Shuffle runs local tasks in any order, and not in that of Spawn, and coroutines
	// that are ready in any order, and not in that in which they became so: what is
	// correct only in order is then found out. Those who wait for the same thing are
	// served in order all the same, and may go on in another.
	Shuffle bool
	// FullRate is how often a send is refused as if the ring were full, from 0
	// (never, the default) up to, but not including, 1. Which sends can be refused
	// is said at exec.Simulator.
	FullRate float64
	// WakeDelay is the most steps for which an Exec is held back that was woken or
	// whose sleep has timed out. Default 0: it may go on at once.
	WakeDelay int
	// TurnTime is the most time that one turn takes on the clock. Default 0: time
	// passes only while all Execs sleep.
	TurnTime time.Duration

	// MaxSteps is how many steps one Run, Settle or Quiet may take before it gives
	// up. Default DefaultMaxSteps.
	MaxSteps int
}

func (c Config) withDefaults() (Config, error) {
	if c.MaxSteps == 0 {
		c.MaxSteps = DefaultMaxSteps
	}
	switch {
	case !(c.FullRate >= 0 && c.FullRate < 1): // also NaN
		return c, fmt.Errorf("exectest: Config.FullRate is %v: it must be at least 0 and less than 1", c.FullRate)
	case c.WakeDelay < 0:
		return c, fmt.Errorf("exectest: Config.WakeDelay is %d: it must not be negative", c.WakeDelay)
	case c.TurnTime < 0:
		return c, fmt.Errorf("exectest: Config.TurnTime is %v: it must not be negative", c.TurnTime)
	case c.MaxSteps < 0:
		return c, fmt.Errorf("exectest: Config.MaxSteps is %d: it must be positive, or 0 for the default of %d", c.MaxSteps, DefaultMaxSteps)
	}
	return c, nil
}

// Sim is a simulation. One goroutine makes it, makes the Execs, and calls all methods
// of both, but for those that run on the Execs it steps. It is to be drained or closed in
// the end.
type Sim struct {
	cfg     Config
	clock   Clock
	members []*member // as added, but for those that have ended
	index   map[*exec.Exec]*member
	awake   []*member // scratch of choose

	sched *rand.Rand // draws the schedule
	rand  *rand.Rand // is the program's

	steps uint64
	trace trace
	err   error
}

// New returns a simulation without Execs, for a caller who closes it. The error names the field of cfg that is
// out of range.
func New(cfg Config) (*Sim, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	return &Sim{
		cfg:   cfg,
		index: map[*exec.Exec]*member{},
		sched: rand.New(rand.NewPCG(cfg.Seed, 1)),
		rand:  rand.New(rand.NewPCG(cfg.Seed, 2)),
		trace: newTrace(),
	}, nil
}

// Config returns cfg with the clock and the decisions of this simulation. What is made
// from it has to be added: Exec does both, and a group's Execs go to Add.
func (s *Sim) Config(cfg exec.Config) exec.Config {
	cfg.Clock = s.clock.Now
	cfg.Sim = decisions{s}
	return cfg
}

// Exec makes an Exec and adds it. Without a name it is given a number.
func (s *Sim) Exec(cfg exec.Config) (*exec.Exec, error) {
	if cfg.Name == "" {
		cfg.Name = fmt.Sprintf("exec/%d", len(s.index))
	}
	x, err := exec.New(s.Config(cfg))
	if err != nil {
		return nil, err
	}
	s.Add(x)
	return x, nil
}

// Add makes Execs that were made with Config part of the simulation, for as long as
// they live. Adding one twice changes nothing.
func (s *Sim) Add(xs ...*exec.Exec) {
	for _, x := range xs {
		if s.index[x] != nil {
			continue
		}
		m := &member{x: x, id: len(s.index), weight: 1 << s.sched.IntN(maxSkew+1)}
		s.index[x] = m
		s.members = append(s.members, m)
	}
}

// Seed returns the seed.
func (s *Sim) Seed() uint64 { return s.cfg.Seed }

// Clock returns the clock that all Execs read.
func (s *Sim) Clock() *Clock { return &s.clock }

// Rand returns the program's own random numbers, drawn from the seed. They are no part
// of the schedule: to draw more of them does not change it.
func (s *Sim) Rand() *rand.Rand { return s.rand }

// Steps returns how many steps were taken.
func (s *Sim) Steps() uint64 { return s.steps }

// Trace returns a hash of all that happened so far: which Exec was stepped when, what
// it found, and what was decided. Two runs with the same seed have the same hash at
// every step, or something in the program is not the seed's: the time of day, the
// order of a map, another goroutine.
func (s *Sim) Trace() uint64 { return s.trace.hash }
