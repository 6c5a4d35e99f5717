package http1_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/examples/httpd/http1"
	"github.com/pushcore/pushcore/exec"
	"github.com/pushcore/pushcore/exec/netio"
)

// stream is several requests, one after the other.
var stream = lines("GET /1?a=b HTTP/1.1", "Host: h") +
	lines("POST /2 HTTP/1.1", "Host: h", "Content-Length: 5") + "hello" +
	lines("HEAD /3 HTTP/1.1", "Host: h", "X-Some: thing") +
	lines("PUT /4 HTTP/1.1", "Host: h", "Transfer-Encoding: chunked") + "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrail: er\r\n\r\n" +
	lines("DELETE http://other/5 HTTP/1.1", "Host: h", "Content-Length: 0") +
	lines("GET /6 HTTP/1.0", "Connection: keep-alive") +
	lines("GET /7 HTTP/1.1", "Host: h", "Connection: close")

var dates = regexp.MustCompile(`Date: [^\r]+`)

// all reads everything until the end, and takes out what changes with the time.
func (c *conn) all() string {
	c.t.Helper()
	b, err := io.ReadAll(c.br)
	require.NoError(c.t, err)
	return dates.ReplaceAllString(string(b), "Date: D")
}

// Wherever a stream of requests is cut, the answers are the same.
func TestEverySplit(t *testing.T) { eachWay(t, testEverySplit) }

func testEverySplit(t *testing.T, secure bool) {
	s := begin(t, tell, setup{tls: secure})
	whole := s.dial()
	whole.send(stream)
	want := whole.all()
	require.Equal(t, 7, strings.Count(want, "HTTP/1.1 200 OK\r\n"))
	for _, part := range []string{"GET /1?a=b ", "POST /2 hello", "PUT /4 abcde", "DELETE http://other/5 ", "Connection: keep-alive\r\n\r\nGET /6 ", "Connection: close\r\n\r\nGET /7 "} {
		require.Contains(t, want, part)
	}
	require.NotContains(t, want, "HEAD /3")
	for i := 1; i < len(stream); i++ {
		c := s.dial()
		c.send(stream[:i])
		if i%4 == 0 { // otherwise the two parts may, or may not, come together
			time.Sleep(200 * time.Microsecond)
		}
		c.send(stream[i:])
		require.Equal(t, want, c.all(), "cut at %d", i)
	}
	bytewise := s.dial()
	for i := range len(stream) {
		bytewise.send(stream[i : i+1])
	}
	require.Equal(t, want, bytewise.all())
	eventually(t, "all are closed", func() bool { return s.r.Stats().Conns == 0 })
	n := s.stats()
	require.EqualValues(t, 7*(len(stream)+1), n.Requests)
	require.Zero(t, n.Bad+n.Failed+n.Gone)
}

// Requests that come together are answered together: in one read, and one write.
func TestPipelineIsOneWrite(t *testing.T) {
	s := begin(t, tell, setup{})
	one := lines("GET / HTTP/1.1", "Host: h")
	c := s.dial()
	for _, n := range []int{1, 16, 64} {
		before := s.r.Stats()
		c.send(strings.Repeat(one, n))
		for range n {
			res, body := c.answer("GET")
			require.Equal(t, 200, res.StatusCode)
			require.Equal(t, "GET / ", body)
		}
		eventually(t, "the connection waits, without a coroutine", func() bool { return s.r.Stats().Waiting == 1 })
		eventually(t, "all is counted", func() bool { return s.r.Stats().BytesIn-before.BytesIn == uint64(n*len(one)) })
		now := s.r.Stats()
		require.EqualValues(t, 1, now.Writes-before.Writes, n)
		require.LessOrEqual(t, now.Reads-before.Reads, uint64(2), n) // 2: the one that found nothing at first
	}
}

// More answers than the buffer holds leave in several writes, in order.
func TestPipelineBeyondBuffer(t *testing.T) { eachWay(t, testPipelineBeyondBuffer) }

