//go:build unix

package serve_test

import (
	"errors"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/group/serve"
)

// RunUntilSignal returns when a signal comes, with the report.
func TestRunUntilSignal(t *testing.T) {
	s := prepare(t, serve.Config{Workers: 2, Handle: twoRequests})
	type result struct {
		serve.Report
		err error
	}
	done := make(chan result, 1)
	go func() {
		r, err := s.RunUntilSignal(time.Minute, syscall.SIGUSR1)
		done <- result{r, err}
	}()
	eventually(t, "it listens, or cannot", func() bool { return s.Addr() != nil || len(done) > 0 })
	if len(done) > 0 {
		r := <-done
		require.ErrorIs(t, r.err, errors.ErrUnsupported)
		t.Skip(r.err)
	}
	exchange(t, dial(t, s), "ab")
	eventually(t, "one waits", func() bool { return s.Stats().Net.Waiting == 1 })
	require.NoError(t, syscall.Kill(os.Getpid(), syscall.SIGUSR1))
	r := <-done
	require.NoError(t, r.err)
	require.EqualValues(t, 1, r.Drained)
	_, err := s.RunUntilSignal(-1)
	require.ErrorContains(t, err, "negative")
}
