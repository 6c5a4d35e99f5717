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

// The dashboard shows the workers while they count.
func TestDebug(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var errs text
	done := make(chan int, 1)
	args := []string{"-r", "testdata/demo.pcap", "-repeat", "100000000", "-workers", "2", "-debug", ":0", "-flight", t.TempDir()}
	go func() { done <- run(ctx, args, io.Discard, &errs, false) }()
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
		require.Equal(t, "flowmeter", r.Groups[0].Name)
		require.Len(t, r.Groups[0].Members, 2)
		for _, m := range r.Groups[0].Members {
			if m.Received == 0 || m.Exec.Items == 0 || m.Exec.Busy == 0 {
				return false
			}
		}
		return r.Groups[0].Accepted > 0
	}, 20*time.Second, time.Millisecond)
	cancel()
	require.Equal(t, exitOK, <-done, errs.String())
}
