package main

import (
	"context"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/examples/internal/observe/observetest"
	"github.com/pushcore/pushcore/group/debug"
)

// The dashboard shows the workers while they count.
func TestDebug(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var errs observetest.Output
	done := make(chan int, 1)
	args := []string{"-r", "testdata/demo.pcap", "-repeat", "100000000", "-workers", "2", "-debug", ":0", "-flight", t.TempDir()}
	go func() { done <- run(ctx, args, io.Discard, &errs, false) }()
	r := errs.Report(t, func(r debug.Report) bool {
		for _, m := range r.Groups[0].Members {
			if m.Received == 0 || m.Exec.Items == 0 || m.Exec.Busy == 0 {
				return false
			}
		}
		return r.Groups[0].Accepted > 0
	})
	require.Len(t, r.Groups, 1)
	require.Equal(t, "flowmeter", r.Groups[0].Name)
	require.Len(t, r.Groups[0].Members, 2)
	cancel()
	require.Equal(t, exitOK, <-done, errs.String())
}
