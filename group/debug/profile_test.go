package debug_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime/trace"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/group/debug"
)

func TestProfilesThatShowAState(t *testing.T) {
	h := debug.Handler()
	for _, name := range []string{"allocs", "block", "goroutine", "heap", "mutex", "threadcreate"} {
		_, text := ask(t, h, "GET", "/debug/pprof/"+name)
		requireProfile(t, text)
	}
	r, text := ask(t, h, "GET", "/debug/pprof/goroutine?debug=2")
	require.Equal(t, "text/plain; charset=utf-8", r.Header.Get("Content-Type"))
	require.Contains(t, text, "TestProfilesThatShowAState")
}

// Profiles over time have a length, which is limited.
func TestProfilesOverTime(t *testing.T) {
	h := debug.Handler()
	_, text := ask(t, h, "GET", "/debug/pprof/profile?seconds=1")
	requireProfile(t, text)
	_, text = ask(t, h, "GET", "/debug/pprof/trace?seconds=1")
	require.True(t, strings.HasPrefix(text, "go 1."), "it is a trace")
	for _, seconds := range []string{"0", "-1", "61", "1.5", "99999999999999999999", "x"} {
		for _, name := range []string{"profile", "trace"} {
			r, text := ask(t, h, "GET", "/debug/pprof/"+name+"?seconds="+seconds)
			require.Equal(t, http.StatusBadRequest, r.StatusCode, seconds)
			require.Equal(t, "The seconds must be a whole number from 1 to 60.\n", text)
		}
	}
}

// When the client goes, the profile ends, and another one can be taken.
func TestProfileEndsWithItsClient(t *testing.T) {
	server := httptest.NewServer(debug.Handler())
	defer server.Close() // waits for the requests
	client := &http.Client{Transport: &http.Transport{}}
	answer := make(chan error, 1)
	go func() {
		r, err := client.Get(server.URL + "/debug/pprof/trace?seconds=60")
		if err == nil {
			_, err = io.Copy(io.Discard, r.Body)
		}
		answer <- err
	}()
	require.Eventually(t, trace.IsEnabled, within, time.Millisecond)
	r, _ := ask(t, debug.Handler(), "GET", "/debug/pprof/trace?seconds=1")
	require.Equal(t, http.StatusConflict, r.StatusCode)
	server.CloseClientConnections()
	require.Error(t, <-answer)
	require.Eventually(t, func() bool { return !trace.IsEnabled() }, within, time.Millisecond)
}

// A client that does not read what is recorded ends it, long before the time is over.
func TestTraceEndsWhenNobodyReads(t *testing.T) {
	t.Parallel() // it waits for a long time
	r := httptest.NewRequest("GET", "/debug/pprof/trace?seconds=60", nil)
	r.Host = "localhost"
	w := &deaf{header: http.Header{}}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		debug.Handler().ServeHTTP(w, r)
	}()
	select {
	case <-ended:
	case <-time.After(within):
		require.Fail(t, "the trace goes on")
	}
	require.False(t, trace.IsEnabled())
	require.Equal(t, 1, w.writes, "there is no second try")
	require.WithinRange(t, w.deadline, time.Time{}, time.Now().Add(10*time.Second))
}

// deaf is a connection on which writes wait until their deadline.
type deaf struct {
	header   http.Header
	deadline time.Time // of the next write
	writes   int
}

func (d *deaf) Header() http.Header { return d.header }
func (d *deaf) WriteHeader(int)     {}

func (d *deaf) SetWriteDeadline(at time.Time) error {
	d.deadline = at
	return nil
}

func (d *deaf) Write([]byte) (int, error) {
	d.writes++
	if d.deadline.IsZero() {
		select {} // for ever
	}
	time.Sleep(time.Until(d.deadline))
	return 0, os.ErrDeadlineExceeded
}

// requireProfile looks whether text is a profile: gzip, and something in it.
func requireProfile(t *testing.T, text string) {
	t.Helper()
	z, err := gzip.NewReader(strings.NewReader(text))
	require.NoError(t, err)
	all, err := io.ReadAll(z)
	require.NoError(t, err)
	require.NotEmpty(t, all)
}
