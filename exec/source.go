package exec

import "time"

// A Source is anything that a turn polls besides inboxes and timers: a packet
// ring, a reactor, a device.
type Source interface {
	// Poll does up to about budget units of work and returns how many it did. It
	// is called once per turn and must not block.
	Poll(l *Local, budget int) (n int)
	// Next tells, before the Exec parks, when Poll is wanted again at the latest,
	// in the Exec's clock. ok is false if it need not be polled until somebody
	// calls Wake.
	Next() (deadline time.Duration, ok bool)
}

// AddSource adds s for as long as the Exec lives.
func (l *Local) AddSource(s Source) {
	l.check()
	if s == nil {
		panic("exec: AddSource of a nil Source")
	}
	l.sources = append(l.sources, s)
}
