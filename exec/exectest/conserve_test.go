package exectest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec/exectest"
)

// run sends tasks from outside, and brings the world to one of three ends: all is
// done, all are stopped in the middle of it, or one is and the others go on.
func (w *world) run() {
	end, last := w.rng.IntN(3), 0
	if end > 0 {
		last = w.rng.IntN(w.left)
	}
	for w.left > last {
		w.left--
		if n := w.nodes[w.rng.IntN(len(w.nodes))]; w.rng.IntN(2) == 0 {
			w.count(n.x.TrySend(n.owner()))
		} else {
			w.count(n.x.TryControl(n.task()))
		}
		for range w.rng.IntN(8) {
			w.sim.Step()
		}
	}
	if end > 0 {
		w.nodes[0].x.Stop()
	}
	if end < 2 {
		require.NoError(w.t, w.sim.Settle())
	}
	require.NoError(w.t, w.sim.Err())
	for _, n := range w.nodes {
		_, err := n.x.Drain(w.t.Context())
		require.NoError(w.t, err)
		ms, err := n.in.Undone()
		require.NoError(w.t, err)
		require.True(w.t, end > 0 || len(ms) == 0)
		n.note(ms)
	}
}

// conserved checks the account: nothing is lost, and nothing is done twice.
func (w *world) conserved() {
	var settled uint64
	for _, n := range w.nodes {
		s := n.x.Stats()
		settled += s.Executed() + s.Failed() + s.Expired + s.Returned
		require.Zero(w.t, s.Depth)
	}
	require.Equal(w.t, w.accepted, settled, "accepted = executed + failed + expired + returned")
	require.Equal(w.t, w.sent, w.seen)
}

// Accepted work is never lost, everything is bounded, and what one sender sends stays
// in order, whatever the workload and the schedule.
func TestConservation(t *testing.T) {
	exectest.Seeds(t, sized(600, 3000, 100_000), func(t *testing.T, seed uint64) {
		w := newWorld(t, rough(seed))
		w.run()
		w.conserved()
	})
}

// One seed is one schedule, to the last decision; another seed is another.
func TestSeedReplaysTheSchedule(t *testing.T) {
	others := map[uint64]uint64{}
	exectest.Seeds(t, sized(50, 200, 1000), func(t *testing.T, seed uint64) {
		var first *world
		for range 2 {
			w := newWorld(t, rough(seed))
			w.run()
			if first == nil {
				first = w
			}
			require.Equal(t, first.sim.Trace(), w.sim.Trace())
			require.Equal(t, first.sim.Steps(), w.sim.Steps())
			require.Equal(t, first.sim.Clock().Now(), w.sim.Clock().Now())
			require.Equal(t, first.accepted, w.accepted)
		}
		if first.sim.Steps() < 10 {
			return // of few steps there are not many schedules
		}
		require.Zero(t, others[first.sim.Trace()], "the schedule of another seed")
		others[first.sim.Trace()] = seed
	})
}
