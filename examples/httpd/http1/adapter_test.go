package http1_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/examples/httpd/http1"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// Both ways to run an http.Handler.
var adapters = map[string]func(http.Handler) http1.Handler{"pool": http1.Pool, "loop": http1.OnLoop}

// sample is a handler that shows what it has got, and does what the path says.
func sample(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/echo": // net/http stops reading when the answer begins
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(err)
		}
		_, _ = w.Write(body)
	case "/nothing":
	case "/status":
		w.Header().Set("X-A", "1")
		w.WriteHeader(http.StatusTeapot)
		w.Header().Set("X-B", "too late")
		w.WriteHeader(http.StatusOK)
		fmt.Fprint(w, "<html>tea")
	case "/204":
		w.WriteHeader(http.StatusNoContent)
		if _, err := w.Write([]byte("x")); !errors.Is(err, http.ErrBodyNotAllowed) {
			panic(err)
		}
	case "/304":
		w.Header().Set("Content-Length", "1000")
		w.WriteHeader(http.StatusNotModified)
	case "/length":
		w.Header().Set("Content-Length", "3")
		fmt.Fprint(w, "abc")
		if _, err := w.Write([]byte("d")); !errors.Is(err, http.ErrContentLength) {
			panic(err)
		}
	case "/early":
		w.Header().Set("Link", "</x>")
		w.WriteHeader(http.StatusEarlyHints)
		fmt.Fprint(w, "then")
	case "/close":
		w.Header().Set("Connection", "close")
		fmt.Fprint(w, "bye")
	case "/inject":
		w.Header().Set("X-A", "a\r\nX-Evil: b")
		w.Header()["Bad Name"] = []string{"x"}
	case "/own":
		w.Header().Set("Server", "mine")
		w.Header()["Date"] = nil
		w.Header()["Content-Type"] = nil
		w.Header().Add("Set-Cookie", "a=1")
		w.Header().Add("Set-Cookie", "b=2")
		fmt.Fprint(w, "x")
	default:
		body, err := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s %s %s %q %d %v %v %q %v", r.Method, r.URL, r.RequestURI, r.Host, r.Header, r.ContentLength, r.TransferEncoding, r.Close, body, err)
	}
}

// The adapters answer as net/http does.
func TestAdaptersAgainstNetHTTP(t *testing.T) {
	theirs := httptest.NewServer(http.HandlerFunc(sample))
	defer theirs.Close()
	for name, adapt := range adapters {
		t.Run(name, func(t *testing.T) {
			ours := begin(t, adapt(http.HandlerFunc(sample)), setup{http1: http1.Config{MaxBody: 1 << 30}})
			for _, text := range []string{
				lines("GET /x?y=%20z HTTP/1.1", "Host: h:1", "A: 1", "a: 2", "Cookie: c"),
				lines("GET http://other/x HTTP/1.1", "Host: h"),
				lines("POST /x HTTP/1.1", "Host: h", "Content-Length: 5") + "hello",
				lines("POST /x HTTP/1.1", "Host: h", "Transfer-Encoding: chunked") + "5\r\nhello\r\n0\r\n\r\n",
				lines("POST /x HTTP/1.1", "Host: h", "Transfer-Encoding: chunked") + "5\r\nhello\r\n0\r\nT: x\r\n\r\n",
				lines("GET /x HTTP/1.1", "Host: h", "Connection: close"),
				lines("GET /x HTTP/1.0"),
				lines("GET /x HTTP/1.0", "Connection: keep-alive"),
				lines("GET /nothing HTTP/1.1", "Host: h"),
				lines("HEAD /nothing HTTP/1.1", "Host: h"),
				lines("HEAD /x HTTP/1.1", "Host: h"),
				lines("HEAD /length HTTP/1.1", "Host: h"),
				lines("GET /status HTTP/1.1", "Host: h"),
				lines("GET /204 HTTP/1.1", "Host: h"),
				lines("GET /304 HTTP/1.1", "Host: h"),
				lines("GET /length HTTP/1.1", "Host: h"),
				lines("GET /early HTTP/1.1", "Host: h"),
				lines("GET /close HTTP/1.1", "Host: h"),
				lines("GET /inject HTTP/1.1", "Host: h"),
				lines("GET /own HTTP/1.1", "Host: h"),
				lines("POST /echo HTTP/1.1", "Host: h", "Content-Length: 3") + "abc",
				lines("POST /echo HTTP/1.1", "Host: h", "Content-Length: 20000") + strings.Repeat("0123456789", 2000),
				lines("POST /echo HTTP/1.0", "Content-Length: 20000") + strings.Repeat("0123456789", 2000),
			} {
				want := ask(t, theirs.Listener.Addr().String(), text)
				got := ask(t, ours.addr, text)
				require.Equal(t, want, got, "%.100q", text)
			}
		})
	}
}

