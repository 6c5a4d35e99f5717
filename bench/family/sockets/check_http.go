package sockets

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/pushcore/pushcore/bench/internal/hello"
	"github.com/pushcore/pushcore/bench/internal/loopback"
)

// checkHTTP compares the responses for path with what they should be: to one request, to one that comes in pieces, and
// to several that come at once and with half of another.
func checkHTTP(path, kind, body string) func(addr string) error {
	return func(addr string) error {
		c, err := loopback.Dial(addr)
		if err != nil {
			return err
		}
		defer c.Close()
		counted := &counter{r: c}
		r := bufio.NewReader(counted)
		request := "GET " + path + " HTTP/1.1\r\nHost: " + addr + "\r\n\r\n"
		half := len(request) / 2
		for _, write := range []struct {
			text string
			want int
		}{
			{request, 1},
			{request[:half], 0},
			{request[half:], 1},
			{request + request + request + request[:half], 3},
			{request[half:] + request, 2},
		} {
			if _, err := io.WriteString(c, write.text); err != nil {
				return err
			}
			if write.want == 0 {
				time.Sleep(20 * time.Millisecond) // so that the pieces come one by one
			}
			for range write.want {
				if err := checkResponse(r, kind, body); err != nil {
					return fmt.Errorf("data error: %s: %w", path, err)
				}
			}
		}
		if each := counted.n / 7; each < leastResponse(body) {
			return fmt.Errorf("data error: %s: responses have %d bytes, without what the others send: at least %d",
				path, each, leastResponse(body))
		}
		return nil
	}
}

func checkResponse(r *bufio.Reader, kind, body string) error {
	res, err := http.ReadResponse(r, nil)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	switch {
	case err != nil:
		return err
	case res.StatusCode != http.StatusOK || res.ProtoMinor != 1 || res.Close:
		return fmt.Errorf("%s %s, close %v", res.Proto, res.Status, res.Close)
	case string(got) != body || res.ContentLength != int64(len(body)):
		return fmt.Errorf("the body is %q, of length %d", got, res.ContentLength)
	case res.Header.Get("Content-Type") != kind && res.Header.Get("Content-Type") != kind+"; charset=utf-8":
		return fmt.Errorf("Content-Type is %q", res.Header.Get("Content-Type"))
	}
	if _, err := http.ParseTime(res.Header.Get("Date")); err != nil {
		return errors.Join(errors.New("no Date"), err)
	}
	return nil
}

// leastResponse is how long a response is without a Server header, which some leave out.
func leastResponse(body string) int {
	const least = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n" +
		"Date: Sat, 21 Nov 2026 20:51:01 GMT\r\n\r\n"
	return len(least) + len(body)
}

// counter counts what is read.
type counter struct {
	r io.Reader
	n int
}

func (c *counter) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n += n
	return n, err
}

var (
	checkPlaintext = checkHTTP("/plaintext", hello.TextType, hello.Text)
	checkJSON      = checkHTTP("/json", hello.JSONType, string(hello.JSON()))
)
