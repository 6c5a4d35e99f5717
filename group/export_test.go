package group

import "testing"

// CreditsLeft returns how many forwarded items may still be sent.
func CreditsLeft[T any](g *Group[T]) int { return int(g.credits.left.Load()) }

// States returns the shards of a group that has ended.
func States[S any](s *Sharded[S]) []*S { return s.states }

// Refreshing makes views grow old after so many ticks, until the test ends.
func Refreshing(t testing.TB, ticks int64) {
	old := refreshTicks
	refreshTicks = func() int64 { return ticks }
	t.Cleanup(func() { refreshTicks = old })
}

// RefreshEvery is how many sends a view serves.
const RefreshEvery = refreshEvery

// Changing reports whether a change of the workers is being made.
func (g *Group[T]) Changing() bool { return len(g.changing) > 0 }
