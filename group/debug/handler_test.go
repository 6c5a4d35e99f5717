package debug_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime/trace"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/group"
	"github.com/pushcore/pushcore/group/debug"
)

// ask sends h a request, for localhost unless header has a Host, and returns the answer and its text.
func ask(t *testing.T, h http.Handler, method, path string, header ...string) (*http.Response, string) {
	r := httptest.NewRequest(method, path, nil)
	r.Host = "localhost:6060"
	for i := 0; i < len(header); i += 2 {
		if r.Header.Set(header[i], header[i+1]); header[i] == "Host" {
			r.Host = header[i+1]
		}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	text, err := io.ReadAll(w.Result().Body)
	require.NoError(t, err)
	return w.Result(), string(text)
}

// paths are all that are served and end at once.
var paths = []string{"/", "/stats.json", "/dump", "/favicon.ico", "/debug/pprof/", "/debug/pprof/goroutine?debug=1",
	"/debug/pprof/heap", "/debug/pprof/allocs", "/debug/pprof/mutex", "/debug/pprof/block", "/debug/pprof/threadcreate"}

func TestOnlyGetAndHead(t *testing.T) {
	h := debug.Handler(newFake())
	for _, path := range append(paths, "/events", "/debug/pprof/profile", "/debug/pprof/trace", "/nothing") {
		for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"} {
			r, _ := ask(t, h, method, path)
			require.Equal(t, http.StatusMethodNotAllowed, r.StatusCode, "%s %s", method, path)
			require.Equal(t, "GET, HEAD", r.Header.Get("Allow"))
		}
	}
	require.NoError(t, trace.Start(io.Discard)) // so that another one would be refused: a HEAD begins none
	defer trace.Stop()
	for _, path := range append(paths, "/events", "/debug/pprof/trace") {
		r, _ := ask(t, h, "HEAD", path)
		require.Less(t, r.StatusCode, 300, path)
	}
}

func TestHeaders(t *testing.T) {
	h := debug.Handler(newFake())
	for _, path := range append(paths, "/nothing") {
		r, _ := ask(t, h, "GET", path)
		require.Equal(t, "no-store", r.Header.Get("Cache-Control"), path)
		require.Equal(t, "nosniff", r.Header.Get("X-Content-Type-Options"), path)
		require.Equal(t, "DENY", r.Header.Get("X-Frame-Options"), path)
		require.Equal(t, "no-referrer", r.Header.Get("Referrer-Policy"), path)
		require.Equal(t, "same-origin", r.Header.Get("Cross-Origin-Resource-Policy"), path)
		policy := r.Header.Get("Content-Security-Policy")
		require.Contains(t, policy, "default-src 'none'", path)
		require.Contains(t, policy, "frame-ancestors 'none'", path)
		require.NotContains(t, policy, "unsafe", path)
	}
}

// Nothing of the request is in an answer.
func TestNothingIsReflected(t *testing.T) {
	h := debug.Handler(newFake())
	for _, path := range []string{"/mark", "/debug/pprof/mark", "/debug/pprof/profile?seconds=mark",
		"/debug/pprof/heap?seconds=mark", "/debug/pprof/goroutine?debug=mark", "/?mark", "/dump?mark", "/stats.json?mark=mark"} {
		r, text := ask(t, h, "GET", path, "Referer", "http://mark/", "User-Agent", "mark", "Cookie", "mark=mark")
		require.NotContains(t, text, "mark\n", path)
		for name, values := range r.Header {
			require.NotContains(t, values, "mark", name)
		}
	}
	for _, path := range []string{"/nothing", "//", "/events/", "/stats.json/", "/debug/pprof",
		"/debug/pprof/cmdline", "/debug/pprof/../../dump"} {
		r, text := ask(t, h, "GET", path)
		require.Equal(t, http.StatusNotFound, r.StatusCode, path)
		require.Regexp(t, `^There is no such (page|profile)\.\n$`, text, path)
	}
}

func TestStatsAreTheReport(t *testing.T) {
	f := newFake()
	r, text := ask(t, debug.Handler(f), "GET", "/stats.json")
	require.Equal(t, "application/json", r.Header.Get("Content-Type"))
	var got debug.Report
	require.NoError(t, json.Unmarshal([]byte(text), &got))
	want := debug.NewReport()
	require.Equal(t, want.Program, got.Program)
	require.Equal(t, want.PID, got.PID)
	require.Equal(t, want.Go, got.Go)
	require.Equal(t, want.GOMAXPROCS, got.GOMAXPROCS)
	require.Positive(t, got.Uptime)
	state := f.state
	state.Accepted = 1 // the first snapshot
	require.Equal(t, []group.Snapshot{state}, got.Groups)
}

func TestDumpIsServed(t *testing.T) {
	r, text := ask(t, debug.Handler(newFake()), "GET", "/dump")
	require.Equal(t, "text/plain; charset=utf-8", r.Header.Get("Content-Type"))
	require.Contains(t, text, "\ngroup ingest, balancer PowerOfTwo, workers 3\n")
}

// The handler works wherever it is, and its pages have no links but relative ones.
func TestStripPrefix(t *testing.T) {
	h := debug.Handler(newFake())
	for _, prefix := range []string{"/debug/pushcore", "/debug/pushcore/"} {
		for _, path := range paths {
			_, there := ask(t, http.StripPrefix(prefix, h), "GET", "/debug/pushcore"+path)
			r, _ := ask(t, http.StripPrefix(prefix, h), "HEAD", "/debug/pushcore"+path)
			require.Less(t, r.StatusCode, 300, path)
			require.NotRegexp(t, `(href|src|action)="?/`, there, path)
		}
	}
	_, page := ask(t, h, "GET", "/")
	require.Contains(t, page, `href="debug/pprof/"`)
	require.NotContains(t, page, "/* style */")
	require.NotContains(t, page, "/* script */")
}

// A source that is nil is told of where it was given, and not when somebody looks.
func TestSourceThatIsNil(t *testing.T) {
	const text = "debug: source 1 of 2 is nil: it must be a group, a server, or debug.Execs"
	sources := []debug.Source{newFake(), nil}
	require.PanicsWithError(t, text, func() { debug.Handler(sources...) })
	require.PanicsWithError(t, text, func() { debug.NewReport(sources...) })
	require.PanicsWithError(t, text, func() { debug.DumpOnSignal(io.Discard, sources...) })
	_, err := debug.Serve(":0", sources...)
	require.EqualError(t, err, text)
	require.EqualError(t, debug.Dump(io.Discard, sources...), text)
	require.PanicsWithError(t, `debug: Exec 0 of 1 of "mine" is nil`, func() { debug.Execs("mine", nil) })
}
