package group_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
)

// A Forwarder on a loop outside the group: what it was told was accepted is handled
// or returned, also what its outbox held when its loop ended.
func TestForwarderOutsideTheGroup(t *testing.T) {
	var c collector[int]
	g := newGroup(t, group.Config[int]{Worker: c.worker(1), Depth: 1, MaxForwards: 600, OnFull: group.Spill(400)})
	x, err := exec.New(exec.Config{})
	require.NoError(t, err)
	accepted := 0
	x.TrySend(exec.Func(func(l *exec.Local) {
		f, err := g.Forwarder(l)
		require.NoError(t, err)
		again, err := g.Forwarder(l)
		require.NoError(t, err)
		require.Same(t, f, again)
		for f.Send(accepted) == nil {
			accepted++
		}
	}))
	x.Step()
	require.Equal(t, 600, accepted, "one for each credit")
	require.Positive(t, g.Stats().Rejected)
	const spilled = 600 - (200 + exec.DefaultBurst) // the lane has room for the credits that the outbox has not, and a burst
	require.EqualValues(t, spilled, g.Stats().Spilled)
	x.Stop() // its outbox is not empty: the group has not started
	require.EqualValues(t, spilled, g.Stats().Spilled)
	undone := drain(t, g)
	require.Len(t, undone, 600)
	seen := map[int]bool{}
	for _, v := range undone {
		seen[v] = true
	}
	require.Len(t, seen, 600, "each once")
	balanced(t, g)
}

// Loops come and go: each gives its lanes back when it ends.
func TestForwardersOfEndedLoopsAreForgotten(t *testing.T) {
	var c collector[int]
	g := startGroup(t, group.Config[int]{Worker: c.worker(1)})
	const loops = 200
	for i := range loops {
		x, err := exec.New(exec.Config{})
		require.NoError(t, err)
		x.TrySend(exec.Func(func(l *exec.Local) {
			f, err := g.Forwarder(l)
			if err != nil {
				t.Errorf("loop %d: %v", i, err)
				return
			}
			if err := f.Send(i); err != nil {
				t.Errorf("loop %d: %v", i, err)
			}
		}))
		x.Step()
		x.Stop()
		eventually(t, func() bool { return g.Stats().Executed == uint64(i+1) })
	}
	require.Empty(t, drain(t, g))
	require.EqualValues(t, loops, balanced(t, g).Forwarded)
}

// A panic in a handler that forwards gives back the credits of its batch, and a
// Forwarder that is made in the middle of a batch does not upset the account: with
// one credit, any that was lost would stop the group.
func TestCreditsSurvivePanicsAndLateForwarders(t *testing.T) {
	for name, late := range map[string]bool{"made at the start": false, "made in a handler": true} {
		t.Run(name, func(t *testing.T) {
			const items = 60
			var g *group.Group[hop]
			g = newGroup(t, group.Config[hop]{Workers: 2, Depth: 4, MaxForwards: 1, Exec: exec.Config{OnPanic: func(exec.Panic) {}},
				Worker: func(l *exec.Local, id int) (group.Handler[hop], error) {
					if !late {
						if _, err := g.Forwarder(l); err != nil {
							return nil, err
						}
					}
					return group.HandlerFunc[hop](func(l *exec.Local, batch []hop) int {
						for _, h := range batch {
							if h.left == 0 {
								continue
							}
							f, err := g.Forwarder(l)
							if err == nil {
								h.left--
								err = f.SendTo(1-id, h)
							}
							if err != nil && !late {
								t.Errorf("forwarding: %v", err)
							}
							if h.left == 2 {
								panic("planted: after it has forwarded")
							}
						}
						return len(batch)
					}), nil
				}})
			require.NoError(t, g.Start())
			p := producer(t, g)
			for range items {
				for p.Send(hop{5}) != nil {
					yield()
				}
			}
			require.Empty(t, drain(t, g))
			s := balanced(t, g)
			require.EqualValues(t, items, s.Accepted)
			require.Positive(t, s.Failed)
		})
	}
}

func TestNoAllocationWhenForwarding(t *testing.T) {
	var c collector[int]
	g := newGroup(t, group.Config[int]{Worker: c.worker(1), MaxForwards: 1 << 14})
	x, err := exec.New(exec.Config{})
	require.NoError(t, err)
	ran := false
	x.TrySend(exec.Func(func(l *exec.Local) {
		f, err := g.Forwarder(l)
		require.NoError(t, err)
		require.Zero(t, testing.AllocsPerRun(200, func() {
			for i := range 40 {
				_ = f.Send(i)
			}
			f.Flush(l)
		}))
		ran = true
	}))
	x.Step()
	require.True(t, ran)
}
