package exec_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/exectest"
)

// A sender that forgets to wake: the simulation says so, and with which seed.
func TestSimulationFindsALostWake(t *testing.T) {
	for name, send := range map[string]func(in *exec.Inbox[int], lane *exec.Lane[int]) bool{
		"inbox": func(in *exec.Inbox[int], _ *exec.Lane[int]) bool { return exec.SendUnwoken(in, 1) },
		"lane":  func(_ *exec.Inbox[int], lane *exec.Lane[int]) bool { return exec.PushUnwoken(lane, 1) },
	} {
		t.Run(name, func(t *testing.T) {
			sim, err := exectest.New(exectest.Config{Seed: 4711})
			require.NoError(t, err)
			far, err := sim.Exec(exec.Config{Name: "far"})
			require.NoError(t, err)
			got := 0
			in, err := exec.NewInbox(far, exec.InboxConfig[int]{Handle: func(_ *exec.Local, batch []int) int { got += len(batch); return len(batch) }})
			require.NoError(t, err)
			lane, err := in.Lane()
			require.NoError(t, err)
			near, err := sim.Exec(exec.Config{Name: "near"})
			require.NoError(t, err)
			require.NoError(t, sim.Settle())

			near.TrySend(exec.Func(func(*exec.Local) { in.TrySend(1) }))
			require.NoError(t, sim.Settle())
			require.Equal(t, 1, got)

			near.TrySend(exec.Func(func(*exec.Local) { send(in, lane) }))
			err = sim.Run(func() bool { return got == 2 })
			require.ErrorIs(t, err, exectest.ErrLostWake)
			require.ErrorContains(t, err, "seed 4711")
			require.ErrorContains(t, err, "far is asleep although something waits for it")
			require.ErrorContains(t, err, "far: asleep for ever, 1 waiting")
			require.Equal(t, err, sim.Err())
			require.Equal(t, err, sim.Settle(), "and goes on saying so")
			require.Equal(t, err, sim.Quiet())
			require.False(t, sim.Step())
			undone, err := sim.Drain()
			require.ErrorIs(t, err, exectest.ErrLostWake)
			require.Empty(t, undone)
			vs, err := in.Undone()
			require.NoError(t, err)
			require.Equal(t, []int{1}, vs)
		})
	}
}
