package exectest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/exectest"
)

// run starts coroutines from outside, and brings the world to one of its ends.
func (w *coWorld) run() {
	end, last := w.rng.IntN(6), 0
	if end > 0 {
		last = w.rng.IntN(w.left)
	}
	for w.left > last {
		w.left--
		n := w.nodes[w.rng.IntN(len(w.nodes))]
		w.task(n.x.TrySend(exec.Func(n.one)))
		for range w.rng.IntN(8) {
			w.sim.Step()
		}
	}
	switch first := w.nodes[0]; end {
	case 0: // by itself
	case 1:
		first.x.Stop()
	case 2: // in the middle of a turn
		w.onLoop(first.x, func(l *exec.Local) {
			_, _, _ = w.begin(l, first, 0)
			first.x.Stop()
		})
	case 3:
		first.x.Quiesce()
		w.quiesced = first
	case 4:
		_, err := first.x.Drain(w.t.Context())
		require.NoError(w.t, err)
	case 5: // all at once
		w.drain()
	}
	require.NoError(w.t, w.sim.Settle())
	w.quiescent()
	w.closing = true
	for _, n := range w.nodes {
		n.mail.Close() // from outside
	}
	require.NoError(w.t, w.sim.Settle())
	w.quiescent()
	for _, n := range w.nodes {
		if !n.x.Ended() {
			w.onLoop(n.x, n.release)
		}
	}
	require.NoError(w.t, w.sim.Settle())
	w.settled()
	w.drain()
}

// onLoop sends f to an Exec, if need be once that has gone on.
func (w *coWorld) onLoop(x *exec.Exec, f func(l *exec.Local)) {
	for !x.TryControl(exec.Func(f)) {
		if !w.sim.Step() && w.sim.Err() != nil || x.Ended() {
			return
		}
	}
	w.task(true)
}

// drain ends all Execs, and takes what was not received.
func (w *coWorld) drain() {
	for _, n := range w.nodes {
		_, err := n.x.Drain(w.t.Context())
		require.NoError(w.t, err)
		left, err := n.mail.Undone()
		require.NoError(w.t, err)
		for _, m := range left {
			n.got(m)
		}
	}
}

// Whatever coroutines wait for, and whatever ends it: every one of them ends, every call is
// answered or fails, no value is lost or doubled, and the account of every Exec is right.
func TestCoroutinesConserve(t *testing.T) {
	var did [numActs]uint64
	exectest.Seeds(t, sized(600, 3000, 100_000), func(t *testing.T, seed uint64) {
		w := newCoWorld(t, rough(seed))
		w.run()
		w.conserved()
		for i, n := range w.did {
			did[i] += n
		}
	})
	if t.Failed() || testing.Verbose() {
		t.Log("acts by kind:", did)
	}
}

// One seed is one schedule, with coroutines, too.
func TestSeedReplaysCoroutines(t *testing.T) {
	others := map[uint64]uint64{}
	exectest.Seeds(t, sized(50, 200, 1000), func(t *testing.T, seed uint64) {
		type picture struct {
			trace, steps, asked, ran, accepted uint64
			now                                time.Duration
			did                                [numActs]uint64
		}
		var first picture
		for i := range 2 {
			w := newCoWorld(t, rough(seed))
			w.run()
			p := picture{w.sim.Trace(), w.sim.Steps(), w.asked, w.ran, w.accepted, w.sim.Clock().Now(), w.did}
			if i == 0 {
				first = p
			}
			require.Equal(t, first, p)
		}
		if first.steps < 10 {
			return // stopped at once: that can be the schedule of others, too
		}
		require.Zero(t, others[first.trace], "the schedule of seed %d", others[first.trace])
		others[first.trace] = seed
	})
}
