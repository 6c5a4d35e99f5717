package group_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/group"
)

func TestRunUntilSignalWithANegativeGrace(t *testing.T) {
	g := newGroup(t, group.Config[int]{Name: "it", Worker: ignore[int]})
	_, err := g.RunUntilSignal(-time.Second)
	require.EqualError(t, err, "group: it: RunUntilSignal with a grace of -1s: it must not be negative")
	require.NoError(t, g.Start(), "it was not started")
	drain(t, g)
}

func TestRunUntilSignalThatCannotStart(t *testing.T) {
	wrong := errors.New("wrong")
	g := newGroup(t, group.Config[int]{Worker: func(*exec.Local, int) (group.Handler[int], error) { return nil, wrong }})
	_, err := g.RunUntilSignal(time.Hour)
	require.ErrorIs(t, err, wrong)
}

// It returns when all workers have ended by themselves, with what ended them and what they
// have left.
func TestRunUntilSignalOfAGroupThatEnds(t *testing.T) {
	wrong := errors.New("wrong")
	g := newGroup(t, group.Config[int]{Exec: exec.Config{OnPanic: exec.Panic.Stop}, Worker: func(*exec.Local, int) (group.Handler[int], error) {
		return group.HandlerFunc[int](func(_ *exec.Local, batch []int) int {
			if batch[0] == 1 {
				return 1
			}
			panic(wrong)
		}), nil
	}})
	for i := range 5 {
		require.NoError(t, g.TrySend(i+1))
	}
	r, err := g.RunUntilSignal(time.Hour)
	require.ErrorIs(t, err, wrong)
	var p exec.Panic
	require.ErrorAs(t, err, &p)
	require.EqualValues(t, 5, 1+p.Items+len(r.Undone))
	require.Equal(t, 1, strings.Count(err.Error(), "wrong"), "it is said once")
	balanced(t, g)
}

// The end of ctx is like a signal: shutdown is called, once, within the grace.
func TestOnSignalWithoutASignal(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	calls := 0
	err := group.OnSignal(ctx, time.Hour, func(ctx context.Context) error {
		calls++
		require.NoError(t, ctx.Err(), "it has its own time")
		deadline, ok := ctx.Deadline()
		require.True(t, ok)
		require.Less(t, time.Until(deadline), time.Hour+time.Second)
		return errors.New("from shutdown")
	})
	require.EqualError(t, err, "from shutdown")
	require.Equal(t, 1, calls)
	err = group.OnSignal(ctx, 0, func(ctx context.Context) error { return ctx.Err() })
	require.Equal(t, context.DeadlineExceeded, err, "no grace, no time")
}

func TestOnSignalOfNothing(t *testing.T) {
	const want = "group: OnSignal with a nil shutdown: there would be nothing to do when a signal comes"
	require.PanicsWithValue(t, want, func() { _ = group.OnSignal(context.Background(), time.Hour, nil) })
}
