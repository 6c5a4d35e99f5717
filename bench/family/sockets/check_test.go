package sockets

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pushcore/pushcore/bench/internal/hello"
	"github.com/pushcore/pushcore/bench/internal/loopback"
	"github.com/pushcore/pushcore/bench/internal/pattern"
)

// serve runs f on each connection to a listener on the loopback, and returns its address.
func serve(t *testing.T, f func(c net.Conn)) string {
	t.Helper()
	addr, stop, err := loopback.Serve(f)
	require.NoError(t, err)
	t.Cleanup(stop)
	return addr
}

// httpLike serves as the least of the peers does, and does to each response what spoil says.
func httpLike(t *testing.T, spoil func([]byte) []byte) string {
	return serve(t, func(c net.Conn) {
		var have []byte
		buf := make([]byte, 4096)
		for {
			n, err := c.Read(buf)
			if err != nil {
				return
			}
			have = append(have, buf[:n]...)
			for {
				path, used, err := hello.Next(have)
				if err != nil || used == 0 {
					break
				}
				out := spoil(hello.Append(nil, path))
				have = have[used:]
				if _, err := c.Write(out); err != nil {
					return
				}
			}
		}
	})
}

func TestCheckHTTP(t *testing.T) {
	require.NoError(t, checkPlaintext(httpLike(t, bytes.Clone)))
	require.NoError(t, checkJSON(httpLike(t, bytes.Clone)))
	swap := func(old, new string) func([]byte) []byte {
		return func(b []byte) []byte { return bytes.Replace(b, []byte(old), []byte(new), 1) }
	}
	for _, c := range []struct{ old, new, want string }{
		{"Hello", "Jello", "the body is"},
		{"200 OK", "500 No", "500 No"},
		{"HTTP/1.1", "HTTP/1.0", "HTTP/1.0"},
		{"text/plain", "text/html", "Content-Type"},
		{"Date:", "Late:", "no Date"},
		{"\r\nDate", "\r\nConnection: close\r\nDate", "close true"},
	} {
		err := checkPlaintext(httpLike(t, swap(c.old, c.new)))
		require.ErrorContains(t, err, "data error", c.want)
		require.ErrorContains(t, err, c.want)
	}
}

// TestCheckPipelining: a server that answers one request and forgets those behind it does not pass.
func TestCheckPipelining(t *testing.T) {
	addr := serve(t, func(c net.Conn) {
		r := bufio.NewReader(c)
		for range 3 { // as many as come alone
			for line := ""; line != "\r\n"; {
				var err error
				if line, err = r.ReadString('\n'); err != nil {
					return
				}
			}
			if _, err := c.Write(hello.Append(nil, []byte("/plaintext"))); err != nil {
				return
			}
		}
	})
	require.ErrorContains(t, checkPlaintext(addr), "data error")
}

func TestCheckRedis(t *testing.T) {
	replies := []string{"+PONG\r\n", "+OK\r\n", "$4\r\n\x00\r\n\xff\r\n", ":1\r\n$-1\r\n", "+OK\r\n:8\r\n:1\r\n"}
	canned := func(replies []string) string {
		return serve(t, func(c net.Conn) {
			buf := make([]byte, 4096)
			for _, reply := range replies {
				if _, err := c.Read(buf); err != nil {
					return
				}
				if _, err := io.WriteString(c, reply); err != nil {
					return
				}
			}
		})
	}
	require.NoError(t, checkRedis(canned(replies)))
	for i := range replies {
		wrong := append([]string(nil), replies...)
		wrong[i] = string(append([]byte{'-'}, wrong[i][1:]...))
		require.ErrorContains(t, checkRedis(canned(wrong)), "data error")
	}
	require.ErrorContains(t, checkRedis(canned(replies[:2])), "data error")
}

func TestCheckEcho(t *testing.T) {
	relay := func(spoil func(at int, b []byte) []byte) string {
		return serve(t, func(c net.Conn) {
			buf := make([]byte, 10_000)
			for at := 0; ; {
				n, err := c.Read(buf)
				if err != nil {
					return
				}
				out := spoil(at, buf[:n])
				at += n
				if _, err := c.Write(out); err != nil {
					return
				}
			}
		})
	}
	require.NoError(t, checkEcho(relay(func(_ int, b []byte) []byte { return b })))
	require.ErrorContains(t, checkEcho(relay(func(at int, b []byte) []byte {
		if at > 500_000 {
			b[0]++
		}
		return b
	})), "data error")
}

func TestCheckStream(t *testing.T) {
	text := pattern.Stream(streamSize)
	source := func(text []byte) string {
		return serve(t, func(c net.Conn) {
			one := make([]byte, 1)
			for {
				if _, err := io.ReadFull(c, one); err != nil {
					return
				}
				if _, err := c.Write(text); err != nil {
					return
				}
			}
		})
	}
	require.NoError(t, checkStream(source(text)))
	wrong := bytes.Clone(text)
	wrong[777_777]++
	require.ErrorContains(t, checkStream(source(wrong)), "data error")
	require.ErrorContains(t, checkStream(serve(t, func(c net.Conn) { _, _ = c.Write(text[:1000]) })), "data error")
}