func testPipelineBeyondBuffer(t *testing.T, secure bool) {
	s := begin(t, tell, setup{tls: secure, http1: http1.Config{OutBuffer: 512}, netio: netio.Config{ReadBuffer: 64 << 10}})
	const n = 3000
	var b strings.Builder
	for i := range n {
		b.WriteString(lines(fmt.Sprintf("GET /%d HTTP/1.1", i), "Host: h"))
	}
	c := s.dial()
	go func() { _, _ = io.WriteString(c, b.String()) }()
	for i := range n {
		_, body := c.answer("GET")
		require.Equal(t, fmt.Sprintf("GET /%d ", i), body)
	}
}

// A client that waits for the answer to its first request, before it sends the rest of its
// second one, gets it.
func TestAnswerBeforeBodyIsThere(t *testing.T) { eachWay(t, testAnswerBeforeBodyIsThere) }

func testAnswerBeforeBodyIsThere(t *testing.T, secure bool) {
	s := begin(t, tell, setup{tls: secure})
	for _, rest := range []string{"POST / HTT|P/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nh|i", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n|hi\r\n0\r\n\r\n"} {
		first, second, _ := strings.Cut(rest, "|")
		c := s.dial()
		c.send(lines("GET /1 HTTP/1.1", "Host: h") + first)
		_, body := c.answer("GET")
		require.Equal(t, "GET /1 ", body)
		c.send(second)
		_, body = c.answer("POST")
		require.Equal(t, "POST / hi", body)
	}
}

func TestExpectContinue(t *testing.T) { eachWay(t, testExpectContinue) }

func testExpectContinue(t *testing.T, secure bool) {
	s := begin(t, func(co *exec.Co, w *http1.Response, r *http1.Request) error {
		if r.Path() == "/no" {
			return w.Send(http.StatusForbidden, "", nil)
		}
		return tell(co, w, r)
	}, setup{tls: secure})
	c := s.dial()
	head := []string{"Host: h", "Expect: 100-Continue", "Content-Length: 2"}
	c.send(lines(append([]string{"POST /yes HTTP/1.1"}, head...)...))
	res, _ := c.answer("POST")
	require.Equal(t, 100, res.StatusCode)
	c.send("hi")
	_, body := c.answer("POST")
	require.Equal(t, "POST /yes hi", body)
	// One that is there already is not asked for.
	c.send(lines(append([]string{"POST /there HTTP/1.1"}, head...)...) + "hi")
	_, body = c.answer("POST")
	require.Equal(t, "POST /there hi", body)
	// And one that is not wanted is not either; whether it comes all the same nobody knows.
	c.send(lines(append([]string{"POST /no HTTP/1.1"}, head...)...))
	res, _ = c.answer("POST")
	require.Equal(t, 403, res.StatusCode)
	c.closed()
	// HTTP/1.0 knows no such thing.
	c = s.dial()
	c.send(lines(append([]string{"POST /old HTTP/1.0"}, head...)...))
	time.Sleep(time.Millisecond)
	c.send("hi")
	res, body = c.answer("POST")
	require.Equal(t, 200, res.StatusCode)
	require.Equal(t, "POST /old hi", body)
}

// A body that the handler has not read is skipped, up to a limit.
func TestUnreadBody(t *testing.T) { eachWay(t, testUnreadBody) }