// ask sends a request and returns all there is about the answer, and whether the connection
// can be used once more, in a form that can be compared.
func ask(t *testing.T, addr, text string) string {
	t.Helper()
	c := (&host{t: t, addr: addr}).dial()
	c.send(text)
	method, _, _ := strings.Cut(text, " ")
	var b strings.Builder
	for {
		res, err := http.ReadResponse(c.br, &http.Request{Method: method})
		require.NoError(t, err, "%.100q", text)
		body, err := io.ReadAll(res.Body)
		require.NoError(t, err, "%.100q", text)
		if len(body) > 1000 {
			body = fmt.Appendf(nil, "%d bytes, %x", len(body), sha256.Sum256(body))
		}
		if res.Header.Get("Server") == "pushcore" {
			res.Header.Del("Server")
		}
		if res.Header.Get("Date") != "" {
			res.Header.Set("Date", "D")
		}
		fmt.Fprintf(&b, "%s %q %d %v %v\n%s\n", res.Status, res.Header, res.ContentLength, res.TransferEncoding, res.Close, body)
		if res.StatusCode >= 200 {
			switch {
			case strings.Contains(text, "/length"): // net/http closes it, because too much was written
			case !res.Close:
				c.send(lines("GET /nothing HTTP/1.1", "Host: h"))
				c.answer("GET")
			default:
				c.closed()
			}
			return b.String()
		}
	}
}

// Large bodies go both ways at once, with a client of net/http.
func TestBigBodies(t *testing.T) { eachWay(t, testBigBodies) }

func testBigBodies(t *testing.T, secure bool) {
	handlers := map[string]http1.Handler{"native": echo}
	for name, adapt := range adapters {
		handlers[name] = adapt(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) }))
	}
	body := make([]byte, 8<<20)
	for i := range body {
		body[i] = byte(i * i >> 8)
	}
	for name, h := range handlers {
		t.Run(name, func(t *testing.T) {
			s := begin(t, h, setup{tls: secure, http1: http1.Config{MaxBody: 1 << 30}})
			client := s.client()
			for _, c := range []struct {
				what   string
				body   func() io.Reader
				expect bool
			}{
				{"length", func() io.Reader { return bytes.NewReader(body) }, false},
				{"chunks", func() io.Reader { return io.MultiReader(bytes.NewReader(body)) }, false},
				{"100-continue", func() io.Reader { return bytes.NewReader(body) }, true},
				{"100-continue, chunks", func() io.Reader { return io.MultiReader(bytes.NewReader(body)) }, true},
			} {
				req, err := http.NewRequest("POST", s.url("/"), c.body())
				require.NoError(t, err)
				if c.expect {
					req.Header.Set("Expect", "100-continue")
				}
				res, err := client.Do(req)
				require.NoError(t, err, c.what)
				got, err := io.ReadAll(res.Body)
				require.NoError(t, err, c.what)
				require.Equal(t, sha256.Sum256(body), sha256.Sum256(got), c.what)
			}
			require.EqualValues(t, 1, s.r.Stats().Accepted, "the connection is kept")
		})
	}
}

// gauge is a handler's progress.
type gauge struct{ n atomic.Int64 }

// A slow reader slows the handler down, and a handler that does not read slows the writer
// down: no more is under way than the pipe and the kernel hold.
func TestBackPressure(t *testing.T) {
	const total, most = 64 << 20, 32 << 20
	var written, read gauge
	stop := make(chan struct{})
	s := begin(t, http1.Pool(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/up" {
			<-stop
			n, _ := io.Copy(io.Discard, r.Body)
			read.n.Store(n)
			return
		}
		b := make([]byte, 64<<10)
		for range total / len(b) {
			n, err := w.Write(b)
			if err != nil {
				return
			}
			written.n.Add(int64(n))
		}
	})), setup{http1: http1.Config{MaxBody: 1 << 40}})
	down := s.dial()
	down.send(lines("GET /down HTTP/1.1", "Host: h"))
	eventually(t, "the server waits for the client", func() bool { return s.r.Stats().Held > 0 })
	steady(t, &written.n)
	require.Less(t, written.n.Load(), int64(most))
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
	require.EqualValues(t, total, read.n.Load())
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
			require.Contains(t, log.String(), "adapter_test.go")

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
