package exectest

import "testing"

// NewFor is New for a test: what is out of range in cfg fails it, and when it ends, however
// it does, the simulation is closed.
func NewFor(t testing.TB, cfg Config) *Sim {
	t.Helper()
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// Close stops all Execs, in the order in which they were added. A coroutine that has not
// ended keeps a goroutine, and so do some that have; Close cancels them and ends these. What
// was not done stays with the Execs and inboxes, as after Stop. A job of exec.Blocking that
// still runs is not waited for.
//
// The panic of a coroutine that is ended, on an Exec without OnPanic, goes on to the caller
// once all Execs were stopped. Close may be called again, also after Drain.
func (s *Sim) Close() {
	for len(s.members) > 0 {
		m := s.members[0]
		s.members = s.members[1:]
		if !m.x.Ended() {
			defer s.Close() // also of those behind one that panics
			m.x.Stop()
			return
		}
	}
}
