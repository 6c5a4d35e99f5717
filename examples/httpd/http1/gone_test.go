package http1_test

import (
	"context"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/examples/httpd/http1"
)

// The context of a request ends when its client goes away, and writes fail.
func TestClientGone(t *testing.T) { eachWay(t, testClientGone) }

func testClientGone(t *testing.T, secure bool) {
	over, begun := make(chan error, 2), make(chan struct{}, 2)
	s := begin(t, http1.Pool(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun <- struct{}{}
		if r.URL.Path == "/write" {
			b := make([]byte, 4<<10)
			for {
				if _, err := w.Write(b); err != nil {
					break
				}
			}
		}
		<-r.Context().Done()
		over <- r.Context().Err()
	})), setup{tls: secure})
	client := s.client()
	ctx, cancel := context.WithCancel(context.Background())
	req, err := http.NewRequestWithContext(ctx, "GET", s.url("/"), nil)
	require.NoError(t, err)
	go func() {
		<-begun // bytes that have come may be those of a handshake
		cancel()
	}()
	_, err = client.Do(req)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, <-over, context.Canceled)

	c := s.dial()
	c.send(lines("GET /write HTTP/1.1", "Host: h"))
	_, err = io.CopyN(io.Discard, c, 100_000)
	require.NoError(t, err)
	_ = c.Close()
	require.ErrorIs(t, <-over, context.Canceled)
	eventually(t, "both are over", func() bool { return s.r.Stats().Conns == 0 })
	eventually(t, "both are counted", func() bool { n := s.stats(); return n.Gone >= 1 && n.Failed == 0 })
}

// A client that goes away in the middle of its body is noticed by who reads it.
func TestBodyCutShort(t *testing.T) {
	for name, adapt := range adapters {
		t.Run(name, func(t *testing.T) {
			errs := make(chan error, 1)
			s := begin(t, adapt(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				_, err := io.ReadAll(r.Body)
				errs <- err
			})), setup{http1: http1.Config{MaxBody: 1000}})
			c := s.dial()
			c.send(lines("POST / HTTP/1.1", "Host: h", "Content-Length: 10") + "abc")
			_ = c.Close()
			require.ErrorIs(t, <-errs, io.ErrUnexpectedEOF)
			c = s.dial()
			c.send(lines("POST / HTTP/1.1", "Host: h", "Transfer-Encoding: chunked") + "1000\r\n")
			var tooLong *http.MaxBytesError
			require.ErrorAs(t, <-errs, &tooLong)
			require.EqualValues(t, 1000, tooLong.Limit)
			res, _ := c.answer("POST")
			require.True(t, res.Close)
		})
	}
}

// A client that gives up in the middle of a body does not disturb the others.
func TestCancelledUpload(t *testing.T) {
	s := begin(t, tell, setup{http1: http1.Config{MaxBody: 1 << 30}})
	client := s.client()
	ctx, cancel := context.WithCancel(context.Background())
	pr, pw := io.Pipe()
	req, err := http.NewRequestWithContext(ctx, "POST", s.url("/"), pr)
	require.NoError(t, err)
	go func() {
		_, _ = pw.Write(make([]byte, 1000))
		eventually(t, "it has begun", func() bool { return s.r.Stats().BytesIn > 1000 })
		cancel()
		_ = pw.CloseWithError(context.Canceled) // the client waits for its reader
	}()
	_, err = client.Do(req)
	require.ErrorIs(t, err, context.Canceled)
	res, err := client.Get(s.url("/next"))
	require.NoError(t, err)
	_, _ = io.Copy(io.Discard, res.Body)
	eventually(t, "one is closed", func() bool { return s.r.Stats().Conns == 1 })
}
