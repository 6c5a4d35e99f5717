package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/group/debug"
)

// text is an output that may be looked at while it is written.
type text struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (x *text) Write(b []byte) (int, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.b.Write(b)
}

func (x *text) String() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.b.String()
}

// The dashboard shows the group that is measured now.
func TestDebug(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var errs text
	done := make(chan error, 1)
	go func() {
		done <- run(ctx, []string{"-workers", "3", "-service", "1ms", "-window", "1h", "-debug", ":0"}, io.Discard, &errs)
	}()
	var url []string
	require.Eventually(t, func() bool {
		url = regexp.MustCompile(`debug: (http://\S+/) shows what the Execs do\n`).FindStringSubmatch(errs.String())
		return url != nil
	}, 20*time.Second, time.Millisecond)
	require.Eventually(t, func() bool {
		res, err := http.Get(url[1] + "stats.json")
		require.NoError(t, err)
		defer res.Body.Close()
		var r debug.Report
		require.NoError(t, json.NewDecoder(res.Body).Decode(&r))
		require.Len(t, r.Groups, 1)
		g := r.Groups[0]
		require.Equal(t, "balancer", g.Name)
		return len(g.Members) == 3 && g.Accepted > 0 && g.Executed > 0 && g.Members[2].Exec.Turns > 0
	}, 20*time.Second, time.Millisecond)
	cancel()
	require.ErrorIs(t, <-done, context.Canceled)
}
