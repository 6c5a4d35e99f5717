package machine

import (
	"fmt"
	"time"
)

// Load is what a machine did while something was measured: figures from one that others use are worth little.
type Load struct {
	Seconds       float64 `json:"seconds"`
	StealSeconds  float64 `json:"steal_seconds"`  // withheld by the hypervisor
	OthersSeconds float64 `json:"others_seconds"` // used by other programs; 0: none that can be told
}

// Meter measures the load from its start on.
type Meter struct {
	before Usage
	own    float64
	ownCPU func() (time.Duration, error)
}

// StartMeter begins. ownCPU returns what the program has used itself, with the children that it has waited for.
func StartMeter(ownCPU func() (time.Duration, error)) *Meter {
	m := &Meter{before: ReadUsage(), ownCPU: ownCPU}
	m.own = m.used()
	return m
}

func (m *Meter) used() float64 {
	d, err := m.ownCPU()
	if err != nil {
		return 0
	}
	return d.Seconds()
}

// Read returns the load until now.
func (m *Meter) Read() Load {
	after := ReadUsage()
	l := Load{Seconds: after.At.Sub(m.before.At).Seconds()}
	if m.before.Busy > 0 && after.Busy > 0 {
		l.StealSeconds = after.Steal - m.before.Steal
		l.OthersSeconds = max(0, after.Busy-m.before.Busy-(m.used()-m.own))
	}
	return l
}

// Noisy says whether the others had a share that a reader should know of: more than 2 %, and more than the clocks that
// tell it, which count hundredths of a second, might be wrong by.
func (l Load) Noisy() bool {
	had := l.StealSeconds + l.OthersSeconds
	return had > 0.1 && had > l.Seconds/50
}

// Others says what other programs used. It is a difference of two counts, and may be less than they are wrong by.
func (l Load) Others() string {
	if l.OthersSeconds <= 0 {
		return "none that can be told"
	}
	return fmt.Sprintf("%.1f s", l.OthersSeconds)
}

// String says in a sentence what others had of the machine.
func (l Load) String() string {
	text := fmt.Sprintf("In these %.1f s the hypervisor withheld %.1f s of processor time; used by other programs: %s.",
		l.Seconds, l.StealSeconds, l.Others())
	if l.Noisy() {
		text += " Expect noise."
	}
	return text
}
