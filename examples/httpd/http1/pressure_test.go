package http1_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/examples/httpd/http1"
	"github.com/pushcore/pushcore/exec"
)

// A slow reader slows the handler down, and a handler that does not read slows the writer
// down: no more is under way than the pipe and the kernel hold.
func TestBackPressure(t *testing.T) {
	const total, most = 64 << 20, 32 << 20
	var written, read atomic.Int64
	stop := make(chan struct{})
	s := begin(t, http1.Pool(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/up" {
			<-stop
			n, _ := io.Copy(io.Discard, r.Body)
			read.Store(n)
			return
		}
		b := make([]byte, 64<<10)
		for range total / len(b) {
			n, err := w.Write(b)
			if err != nil {
				return
			}
			written.Add(int64(n))
		}
	})), setup{http1: http1.Config{MaxBody: 1 << 40}})
	down := s.dial()
	down.send(lines("GET /down HTTP/1.1", "Host: h"))
	eventually(t, "the server waits for the client", func() bool { return s.r.Stats().Held > 0 })
	steady(t, &written)
	require.Less(t, written.Load(), int64(most))
	res, err := http.ReadResponse(down.br, nil)
	require.NoError(t, err)
	n, err := io.Copy(io.Discard, res.Body)
	require.NoError(t, err)
	require.EqualValues(t, total, n)

	up := s.dial()
	up.send(lines("POST /up HTTP/1.1", "Host: h", fmt.Sprintf("Content-Length: %d", total)))
	var sent atomic.Int64
	done := make(chan error, 1)
	go func() {
		b := make([]byte, 64<<10)
		for range total / len(b) {
			n, err := up.Write(b)
			if err != nil {
				done <- err
				return
			}
			sent.Add(int64(n))
		}
		done <- nil
	}()
	steady(t, &sent)
	require.Less(t, sent.Load(), int64(most))
	close(stop)
	require.NoError(t, <-done)
	up.answer("POST")
	require.EqualValues(t, total, read.Load())
}

// steady waits until a number does not grow any more.
func steady(t *testing.T, n *atomic.Int64) {
	t.Helper()
	last, since := int64(-1), time.Now()
	eventually(t, "it stands still", func() bool {
		if now := n.Load(); now != last || now == 0 {
			last, since = now, time.Now()
		}
		return time.Since(since) > 200*time.Millisecond
	})
}

// A large answer is the same for a client that reads it slowly, and costs no memory.
func TestLargeAnswer(t *testing.T) { eachWay(t, testLargeAnswer) }

func testLargeAnswer(t *testing.T, secure bool) {
	want := bytes.Repeat([]byte("0123456789abcdef"), 1<<22) // more than the kernel holds
	s := begin(t, func(_ *exec.Co, w *http1.Response, _ *http1.Request) error {
		return w.Send(200, "", want)
	}, setup{tls: secure})
	c := s.dial()
	c.send(lines("GET / HTTP/1.1", "Host: h"))
	eventually(t, "the server waits for the client", func() bool { return s.r.Stats().Held > 0 })
	_, body := c.answer("GET")
	require.Equal(t, string(want), body)
	eventually(t, "the connection waits", func() bool { return s.r.Stats().Waiting == 1 })
}