func testUnreadBody(t *testing.T, secure bool) {
	s := begin(t, func(_ *exec.Co, w *http1.Response, r *http1.Request) error {
		return w.Send(http.StatusOK, "", []byte(r.Path()))
	}, setup{tls: secure, http1: http1.Config{MaxBody: 1 << 30}})
	for _, framing := range []string{"Content-Length: 100000", "Transfer-Encoding: chunked"} {
		body := strings.Repeat("x", 100_000)
		if strings.HasPrefix(framing, "T") {
			body = "186a0\r\n" + body + "\r\n0\r\n\r\n"
		}
		c := s.dial()
		c.send(lines("PUT /1 HTTP/1.1", "Host: h", framing) + body + lines("GET /2 HTTP/1.1", "Host: h"))
		_, got := c.answer("PUT")
		require.Equal(t, "/1", got)
		_, got = c.answer("GET")
		require.Equal(t, "/2", got)
	}
	c := s.dial()
	c.send(lines("PUT /1 HTTP/1.1", "Host: h", "Content-Length: 1000000000"))
	go func() { _, _ = io.Copy(c, io.LimitReader(zeros{}, 1e6)) }()
	_, got := c.answer("PUT")
	require.Equal(t, "/1", got)
	_, err := c.br.ReadByte()
	require.Error(t, err)
	var late net.Error
	require.NotErrorAs(t, err, &late) // it is the end, and no timeout
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// How the end of an answer is told depends on the version and on what is known.
func TestFraming(t *testing.T) {
	s := begin(t, func(_ *exec.Co, w *http1.Response, r *http1.Request) error {
		status, length := 200, int64(-1)
		switch r.Path() {
		case "/none":
			return nil
		case "/204":
			status = 204
		case "/304":
			status = 304
		case "/length":
			length = 6
		}
		w.Header("X-Path", r.Path())
		if r.Path() == "/close" {
			w.Close()
		}
		if err := w.Start(status, "text/x", length); err != nil {
			return err
		}
		for _, part := range []string{"abc", "", "def"} {
			if _, err := w.Write([]byte(part)); err != nil {
				return err
			}
			if err := w.Flush(); err != nil {
				return err
			}
		}
		return nil
	}, setup{})
	for _, c := range []struct {
		method, path, version string
		length                int64
		body                  string
		closes                bool
	}{
		{"GET", "/", "1.1", -1, "abcdef", false},
		{"GET", "/", "1.0", -1, "abcdef", true},
		{"GET", "/length", "1.1", 6, "abcdef", false},
		{"GET", "/length", "1.0", 6, "abcdef", true},
		{"HEAD", "/", "1.1", -1, "", false},
		{"HEAD", "/length", "1.1", 6, "", false},
		{"GET", "/204", "1.1", 0, "", false},
		{"GET", "/304", "1.1", 0, "", false},
		{"GET", "/none", "1.1", 0, "", false},
		{"GET", "/close", "1.1", -1, "abcdef", true},
	} {
		cl := s.dial()
		cl.send(lines(c.method+" "+c.path+" HTTP/"+c.version, "Host: h"))
		res, body := cl.answer(c.method)
		require.Equal(t, c.body, body, c)
		require.Equal(t, c.length, res.ContentLength, c)
		require.Equal(t, c.closes, res.Close, c)
		if c.path != "/none" {
			require.Equal(t, c.path, res.Header.Get("X-Path"))
		}
		require.Equal(t, "pushcore", res.Header.Get("Server"))
		at, err := http.ParseTime(res.Header.Get("Date"))
		require.NoError(t, err)
		require.WithinDuration(t, time.Now(), at, 20*time.Second)
		if c.closes {
			cl.closed()
			continue
		}
		cl.send(lines("GET /length HTTP/1.1", "Host: h"))
		_, body = cl.answer("GET")
		require.Equal(t, "abcdef", body)
	}
}

// The date moves on.
func TestDate(t *testing.T) {
	s := begin(t, tell, setup{})
	c := s.dial()
	get := func() time.Time {
		c.send(lines("GET / HTTP/1.1", "Host: h"))
		res, _ := c.answer("GET")
		at, err := http.ParseTime(res.Header.Get("Date"))
		require.NoError(t, err)
		return at
	}
	first := get()
	eventually(t, "it is later", func() bool { return get().After(first) })
}

func TestWrongHeaderPanics(t *testing.T) {
	caught := make(chan any, 2)
	s := begin(t, func(_ *exec.Co, w *http1.Response, _ *http1.Request) error {
		for _, f := range [][2]string{{"a b", "c"}, {"a", "b\r\nc"}} {
			func() {
				defer func() { caught <- recover() }()
				w.Header(f[0], f[1])
			}()
		}
		return nil
	}, setup{})
	c := s.dial()
	c.send(lines("GET / HTTP/1.1", "Host: h"))
	c.answer("GET")
	require.Contains(t, <-caught, "no token")
	require.Contains(t, <-caught, "control character")
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
