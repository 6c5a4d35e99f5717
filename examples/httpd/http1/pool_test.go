package http1_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/examples/httpd/http1"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// When all goroutines are busy one request waits, and the next one is refused.
func TestPoolFull(t *testing.T) {
	stop := make(chan struct{})
	var begun atomic.Int64
	s := begin(t, http1.Pool(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		begun.Add(1)
		<-stop
	})), setup{exec: exec.Config{MaxBlocking: 1, BlockingCap: 1}})
	request := lines("GET / HTTP/1.1", "Host: h")
	runs := s.dial()
	runs.send(request)
	eventually(t, "one runs", func() bool { return begun.Load() == 1 })
	waits := s.dial()
	waits.send(request)
	eventually(t, "one waits", func() bool { return s.r.Stats().BytesIn == uint64(2*len(request)) })
	for range 3 {
		c := s.dial()
		c.send(request)
		res, _ := c.answer("GET")
		require.Equal(t, 503, res.StatusCode)
		c.closed()
	}
	close(stop)
	for _, c := range []*conn{runs, waits} {
		res, _ := c.answer("GET")
		require.Equal(t, 200, res.StatusCode)
	}
	require.EqualValues(t, 3, s.stats().Busy)
	require.EqualValues(t, 2, begun.Load())
}

// What was flushed is there before the handler goes on.
func TestFlusher(t *testing.T) { eachWay(t, testFlusher) }

func testFlusher(t *testing.T, secure bool) {
	next := make(chan struct{})
	s := begin(t, http1.Pool(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for i := range 5 {
			fmt.Fprintf(w, "event %d\n", i)
			if err := http.NewResponseController(w).Flush(); err != nil {
				t.Error(err)
			}
			<-next
		}
	})), setup{tls: secure})
	res, err := s.client().Get(s.url("/"))
	require.NoError(t, err)
	b := make([]byte, 8)
	for i := range 5 {
		_, err := io.ReadFull(res.Body, b)
		require.NoError(t, err)
		require.Equal(t, fmt.Sprintf("event %d\n", i), string(b))
		next <- struct{}{}
	}
	_, err = res.Body.Read(b)
	require.Equal(t, io.EOF, err)
}

// A handler that thinks for longer than a connection may be idle is not cut off, and the
// requests that come behind its own are answered after it.
func TestSlowHandler(t *testing.T) { eachWay(t, testSlowHandler) }

func testSlowHandler(t *testing.T, secure bool) {
	s := begin(t, http1.Pool(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			time.Sleep(1200 * time.Millisecond)
		}
		fmt.Fprint(w, r.URL.Path)
	})), setup{tls: secure, ln: netio.ListenConfig{IdleTimeout: 400 * time.Millisecond}})
	c := s.dial()
	c.send(lines("GET /fast HTTP/1.1", "Host: h") + lines("GET /slow HTTP/1.1", "Host: h") + lines("GET /next HTTP/1.1", "Host: h"))
	for _, want := range []string{"/fast", "/slow", "/next"} {
		_, body := c.answer("GET")
		require.Equal(t, want, body)
	}
	c.closed()
	eventually(t, "then it was idle", func() bool { return s.r.Stats().Idle == 1 })
}

// What goroutines do that a handler has left behind harms nobody.
func TestLeftBehind(t *testing.T) { eachWay(t, testLeftBehind) }

func testLeftBehind(t *testing.T, secure bool) {
	type left struct {
		w http.ResponseWriter
		r *http.Request
	}
	all := make(chan left, 100)
	s := begin(t, http1.Pool(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "ok")
		all <- left{w, r}
	})), setup{tls: secure})
	client := s.client()
	for range 50 {
		res, err := client.Post(s.url("/"), "", strings.NewReader("body"))
		require.NoError(t, err)
		body, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		require.Equal(t, "ok", string(body))
		l := <-all
		_, err = l.w.Write([]byte("too late"))
		require.Error(t, err)
		require.Error(t, http.NewResponseController(l.w).Flush())
		await(t, l.r.Context().Done())
	}
}
