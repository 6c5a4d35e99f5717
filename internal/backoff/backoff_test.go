package backoff

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestWaitEndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	var b Backoff
	var err error
	for start := time.Now(); err == nil; err = b.Wait(ctx) {
		require.Less(t, time.Since(start), 5*time.Second)
	}
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Positive(t, b.nap)
	b.Reset()
	require.NoError(t, b.Wait(context.Background()))
	require.Zero(t, b.nap)
}

// TestEase: who has got a part gives way at once, and does not sleep yet.
func TestEase(t *testing.T) {
	var b, fresh Backoff
	for b.nap == 0 {
		require.NoError(t, b.Wait(context.Background()))
	}
	b.Ease()
	fresh.Ease()
	fresh.robbed = b.robbed // as it may have been
	require.Equal(t, fresh, b, "what came before is forgotten, but for who has the processor")
	for range yields {
		require.NoError(t, b.Wait(context.Background()))
		require.Zero(t, b.nap)
		require.Greater(t, b.looks, pauses, "it gives way instead of polling")
	}
	require.NoError(t, b.Wait(context.Background()))
	require.Positive(t, b.nap)
}
