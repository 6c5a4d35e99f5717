package machine

import "time"

// Load is what a machine did while something was measured: figures from one that others use are worth little.
type Load struct {
	Seconds       float64 `json:"seconds"`
	StealSeconds  float64 `json:"steal_seconds"`  // withheld by the hypervisor
	OthersSeconds float64 `json:"others_seconds"` // used by other programs
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

// Noisy says whether the others had a share that a reader should know of.
func (l Load) Noisy() bool { return l.StealSeconds+l.OthersSeconds > l.Seconds/20 }
