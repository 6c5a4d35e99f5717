package http1_test

import (
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/examples/httpd/http1"
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
