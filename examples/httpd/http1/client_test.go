package http1_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/examples/httpd/http1"
	"github.com/pushcore/pushcore/exec"
)

// The client of net/http keeps its connection through requests of every kind.
func TestKeepAlive(t *testing.T) { eachWay(t, testKeepAlive) }

func testKeepAlive(t *testing.T, secure bool) {
	s := begin(t, tell, setup{tls: secure})
	client := s.client()
	for i := range 100 {
		method := []string{"GET", "POST", "PUT", "DELETE", "PATCH"}[i%5]
		var body io.Reader
		if i%5 > 0 {
			body = strings.NewReader(fmt.Sprint("body", i))
			if i%2 == 0 {
				body = io.MultiReader(body) // of unknown length: in chunks
			}
		}
		req, err := http.NewRequest(method, s.url(fmt.Sprintf("/%d?q=%d", i, i)), body)
		require.NoError(t, err)
		res, err := client.Do(req)
		require.NoError(t, err)
		got, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		want := fmt.Sprintf("%s /%d?q=%d ", method, i, i)
		if i%5 > 0 {
			want += fmt.Sprint("body", i)
		}
		require.Equal(t, want, string(got))
	}
	require.EqualValues(t, 1, s.r.Stats().Accepted)
	eventually(t, "the connection waits, without a coroutine", func() bool { n := s.r.Stats(); return n.Conns == 1 && n.Waiting == 1 })
}

// Many clients at once, each with its own connection and every kind of handler.
func TestManyConnections(t *testing.T) { eachWay(t, testManyConnections) }

func testManyConnections(t *testing.T, secure bool) {
	const clients, rounds = 200, 20
	pooled := http1.Pool(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.URL.Path) }))
	s := begin(t, func(co *exec.Co, w *http1.Response, r *http1.Request) error {
		if strings.HasPrefix(r.Path(), "/pool") {
			return pooled(co, w, r)
		}
		if strings.HasPrefix(r.Path(), "/sleep") {
			if err := co.Sleep(time.Millisecond); err != nil {
				return err
			}
		}
		return w.Send(http.StatusOK, "", []byte(r.Path()))
	}, setup{tls: secure})
	var wg sync.WaitGroup
	var wrong atomic.Int64
	for i := range clients {
		c := s.dial()
		wg.Go(func() {
			for k := range rounds {
				path := fmt.Sprintf("%s/%d/%d", []string{"/direct", "/sleep", "/pool"}[(i+k)%3], i, k)
				_, _ = io.WriteString(c, lines("GET "+path+" HTTP/1.1", "Host: h"))
				res, err := http.ReadResponse(c.br, nil)
				if err != nil {
					wrong.Add(1)
					return
				}
				body, err := io.ReadAll(res.Body)
				if err != nil || string(body) != path {
					wrong.Add(1)
				}
			}
		})
	}
	wg.Wait()
	require.Zero(t, wrong.Load())
	require.EqualValues(t, clients*rounds, s.stats().Requests)
	eventually(t, "all wait, without coroutines", func() bool { n := s.r.Stats(); return n.Conns == clients && n.Waiting == clients })
	require.Zero(t, s.r.Stats().Failed)
}
