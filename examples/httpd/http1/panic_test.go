package http1_test

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/examples/httpd/http1"
)

func TestPanics(t *testing.T) {
	for name, adapt := range adapters {
		t.Run(name, func(t *testing.T) {
			var log syncBuffer
			s := begin(t, adapt(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				switch r.URL.Path {
				case "/late":
					fmt.Fprint(w, "begun")
					w.(http.Flusher).Flush()
				case "/abort":
					panic(http.ErrAbortHandler)
				}
				panic("something is wrong")
			})), setup{http1: http1.Config{Logger: slog.New(slog.NewTextHandler(&log, nil))}})
			c := s.dial()
			c.send(lines("GET / HTTP/1.1", "Host: h"))
			res, body := c.answer("GET")
			require.Equal(t, 500, res.StatusCode)
			require.NotContains(t, body, "something")
			c.closed()
			require.Contains(t, log.String(), "something is wrong")
			require.Contains(t, log.String(), "panic_test.go")

			c = s.dial()
			c.send(lines("GET /late HTTP/1.1", "Host: h"))
			res, err := http.ReadResponse(c.br, nil)
			require.NoError(t, err)
			got, err := io.ReadAll(res.Body)
			require.ErrorIs(t, err, io.ErrUnexpectedEOF)
			require.Equal(t, "begun", string(got))

			log.Reset()
			c = s.dial()
			c.send(lines("GET /abort HTTP/1.1", "Host: h"))
			_, _ = io.ReadAll(c.br)
			require.Empty(t, log.String())
			require.EqualValues(t, 3, s.stats().Failed)
			eventually(t, "all are closed", func() bool { return s.r.Stats().Conns == 0 })
		})
	}
}

// syncBuffer is a buffer for several goroutines.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func (b *syncBuffer) Reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.b.Reset()
}
