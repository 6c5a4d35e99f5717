package main

import (
	"context"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/examples/internal/observe/observetest"
	"github.com/pushcore/pushcore/group/debug"
)

// The dashboard shows the group that is measured now.
func TestDebug(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var errs observetest.Output
	done := make(chan error, 1)
	go func() {
		done <- run(ctx, []string{"-workers", "3", "-service", "1ms", "-window", "1h", "-debug", ":0"}, io.Discard, &errs)
	}()
	r := errs.Report(t, func(r debug.Report) bool {
		g := r.Groups[0]
		return len(g.Members) == 3 && g.Accepted > 0 && g.Executed > 0 && g.Members[2].Exec.Turns > 0
	})
	require.Len(t, r.Groups, 1)
	require.Equal(t, "balancer", r.Groups[0].Name)
	cancel()
	require.ErrorIs(t, <-done, context.Canceled)
}
