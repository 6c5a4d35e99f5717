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
