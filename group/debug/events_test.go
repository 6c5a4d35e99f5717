package debug_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/group/debug"
)

const within = 30 * time.Second // for what should happen soon

// stream asks for the events of a server.
func stream(t *testing.T, url string) (*http.Response, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(t.Context(), within)
	t.Cleanup(cancel)
	request, err := http.NewRequestWithContext(ctx, "GET", url+"/events", nil)
	require.NoError(t, err)
	r, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	t.Cleanup(func() { _ = r.Body.Close() })
	return r, cancel
}

// serve serves sources ten times faster than people would want.
func serve(t *testing.T, c debug.Config, sources ...debug.Source) *httptest.Server {
	c.Interval = 25 * time.Millisecond
	server := httptest.NewServer(c.Handler(sources...))
	t.Cleanup(server.Close)
	t.Cleanup(server.CloseClientConnections)
	return server
}

// Events are Reports, each a new one; how soon to come again is said once.
func TestEvents(t *testing.T) {
	r, _ := stream(t, serve(t, debug.Config{}, newFake()).URL)
	require.Equal(t, "text/event-stream", r.Header.Get("Content-Type"))
	events := listen(r)
	for n := uint64(1); n <= 4; n++ {
		require.Equal(t, n, events.next(t))
	}
	require.Equal(t, 1, events.retries)
}

// Those who look on share their Reports: none is taken for each of them.
func TestStreamsShareTheirEvents(t *testing.T) {
	server := serve(t, debug.Config{}, newFake())
	r, _ := stream(t, server.URL)
	one := listen(r)
	r, _ = stream(t, server.URL)
	other := listen(r)
	// Which of the two made an event, nobody knows; one may be late, and miss some.
	for a, b := one.next(t), other.next(t); a != b; {
		if a < b {
			a = one.next(t)
		} else {
			b = other.next(t)
		}
	}
}

// listener reads a stream.
type listener struct {
	lines   *bufio.Scanner
	retries int
}

func listen(r *http.Response) *listener {
	l := &listener{lines: bufio.NewScanner(r.Body)}
	l.lines.Buffer(nil, 1<<20)
	return l
}

// next returns which snapshot the next event has.
func (l *listener) next(t *testing.T) uint64 {
	for {
		require.True(t, l.lines.Scan(), l.lines.Err())
		data, ok := strings.CutPrefix(l.lines.Text(), "data: ")
		if strings.HasPrefix(l.lines.Text(), "retry: ") {
			l.retries++
		}
		if ok {
			var report debug.Report
			require.NoError(t, json.Unmarshal([]byte(data), &report))
			return report.Groups[0].Accepted
		}
	}
}

// There are as many streams as configured; when a client goes, its place is free.
func TestStreamsAreLimited(t *testing.T) {
	server := serve(t, debug.Config{Streams: 2}, newFake())
	_, leave := stream(t, server.URL)
	stream(t, server.URL)
	r, _ := stream(t, server.URL)
	require.Equal(t, http.StatusServiceUnavailable, r.StatusCode)
	text, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	require.Contains(t, string(text), "Too many streams are open")
	leave()
	require.Eventually(t, func() bool {
		r, leave := stream(t, server.URL)
		defer leave()
		return r.StatusCode == http.StatusOK
	}, within, 10*time.Millisecond)
}

// A client that does not read is given up, when the buffers between are full.
func TestClientThatDoesNotRead(t *testing.T) {
	t.Parallel() // it waits for a long time
	f := newFake()
	f.state.Balancer = strings.Repeat("wide ", 1<<20) // so that they are soon
	server := serve(t, debug.Config{Streams: 1}, f)
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
	require.NoError(t, err)
	code := func() int {
		r, leave := stream(t, server.URL)
		defer leave()
		return r.StatusCode
	}
	require.Eventually(t, func() bool { return f.taken.Load() > 0 }, within, time.Millisecond)
	require.Equal(t, http.StatusServiceUnavailable, code())
	require.Eventually(t, func() bool { return code() == http.StatusOK }, within, 100*time.Millisecond)
}

// Shutdown of the server does not wait for those who look on.
func TestShutdownEndsStreams(t *testing.T) {
	server := serve(t, debug.Config{}, newFake())
	r, _ := stream(t, server.URL)
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	require.NoError(t, server.Config.Shutdown(ctx))
	_, err := io.ReadAll(r.Body)
	require.NoError(t, err) // the answer is complete
}
