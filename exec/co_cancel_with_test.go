package exec_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/exec"
)

// The end of a context is the end of a coroutine that was told to care.
func TestCancelWith(t *testing.T) {
	onEveryWait(t, exec.Config{}, func(t *testing.T, h *host, w wait) {
		why := errors.New("why")
		ctx, cancel := context.WithCancelCause(context.Background())
		defer cancel(nil)
		var inside error
		j := h.waiting(func(co *exec.Co) error {
			co.CancelWith(ctx)
			err := w.await(co)
			inside = co.Err()
			return err
		})
		kept := h.waiting(func(co *exec.Co) error {
			require.True(t, co.CancelWith(ctx)(), "stopped before the end of ctx")
			return w.await(co)
		})
		cancel(why)
		err := h.ended(j)
		require.ErrorIs(t, err, exec.ErrCancelled)
		require.ErrorIs(t, err, why)
		require.Equal(t, err, inside)
		h.rounds(3)
		h.do(func(*exec.Local) { require.False(t, kept.Finished()); w.wake() })
		require.NoError(t, h.ended(kept))
	})
}

// A context that has ended already, and one that ends when the coroutine is gone.
func TestCancelWithAtTheEdges(t *testing.T) {
	onBoth(t, exec.Config{}, func(t *testing.T, h *host) {
		ctx, cancel := context.WithCancel(context.Background())
		require.NoError(t, h.run(func(co *exec.Co) error { co.CancelWith(ctx); return nil }))
		cancel()
		h.rounds(2)
		j := h.waiting(func(co *exec.Co) error {
			co.CancelWith(ctx)
			return co.Park()
		})
		err := h.ended(j)
		require.ErrorIs(t, err, exec.ErrCancelled)
		require.ErrorIs(t, err, context.Canceled)
	})
}
