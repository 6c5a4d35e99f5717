package exec_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// What is handed over comes in order, whatever the capacities, takes no lane from those who send, and is counted until
// it is consumed.
func TestHand(t *testing.T) {
	x, err := exec.New(exec.Config{Burst: 3})
	require.NoError(t, err)
	var got []int
	in, err := exec.NewInbox(x, exec.InboxConfig[int]{Cap: 1, MaxLanes: 1, Handle: func(_ *exec.Local, batch []int) int {
		got = append(got, batch...)
		return len(batch)
	}})
	require.NoError(t, err)
	all := []int{1, 2, 3, 4, 5, 6, 7, 8}
	handed, err := in.Hand(all)
	require.NoError(t, err)
	require.True(t, handed.Closed())
	sender, err := in.Lane()
	require.NoError(t, err, "the one lane that there may be is free")
	_, err = in.Lane()
	require.ErrorIs(t, err, exec.ErrTooMany)
	_, err = in.Hand([]int{9})
	require.NoError(t, err, "whoever sends")
	require.Equal(t, 8, handed.Len())
	x.Step()
	require.Less(t, handed.Len(), 8)
	for worked := true; worked; {
		worked, _ = x.Step()
	}
	require.Zero(t, handed.Len())
	require.Subset(t, got, all)
	last := 0
	for _, v := range got {
		if v < 9 {
			require.Equal(t, last+1, v)
			last = v
		}
	}
	require.Len(t, got, 9)
	_, err = in.Hand(nil)
	require.ErrorContains(t, err, "nothing to hand over")

	_, err = in.Hand([]int{10})
	require.NoError(t, err)
	require.False(t, in.Closed())
	sender.Close()
	_, err = x.Drain(context.Background())
	require.NoError(t, err)
	require.True(t, in.Closed())
	undone, err := in.Undone()
	require.NoError(t, err)
	require.Equal(t, []int{10}, undone, "an Exec that nobody steps any more returns it")
	_, err = in.Hand([]int{11})
	require.ErrorIs(t, err, exec.ErrClosed)
}
